"""uvicorn's protocols with the guards they lack: a bound on the head of a request, on its time, and a way to let go."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class AbortableWebSocket(WebSocketsSansIOProtocol):
    """Tells the application how to abort the connection of a reader that does not read."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"]["parlour.abort"] = self.transport.abort


class GuardedHttp(HttpToolsProtocol):
    """Lets go of a client whose request's head is too large, or whose head or body takes too long to arrive."""

    head_bytes = 32_768
    head_seconds = 10.0
    body_seconds = 60.0

    _waits: asyncio.TimerHandle | None = None
    _heads, _head, _in_head = 0, 0, True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._heads, self._in_head = self._heads + 1, True
        self._wait(self.head_seconds)
        super().on_message_begin()
        extensions: Any = {"parlour.abort": self._abort}
        self.scope["extensions"] = extensions

    def _abort(self) -> None:
        self.transport.abort()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._arrived()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        heads = self._heads
        super().data_received(data)
        if self._in_head and self._heads == heads:  # all of it belongs to one head, which goes on
            self._head += len(data)
            if self._head > self.head_bytes:
                self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._head = 0
        self._arrived()
        self._waits = self.loop.call_later(seconds, self.transport.abort)

    def _arrived(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None


def guarded_http(head_bytes: int, head_seconds: float, body_seconds: float) -> type[GuardedHttp]:
    """The protocol class with these bounds; the server wants a class."""
    bounds = {"head_bytes": head_bytes, "head_seconds": head_seconds, "body_seconds": body_seconds}
    return type("BoundedHttp", (GuardedHttp,), bounds)
