"""Serving HTTP and sockets with uvicorn, and stopping without losing anything."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from attrs import frozen
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .http.protocol import AbortableWebSocket, guarded_http


class PortInUse(RuntimeError):
    """The address to listen on is taken, or not this machine's."""


@frozen
class Listen:
    """Where to listen, and the guards of the transport. Times are seconds."""

    host: str
    port: int
    header_bytes: int
    frame_bytes: int
    handshake_seconds: float
    body_seconds: float
    drain_seconds: float


class _Server(uvicorn.Server):
    """uvicorn without its own signals: parlour lets sockets go itself, with a code that says to come back."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(listen: Listen) -> socket.socket:
    """The socket to listen on. `PortInUse` when it cannot be had."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((listen.host, listen.port))
    except OSError as error:
        sock.close()
        raise PortInUse(
            f"cannot listen on {listen.host}:{listen.port}: {error.strerror}. Stop what does, or set HOST and PORT."
        ) from error
    sock.set_inheritable(True)
    return sock


async def serve(
    app: Any,
    listen: Listen,
    sock: socket.socket,
    ready: Callable[[int], None],
    drain: Callable[[float], Awaitable[None]],
) -> None:
    """Serve until SIGTERM or SIGINT: then take nothing new, let sockets go, end requests under way, and return.

    `ready` is called with the port once the server listens. A second signal ends it at once.
    """
    config = uvicorn.Config(
        app,
        http=guarded_http(listen.header_bytes, listen.handshake_seconds, listen.body_seconds),
        ws=AbortableWebSocket,
        ws_max_size=listen.frame_bytes * 16,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # `trusted_proxies` says whom to believe
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        backlog=2048,
    )
    server = _Server(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stop, server)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    if server.started:
        _spare_the_collector()
        ready(sock.getsockname()[1])
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for listener in server.servers:
        listener.close()
    for connection in tuple(server.server_state.connections):
        if isinstance(connection, HttpToolsProtocol):
            connection.shutdown()  # after the answer that is under way, if there is one
    await drain(listen.drain_seconds)
    server.should_exit = True
    await serving
    stopping.cancel()


def _spare_the_collector() -> None:
    """What is loaded by now stays: looking at it again and again would cost pauses of tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _stop(stop: asyncio.Event, server: uvicorn.Server) -> None:
    if stop.is_set():
        server.should_exit = server.force_exit = True
    stop.set()


def run(main: Awaitable[None], *, debug: bool = False) -> None:
    """Run the server's main coroutine on uvloop, where there is one."""
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(debug=debug, loop_factory=factory) as runner:
        runner.run(_awaited(main))


async def _awaited(main: Awaitable[None]) -> None:
    await main
