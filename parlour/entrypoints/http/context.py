"""What is known of a request: its id, where it comes from, who sends it."""

import re
import uuid

import falcon.asgi
from attrs import define

from ...application.identity.signing import Authenticator
from ...application.kernel.actor import STRANGER, Actor
from ...domain.kernel.errors import Unauthenticated

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")


@define
class Known:
    """Set on every request by the first middleware."""

    request_id: str
    address: str
    agent: str | None


def request_id_of(given: str | None) -> str:
    """The id the caller gave, when it is a plain one; otherwise a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def address_of(peer: str | None, forwarded: str | None, trusted_proxies: int) -> str:
    """The caller's address: the peer's, or what the last `trusted_proxies` proxies say of whom they speak for."""
    hops = [h.strip() for h in forwarded.split(",")] if forwarded and trusted_proxies else []
    if len(hops) >= trusted_proxies > 0:
        return hops[-trusted_proxies][:64]
    return peer or "unknown"


def bearer_of(header: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header (RFC 6750)."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Only bearer tokens are understood.", code="invalid_token")
    return token.strip()


async def actor_of(req: falcon.asgi.Request, authenticator: Authenticator) -> Actor:
    """Who sends the request; nobody when it carries no token."""
    token = bearer_of(req.get_header("Authorization"))
    if token is None:
        return STRANGER
    actor, _ = await authenticator.actor(token)
    return actor
