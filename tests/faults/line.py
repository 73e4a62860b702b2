"""One WebSocket of a client: questions and their answers, and whatever else arrives."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

Frame = dict[str, Any]
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, EOFError, TimeoutError)


class Gone(ConnectionError):
    """The connection was lost; whether the question was acted on is not known."""


class Refused(Exception):
    """The server said no."""

    def __init__(self, problem: Frame) -> None:
        super().__init__(problem)
        self.code: str = problem["code"]
        self.retryable: bool = problem["retryable"]


class Line:
    """Open it with `async with`. `heard` gets every frame that is no answer, and `subscribed`, in their order."""

    def __init__(self, url: str, token: str, heard: Callable[[Frame], None] = lambda frame: None) -> None:
        self._url, self._token, self._heard = url, token, heard
        self._asked: dict[str, asyncio.Future[Frame]] = {}
        self._ids = itertools.count(1)
        self._ws: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()
        self.code: int | None = None

    async def __aenter__(self) -> Self:
        try:
            self._ws = await connect(
                self._url, additional_headers={"Authorization": f"Bearer {self._token}"}, compression=None, max_queue=None, max_size=None,
                open_timeout=10, close_timeout=1, ping_interval=None,
            )  # fmt: skip
            welcome = json.loads(await self._ws.recv())
        except BROKEN as error:
            raise Gone(str(error)) from error
        if welcome["type"] == "error" and welcome["error"]["retryable"]:
            await self._ws.close()
            raise Gone(welcome["error"]["code"])
        assert welcome["type"] == "welcome", welcome
        self._reader = asyncio.create_task(self._read(self._ws))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._ws is not None
        assert self._reader is not None
        await self._ws.close()
        await self._reader

    async def _read(self, ws: ClientConnection) -> None:
        try:
            async for text in ws:
                await self._hear(ws, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.code = ws.close_code
            self.closed.set()
            for future in self._asked.values():
                if not future.done():
                    future.set_exception(Gone("closed"))
                    future.exception()

    async def _hear(self, ws: ClientConnection, frame: Frame) -> None:
        if frame["type"] == "ping":
            with contextlib.suppress(ConnectionClosed):
                await ws.send('{"type":"pong"}')
            return
        if frame["type"] not in {"result", "error"}:
            self._heard(frame)
        future = self._asked.pop(frame.get("id", ""), None)
        if future is not None and not future.done():
            future.set_result(frame)

    async def ask(self, **frame: Any) -> Any:
        """Send a frame and wait for its answer; `Gone` or `Refused`."""
        assert self._ws is not None
        if self.closed.is_set():
            raise Gone("closed")
        id_ = str(next(self._ids))
        answer = self._asked[id_] = asyncio.get_running_loop().create_future()
        try:
            await self._ws.send(json.dumps({"id": id_, **frame}))
        except ConnectionClosed as error:
            await self.closed.wait()  # the reader needs its turn: who asks again at once would leave it none
            raise Gone("closed") from error
        said = await answer
        if said["type"] == "error":
            raise Refused(said["error"])
        return said.get("data", said)

    async def command(self, name: str, key: str | None = None, **data: Any) -> Any:
        return await self.ask(type="command", name=name, data=data, **({"key": key} if key else {}))

    async def query(self, name: str, **data: Any) -> Any:
        return await self.ask(type="query", name=name, data=data)


@contextlib.asynccontextmanager
async def opened(url: str, token: str, patience: float = 10.0) -> AsyncIterator[Line]:
    """A line as soon as there is one: a connection of the store that is found to be dead costs whoever comes first an answer."""
    line, ends = Line(url, token), asyncio.get_running_loop().time() + patience
    while True:
        try:
            await line.__aenter__()
            break
        except Gone:
            if asyncio.get_running_loop().time() > ends:
                raise
            await asyncio.sleep(0.1)
    try:
        yield line
    finally:
        await line.__aexit__(None, None, None)
