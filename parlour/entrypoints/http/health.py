"""Whether the server is well."""

from collections.abc import Callable, Mapping
from typing import Any

import falcon.asgi

from ...application.kernel.health import Health
from ...application.kernel.ports import Codec


class HealthResource:
    """`/health`: every dependency with its state; 503 when the server should get no requests."""

    def __init__(self, health: Health, codec: Codec, counts: Callable[[], Mapping[str, int]], version: str) -> None:
        self._health, self._codec, self._counts, self._version = health, codec, counts, version

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        report = await self._health.report()
        resp.status = 200 if report.ready else 503
        said: dict[str, Any] = {"status": report.status, **report.parts, **self._counts(), "version": self._version}
        resp.data = self._codec.encode(said)

    async def on_get_ready(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        report = await self._health.report()
        resp.status = 200 if report.ready else 503
        resp.data = self._codec.encode({"status": report.status})

    async def on_get_simple(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.data = b'{"status":"ok"}'
