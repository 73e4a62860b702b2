"""Ways to ask, and to watch a topic until one may not any more: a server by HTTP, socket and stream, and the library."""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import websockets
from attrs import define, field, frozen

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.application.kernel.actor import STRANGER, Actor
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import UserId
from parlour.domain.messages.events import MessageSent
from parlour.entrypoints.library.chat import Chat

from ..server import Server, bearer
from .access_rows import CATALOGUE
from .access_ways import ROUTES, request_of
from .people import PASSWORD, a_name
from .stream import Closed, stream

PATIENCE = 10.0
CODEC = MsgspecCodec()


class Refused(Exception):
    """A use case was refused; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@frozen
class Somebody:
    """Somebody signed in. `key` is what a way knows them by."""

    id: str
    name: str
    session_id: str
    key: Any


@define
class Watch:
    """What is seen of a topic: numbers that were said, and why it ended. `late` came after that."""

    way: str
    seen: list[int] = field(factory=list)
    whys: list[str] = field(factory=list)
    late: list[int] = field(factory=list)
    ended_at: float | None = None
    _moved: asyncio.Event = field(factory=asyncio.Event)

    def saw(self, said: str) -> None:
        (self.seen if self.ended_at is None else self.late).append(int(said))
        self._moved.set()

    def ended(self, why: str) -> None:
        self.whys.append(why)
        self.ended_at = self.ended_at or time.monotonic()
        self._moved.set()

    async def until(self, number: int) -> None:
        """Until a number, or one that was said after it, was seen."""
        while not self.seen or self.seen[-1] < number:
            await self._move()

    async def until_ended(self) -> None:
        while self.ended_at is None:
            await self._move()

    async def flush(self) -> None:
        """Return when all that the server has said by now was heard."""

    async def _move(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "text":
                self.saw(frame["data"]["content"])
            case "unsubscribed" | "closed":
                self.ended(frame["reason"])


class Way(ABC):
    """Each use case by its name."""

    @abstractmethod
    async def ask(self, key: Any, name: str, /, **data: Any) -> Any:
        """The answer as JSON; `Refused`."""

    @abstractmethod
    async def key_of(self, signed: dict[str, Any]) -> Any: ...

    @abstractmethod
    async def bear(self, token: str) -> Any:
        """What a personal access token is asked with."""

    @abstractmethod
    def watching(self, key: Any, topic: str) -> Any:
        """Watches of a topic, for as long as a block lasts."""

    async def sign_up(self) -> Somebody:
        name = a_name()
        given = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return await self._somebody(name, await self.ask(None, "sign_up", **given))

    async def again(self, one: Somebody) -> Somebody:
        """The same, by another session."""
        return await self._somebody(one.name, await self.ask(None, "sign_in", login=one.name, password=PASSWORD))

    async def _somebody(self, name: str, signed: dict[str, Any]) -> Somebody:
        return Somebody(signed["user"]["id"], name, signed["session_id"], await self.key_of(signed))


class AtServer(Way):
    """Asked by HTTP, watched by socket and by stream at once."""

    def __init__(self, server: Server, client: httpx.AsyncClient) -> None:
        self._server, self._client = server, client

    async def ask(self, key: Any, name: str, /, **data: Any) -> Any:
        entry = CATALOGUE.get(name)
        assert entry is not None
        method, path, query, body = request_of(ROUTES[entry.input], data)
        answer = await self._client.request(method, path, params=query, json=body, headers=bearer(key))
        if not answer.is_success:
            raise Refused(answer.json()["code"])
        return answer.json()

    async def key_of(self, signed: dict[str, Any]) -> Any:
        return signed["access_token"]

    async def bear(self, token: str) -> Any:
        return token

    @asynccontextmanager
    async def watching(self, key: Any, topic: str) -> AsyncIterator[list[Watch]]:
        async with AsyncExitStack() as stack:
            ws = await stack.enter_async_context(self._server.socket(key))
            by_socket, by_stream = SocketWatch("WebSocket", ws=ws), Watch("SSE")
            sse = await stack.enter_async_context(stream(self._server, key, topic))
            await ws.send(json.dumps({"type": "subscribe", "id": "1", "topic": topic}))
            tasks = [asyncio.create_task(by_socket.read()), asyncio.create_task(_read_stream(sse, by_stream))]
            stack.push_async_callback(_cancel, tasks)
            yield [by_socket, by_stream]


@define
class SocketWatch(Watch):
    ws: Any = field(kw_only=True)
    _pong: asyncio.Event = field(factory=asyncio.Event)

    async def read(self) -> None:
        try:
            async for text in self.ws:
                frame = json.loads(text)
                if frame["type"] == "pong":
                    self._pong.set()
                self.take(frame)
        finally:
            self.ended(self.ws.close_reason or "")
            self._pong.set()

    async def flush(self) -> None:
        self._pong.clear()
        try:
            await self.ws.send('{"type":"ping"}')
        except websockets.ConnectionClosed:
            return
        await self._pong.wait()


async def _read_stream(sse: Any, watch: Watch) -> None:
    try:
        while True:
            watch.take(await sse.read(PATIENCE))
    except (Closed, httpx.HTTPError):
        watch.ended("")


async def _cancel(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class InLibrary(Way):
    """Asked and watched in one's own process."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def ask(self, key: Any, name: str, /, **data: Any) -> Any:
        entry = CATALOGUE.get(name)
        assert entry is not None
        try:
            answer = await self._chat.execute(CODEC.build(entry.input, data), key or STRANGER)
        except DomainError as error:
            raise Refused(error.code) from error
        return CODEC.parse(CODEC.encode(answer))

    async def key_of(self, signed: dict[str, Any]) -> Any:
        return Actor(UserId(UUID(signed["user"]["id"])))

    async def bear(self, token: str) -> Any:
        return await self._chat.bearer(token)

    @asynccontextmanager
    async def watching(self, key: Any, topic: str) -> AsyncIterator[list[Watch]]:
        watch = Watch("library")
        task = asyncio.create_task(self._read(key, topic, watch))
        try:
            yield [watch]
        finally:
            await _cancel([task])

    async def _read(self, key: Actor, topic: str, watch: Watch) -> None:
        try:
            async with aclosing(self._chat.events(topic, actor=key)) as events:  # type: ignore[type-var]
                async for live in events:
                    if isinstance(live.event, MessageSent):
                        watch.saw(live.event.content)
        except DomainError as error:
            watch.ended(error.code)
