"""Opening `/ws`: where it may come from, and who it is."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import falcon
import falcon.asgi

from ...domain.kernel.errors import DomainError
from . import session as protocol
from .websocket import Means, Prove, Socket

SUBPROTOCOL = "parlour.v1"


class SocketResource:
    """Takes in sockets. `origins` are the web origins that may open one, beside the server's own."""

    def __init__(self, means: Means, origins: Sequence[str]) -> None:
        self._means, self._origins = means, frozenset(origins)

    async def on_websocket(self, req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> None:
        self._check_origin(req)
        offered = [p for p in ws.subprotocols if p == SUBPROTOCOL]
        socket = Socket(self._means, ws, req.context.known, _abort_of(req))
        await ws.accept(subprotocol=offered[0] if offered else None)
        try:
            self._means.connections.admit(socket)
        except DomainError as error:
            return await ws.close(protocol.TOO_MANY, error.code)
        try:
            await socket.run(self._proof(req, ws))
        finally:
            self._means.connections.leave(socket)

    def _check_origin(self, req: falcon.asgi.Request) -> None:
        """A web page of another site may not open a socket with its visitor's rights."""
        origin: str | None = req.get_header("Origin")
        if origin is None or origin in self._origins:
            return
        if urlsplit(origin).netloc.lower() != (req.get_header("Host") or "").lower():
            raise falcon.HTTPForbidden(title="Wrong origin", description="Sockets are not opened from this origin.")

    def _proof(self, req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> Prove | None:
        """How the request says who it is: a ticket, or a token in a header, a subprotocol or the address."""
        authenticator, life = self._means.authenticator, self._means.life
        ticket = req.params.get("ticket")
        if isinstance(ticket, str) and ticket:
            return lambda: authenticator.by_ticket(ticket, life)
        token = _token(req, ws)
        return (lambda: authenticator.actor(token)) if token is not None else None


def _token(req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> str | None:
    header: str | None = req.get_header("Authorization")
    if header is not None:
        return header.partition(" ")[2].strip()
    for offered in ws.subprotocols:
        if offered.startswith("bearer."):
            return offered.removeprefix("bearer.")
    token = req.params.get("token")
    return token if isinstance(token, str) and token else None


def _abort_of(req: falcon.asgi.Request) -> Callable[[], None]:
    """How to let go of a connection whose reader does not read; the server's protocol class says."""
    extensions: dict[str, Any] = req.scope.get("extensions") or {}
    abort: Callable[[], None] = extensions.get("parlour.abort", lambda: None)
    return abort
