"""Composition of a server: an instance, and the ways into it over the network."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ..adapters.codec.schemas import MsgspecSchemas
from ..application.kernel.health import Health
from ..domain.kernel.event import event_classes
from ..entrypoints.control import Control
from ..entrypoints.http.app import App, create_app
from ..entrypoints.http.docs import DocsResource
from ..entrypoints.http.health import HealthResource
from ..entrypoints.http.openapi import DescriptionResource, describe
from ..entrypoints.http.resource import Means as HttpMeans
from ..entrypoints.realtime import asyncapi
from ..entrypoints.realtime.handshake import SocketResource
from ..entrypoints.realtime.means import Means as SocketMeans
from ..entrypoints.realtime.session import Timing
from ..entrypoints.realtime.sse import EventsResource
from ..entrypoints.server import Listen, listening, serve
from .instance import Instance
from .plan import plan_of
from .settings import Settings


def make_app(instance: Instance, settings: Settings, version: str) -> App:
    """The HTTP application of an instance, with sockets, health and its own description."""
    limits = instance.plan.limits
    instance.desk.serving = True
    http = HttpMeans(instance.bus, instance.codec, instance.authenticator, limits)
    routes = [route for module in instance.plan.modules for route in module.routes]
    health = Health([instance.store_check], instance.clock)

    def counts() -> dict[str, int]:
        return {"connections": len(instance.connections), "rooms": instance.hub.topics}

    flags, codec, schemas = instance.flags, instance.codec, MsgspecSchemas()
    host = urlsplit(settings.public_url).netloc or f"{settings.host}:{settings.port}"
    http_said = DescriptionResource(lambda: describe(routes, instance.catalogue, schemas, flags, version), flags, codec)
    live_said = DescriptionResource(
        lambda: asyncapi.describe(instance.catalogue, event_classes(), schemas, flags, version, host), flags, codec
    )
    page = DocsResource()
    healthy = HealthResource(health, instance.codec, counts, version)
    live = _socket_means(instance, settings)
    resources: list[tuple[str, Any, str | None]] = [
        ("/ws", SocketResource(live, settings.origins), None),
        ("/events", EventsResource(live, settings.comment_seconds), None),
        ("/openapi.json", http_said, None),
        ("/asyncapi.json", live_said, None),
        ("/docs", page, None),
        ("/docs/{name}", page, "file"),
        ("/health", healthy, None),
        ("/health/ready", healthy, "ready"),
        ("/health/simple", healthy, "simple"),
    ]
    return create_app(http, routes, resources, cors_origins=settings.origins, trusted_proxies=settings.trusted_proxies)


def _socket_means(instance: Instance, settings: Settings) -> SocketMeans:
    return SocketMeans(
        bus=instance.bus,
        hub=instance.hub,
        connections=instance.connections,
        roster=instance.roster,
        authenticator=instance.authenticator,
        codec=instance.codec,
        limits=instance.plan.limits,
        flags=instance.flags,
        timing=Timing(settings.heartbeat_seconds, settings.heartbeat_timeout_seconds, settings.first_frame_seconds),
        life=instance.plan.lifetimes,
        clock=instance.clock,
        seconds=time.monotonic,
        outbound_bytes=settings.outbound_bytes,
        send=settings.send_seconds,
    )


async def serve_settings(settings: Settings, version: str, ready: Callable[[int], None]) -> None:
    """Serve as the settings say until the process is told to stop."""
    listen = Listen(
        host=settings.host,
        port=settings.port,
        header_bytes=settings.header_bytes,
        frame_bytes=settings.frame_bytes,
        handshake_seconds=settings.handshake_seconds,
        body_seconds=settings.body_seconds,
        drain_seconds=settings.drain_seconds,
    )
    sock = listening(listen)
    try:
        instance = Instance(plan_of(settings))
    except BaseException:
        sock.close()
        raise
    control = Control(instance.bus, instance.codec)
    try:
        await instance.start()
        if (file := instance.store.file) is not None:  # the command line cannot open it beside us: it asks
            file.say(await control.open(file.path))
        app = make_app(instance, settings, version)
        await serve(app, listen, sock, ready, instance.connections.drain)
    finally:
        await control.close()
        await instance.stop()
