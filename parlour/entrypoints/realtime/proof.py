"""What a request for a connection brings: how it says who it is, and how to let go of it."""

from collections.abc import Callable, Sequence
from typing import Any

import falcon.asgi

from .means import Means, Prove


def proof_of(req: falcon.asgi.Request, means: Means, subprotocols: Sequence[str] = ()) -> Prove | None:
    """How the request says who it is: a ticket, or a token in a header, a subprotocol or the address."""
    authenticator, life = means.authenticator, means.life
    ticket = req.params.get("ticket")
    if isinstance(ticket, str) and ticket:
        return lambda: authenticator.by_ticket(ticket, life)
    token = _token(req, subprotocols)
    return (lambda: authenticator.actor(token)) if token is not None else None


def _token(req: falcon.asgi.Request, subprotocols: Sequence[str]) -> str | None:
    header: str | None = req.get_header("Authorization")
    if header is not None:
        scheme, _, given = header.partition(" ")
        return given.strip() if scheme.lower() == "bearer" else ""  # which is no token, and refused as one
    for offered in subprotocols:
        if offered.startswith("bearer."):
            return offered.removeprefix("bearer.")
    token = req.params.get("token")
    return token if isinstance(token, str) and token else None


def abort_of(req: falcon.asgi.Request) -> Callable[[], None]:
    """How to let go of a connection whose reader does not read; the server's protocol class says."""
    extensions: dict[str, Any] = req.scope.get("extensions") or {}
    abort: Callable[[], None] = extensions.get("parlour.abort", lambda: None)
    return abort
