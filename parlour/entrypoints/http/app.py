"""The HTTP application: middleware, routes, errors."""

import logging
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

import falcon
import falcon.asgi

from ...domain.kernel.errors import DomainError, TooLarge
from ..errors import TABLE, TYPE, internal, problem, retry_after
from .context import Known, address_of, request_id_of
from .request import Request
from .resource import Means, UnsupportedBody, UseCaseResource
from .route import Route

log = logging.getLogger("parlour.http")
access = logging.getLogger("parlour.access")

App = falcon.asgi.App[Request, falcon.asgi.Response]

PROBLEM = "application/problem+json"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-site",
}


class Everything:
    """Middleware round every request: its id in and out, safe headers, and a line in the log without any token."""

    def __init__(self, trusted_proxies: int, head_bytes: int) -> None:
        self._trusted_proxies, self._head_bytes = trusted_proxies, head_bytes

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        req.context.began = time.perf_counter()
        req.context.known = self._known(req)
        resp.set_header("X-Request-ID", req.context.known.request_id)
        resp.set_headers(SECURITY)
        if sum(len(name) + len(value) + 4 for name, value in req.scope["headers"]) > self._head_bytes:
            raise TooLarge(f"The head of a request has at most {self._head_bytes:,} bytes.")

    async def process_request_ws(self, req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> None:
        req.context.known = self._known(req)

    async def process_response(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: object, req_succeeded: bool
    ) -> None:
        milliseconds = round((time.perf_counter() - req.context.began) * 1000, 1)
        known: Known = req.context.known
        access.info(
            "%s %s", req.method, req.uri_template or "(no such route)",
            extra={
                "status": resp.status_code, "ms": milliseconds, "request_id": known.request_id, "address": known.address
            },
        )  # fmt: skip

    def _known(self, req: falcon.asgi.Request) -> Known:
        address = address_of(req.remote_addr, req.get_header("X-Forwarded-For"), self._trusted_proxies)
        return Known(request_id_of(req.get_header("X-Request-ID")), address, req.user_agent)


def create_app(
    means: Means,
    routes: Iterable[Route],
    resources: Iterable[tuple[str, Any, str | None]],
    *,
    cors_origins: Sequence[str] = (),
    trusted_proxies: int = 0,
) -> App:
    """The application with the routes of all features and some resources more."""
    middleware: list[Any] = [Everything(trusted_proxies, means.limits.header_bytes)]
    if cors_origins:
        exposed = ["X-Request-ID", "RateLimit", "RateLimit-Policy", "Retry-After", "Idempotency-Replayed"]
        middleware.append(falcon.CORSMiddleware(allow_origins=list(cors_origins), expose_headers=exposed))
    app = falcon.asgi.App(middleware=middleware, request_type=Request)
    app.req_options.auto_parse_qs_csv = False
    app.req_options.keep_blank_qs_values = True
    app.ws_options.max_receive_queue = 0  # a socket always reads; the server's own queue is enough
    by_path: dict[str, list[Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, []).append(route)
    for path, there in by_path.items():
        app.add_route(path, UseCaseResource(there, means))
    for path, resource, suffix in resources:
        app.add_route(path, resource, suffix=suffix)
    _add_errors(app, means)
    return app


def _add_errors(app: App, means: Means) -> None:
    def send(resp: falcon.asgi.Response, said: dict[str, Any]) -> None:
        resp.status = said["status"]
        resp.content_type = PROBLEM
        resp.data = means.codec.encode(said)

    async def on_domain(req: Any, resp: Any, error: DomainError, params: Any, ws: Any = None) -> None:
        said = problem(error, req.context.known.request_id)
        if isinstance(error, UnsupportedBody):
            said["status"] = 415
        tell_in_headers(resp, error)
        send(resp, said)

    async def on_http(req: Any, resp: Any, error: falcon.HTTPError, params: Any, ws: Any = None) -> None:
        if ws is not None:
            await ws.close()  # before the upgrade: 403
            return
        if error.headers:
            resp.set_headers(error.headers)
        send(resp, _not_understood(req, error))

    async def on_failure(req: Any, resp: Any, error: Exception, params: Any, ws: Any = None) -> None:
        request_id = req.context.known.request_id
        log.error("a request failed", exc_info=error, extra={"request_id": request_id})
        if ws is not None:
            await ws.close(1011)
            return
        send(resp, internal(request_id))

    app.add_error_handler(Exception, on_failure)
    app.add_error_handler(falcon.HTTPError, on_http)
    app.add_error_handler(DomainError, on_domain)


def tell_in_headers(resp: falcon.asgi.Response, error: DomainError) -> None:
    if TABLE[error.category].status == 401:
        resp.set_header("WWW-Authenticate", "Bearer")
    wait = retry_after(error)
    if wait is not None:
        resp.set_header("Retry-After", str(max(1, math.ceil(wait))))


def _not_understood(req: Any, error: falcon.HTTPError) -> dict[str, Any]:
    code = {404: "no_such_route", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    title = error.title or "Not understood"
    return {
        "type": TYPE + code,
        "title": title,
        "status": error.status_code,
        "detail": error.description or f"{title}: {req.method} {req.path}",
        "code": code,
        "retryable": False,
        "request_id": req.context.known.request_id,
    }
