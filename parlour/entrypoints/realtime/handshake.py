"""Opening `/ws`: where it may come from, and who it is."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import falcon
import falcon.asgi

from ...domain.kernel.errors import DomainError
from . import effects as protocol
from .means import Means
from .proof import abort_of, proof_of
from .websocket import Socket

SUBPROTOCOL = "parlour.v1"


class SocketResource:
    """Takes in sockets. `origins` are the web origins that may open one, beside the server's own."""

    def __init__(self, means: Means, origins: Sequence[str]) -> None:
        self._means, self._origins = means, frozenset(origins)

    async def on_websocket(self, req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> None:
        self._check_origin(req)
        offered = [p for p in ws.subprotocols if p == SUBPROTOCOL]
        socket = Socket(self._means, ws, req.context.known, abort_of(req))
        await ws.accept(subprotocol=offered[0] if offered else None)
        try:
            self._means.connections.admit(socket)
        except DomainError as error:
            return await ws.close(protocol.TOO_MANY, error.code)
        try:
            await socket.run(proof_of(req, self._means, ws.subprotocols))
        finally:
            self._means.connections.leave(socket)

    def _check_origin(self, req: falcon.asgi.Request) -> None:
        """A web page of another site may not open a socket with its visitor's rights."""
        origin: str | None = req.get_header("Origin")
        if origin is None or origin in self._origins:
            return
        if urlsplit(origin).netloc.lower() != (req.get_header("Host") or "").lower():
            raise falcon.HTTPForbidden(title="Wrong origin", description="Sockets are not opened from this origin.")
