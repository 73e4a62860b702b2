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


def guarded_http(  # noqa: C901 - a class, not a path
    head_bytes: int, head_seconds: float, body_seconds: float
) -> type[HttpToolsProtocol]:
    """A protocol class that lets go of a client whose request's head is too large, or head or body takes too long."""

    class GuardedHttp(HttpToolsProtocol):
        _waits: asyncio.TimerHandle | None = None
        _head, _in_head = 0, True

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait(head_seconds)

        def connection_lost(self, exc: Exception | None) -> None:
            self._arrived()
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            self._in_head = True
            self._wait(head_seconds)
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._in_head = False
            self._wait(body_seconds)
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            self._arrived()
            super().on_message_complete()

        def handle_websocket_upgrade(self) -> None:
            self._arrived()
            super().handle_websocket_upgrade()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._head += len(data)
            if self._in_head and self._head > head_bytes:
                self.transport.abort()

        def _wait(self, seconds: float) -> None:
            self._head = 0
            self._arrived()
            self._waits = self.loop.call_later(seconds, self.transport.abort)

        def _arrived(self) -> None:
            if self._waits is not None:
                self._waits.cancel()
                self._waits = None

    return GuardedHttp
