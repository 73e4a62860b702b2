"""The one resource of all use cases: binds path, query and body, calls the bus, encodes the view."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import falcon
import falcon.asgi
from attrs import frozen

from ...application.identity.signing import Authenticator
from ...application.kernel.actor import STRANGER, Actor, Allowance, Call, Way
from ...application.kernel.bus import Bus
from ...application.kernel.limits import Limits
from ...application.kernel.ports import Codec
from ...domain.kernel.errors import Fault, Invalid, TooLarge, Unauthenticated
from .context import Known, actor_of
from .route import Route

_JSON = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)

MOST = 20  # names told of one request

Responder = Callable[..., Awaitable[None]]


@frozen
class Means:
    """What the resource needs."""

    bus: Bus
    codec: Codec
    authenticator: Authenticator
    limits: Limits


class UnsupportedBody(Invalid):
    """A body in another format than JSON."""

    default_code = "unsupported_media_type"


class UseCaseResource:
    """All routes of one path."""

    def __init__(self, routes: list[Route], means: Means) -> None:
        for route in routes:
            setattr(self, f"on_{route.method.lower()}", _responder(route, means))
            if route.method == "GET":
                self.on_head = self.on_get  # type: ignore[attr-defined] # the server sends no body then (RFC 9110, 9.3.2)


def _responder(route: Route, means: Means) -> Responder:
    entry = means.bus.catalogue.of(route.asks)
    with_body = route.method in {"POST", "PUT", "PATCH"}

    async def respond(req: falcon.asgi.Request, resp: falcon.asgi.Response, **path: str) -> None:
        known: Known = req.context.known
        actor = await _actor(req, means, strangers=entry.strangers)
        body = await read_body(req, means) if with_body else {}
        call = Call(actor, Way.HTTP, known.request_id, _key(req), b"", known.address, known.agent)
        try:
            texts = _texts(route, path, req.params, body, command=entry.is_command)
            answer = await means.bus.call(entry.name, body, call, texts)
        finally:
            if call.allowance is not None:
                _tell_allowance(resp, call.allowance)
        resp.status = route.status if answer.made else 200
        if answer.replayed:
            resp.set_header("Idempotency-Replayed", "true")
        resp.content_type = falcon.MEDIA_JSON
        resp.data = means.codec.encode(answer.value)

    return respond


async def _actor(req: falcon.asgi.Request, means: Means, *, strangers: bool) -> Actor:
    """Who asks. A token that is over does not keep anybody from what strangers may do: renewing it, for one."""
    try:
        return await actor_of(req, means.authenticator)
    except Unauthenticated:
        if not strangers:
            raise
        return STRANGER


async def read_body(req: falcon.asgi.Request, means: Means) -> Mapping[str, Any]:
    """The JSON object of a request; an empty body is an empty object."""
    most = means.limits.body_bytes
    if req.content_length is not None and req.content_length > most:
        raise TooLarge(f"A body has at most {most:,} bytes.")
    raw = b""
    while chunk := await req.stream.read(65_536):
        raw += chunk
        if len(raw) > most:
            raise TooLarge(f"A body has at most {most:,} bytes.")
    if not raw:
        return {}
    if req.content_type and not _JSON.fullmatch(req.content_type):
        raise UnsupportedBody(message="Bodies are JSON: send Content-Type: application/json.")
    body = means.codec.parse(raw)
    if not isinstance(body, dict):
        raise Invalid(Fault("", "type", "Expected an object."))
    return body


def _texts(
    route: Route, path: Mapping[str, str], query: Mapping[str, Any], body: Mapping[str, Any], *, command: bool
) -> dict[str, Any]:
    """What stands in the address. A command is sent in the body: a query string stands in logs and histories."""
    if command and (stray := [name for name in query if name not in route.names]):
        detail = "A command takes its fields from the path and the body; leave it out of the query string."
        raise Invalid(*(Fault(f"/{name[:64]}", "in_query", detail) for name in stray[:MOST]))
    texts: dict[str, Any] = {}
    twice = []
    for name, value in (*path.items(), *query.items()):
        field = route.names.get(name, name)
        if field in texts:
            twice.append(name)
        texts[field] = value
    twice += [name for name in texts if name in body]
    if twice:
        raise Invalid(*(Fault(f"/{name}", "twice", "Stands in the address already.") for name in twice))
    return texts


def _key(req: falcon.asgi.Request) -> str | None:
    key: str | None = req.get_header("Idempotency-Key")
    if key is not None and not (0 < len(key) <= 255 and key.isprintable()):
        raise Invalid(
            Fault("", "idempotency_key", "An Idempotency-Key has 1 to 255 printable characters."),
            code="idempotency_key",
        )
    return key


def _tell_allowance(resp: falcon.asgi.Response, allowance: Allowance) -> None:
    reset = str(max(0, round(allowance.reset_after)))
    resp.set_header("RateLimit-Policy", allowance.policy)
    resp.set_header("RateLimit", f"{allowance.policy.split(';')[0]};r={allowance.remaining};t={reset}")
    resp.set_header("X-RateLimit-Limit", str(allowance.limit))
    resp.set_header("X-RateLimit-Remaining", str(allowance.remaining))
    resp.set_header("X-RateLimit-Reset", reset)
