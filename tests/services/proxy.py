"""A TCP proxy in front of a server, with the faults of a network, switched while connections are open."""

import asyncio
import contextlib
import socket
import struct
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator

from attrs import define

RST = struct.pack("ii", 1, 0)
"""For SO_LINGER: `close` throws away what was not sent, and the other side is told so."""


@define(eq=False)
class Link:
    """A client's connection and its counterpart at the server; `lost` when bytes of it are gone for good."""

    client: StreamWriter
    server: StreamWriter | None = None
    lost: bool = False

    def end(self, lost: bool = False) -> None:
        self.lost |= lost
        for side in filter(None, (self.client, self.server)):
            if self.lost and not side.transport.is_closing():
                side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                side.transport.abort()
            side.close()


class Proxy:
    """Listens on `port` of 127.0.0.1 in a thread of its own. What it offers may be called from anywhere, loops too."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.port = 0
        self._late = 0.0
        self._refusing = False
        self._open = asyncio.Event()  # not set while it is a black hole
        self._open.set()
        self._finished = asyncio.Event()
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._thread.start()
        assert self._listening.wait(10), "the proxy did not start"

    def pass_on(self, late: float = 0.0) -> None:
        """No fault from now on, but for seconds that everything is late, each way. What lost something is reset."""
        self._do(lambda: self._become(late=late))

    def cut(self) -> None:
        """Reset every open connection; new ones are as before."""
        self._do(self._reset)

    def refuse(self) -> None:
        """Reset every open connection, and from now on each new one."""
        self._do(lambda: self._become(refusing=True))
        self.cut()

    def black_hole(self) -> None:
        """Accept everything and swallow it, either way: no answer, no end, no error."""
        self._do(self._open.clear)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._finished.set)
        self._thread.join(10)
        self._loop.close()

    def _do(self, action: Callable[[], object]) -> None:
        """In the proxy's thread, and done when this returns."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(action)
        self._loop.call_soon_threadsafe(self._loop.call_soon, done.set)  # a reset goes out one turn later
        assert done.wait(10), "the proxy does not answer"

    def _become(self, late: float = 0.0, refusing: bool = False) -> None:
        self._late, self._refusing = late, refusing
        self._open.set()
        for link in self._links:
            if link.lost:
                link.end()

    def _reset(self) -> None:
        for link in self._links:
            link.end(lost=True)

    async def _run(self) -> None:
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as listening:
            self.port = listening.sockets[0].getsockname()[1]
            self._listening.set()
            await self._finished.wait()
            self._become(refusing=True)
            self._reset()
            while self._links:
                await asyncio.sleep(0.001)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        link = Link(writer, lost=self._refusing or not self._open.is_set())
        self._links.add(link)
        with contextlib.suppress(OSError):
            await self._open.wait()
            if not link.lost:
                await self._connect(link, reader)
        self._links.discard(link)
        link.end()

    async def _connect(self, link: Link, reader: StreamReader) -> None:
        try:
            answers, link.server = await asyncio.open_connection("127.0.0.1", self.upstream_port)
            ways = (self._hand_on(reader, link.server, link), self._hand_on(answers, link.client, link))
            tasks = [asyncio.ensure_future(way) for way in ways]
            done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                task.cancel()
            await done.pop()
        except OSError:
            link.lost = True

    async def _hand_on(self, source: StreamReader, target: StreamWriter, link: Link) -> None:
        """Until the source ends; a black hole lets its end through as little as the rest."""
        while data := await source.read(65_536):
            await asyncio.sleep(self._late)
            link.lost |= not self._open.is_set()
            if not link.lost:
                target.write(data)
                await target.drain()
        await self._open.wait()


@contextlib.contextmanager
def running_proxy(upstream_port: int) -> Iterator[Proxy]:
    proxy = Proxy(upstream_port)
    try:
        yield proxy
    finally:
        proxy.close()
