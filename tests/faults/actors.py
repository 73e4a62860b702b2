"""Clients that go on whatever happens to the server, and remember exactly what they were told."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
from attrs import define, field

from .line import Frame, Gone, Line, Refused
from .process import Server

Place = tuple[str, int, int]


@define
class Ledger:
    """What was acknowledged. `sent` by key; `lanes` the keys in the order in which one client sent them, each after the
    acknowledgement of the one before; `words` what a message was last made to say, None when it was deleted."""

    sent: dict[str, Place] = field(factory=dict)
    rooms: dict[str, str] = field(factory=dict)
    lanes: list[list[str]] = field(factory=list)
    words: dict[str, str | None] = field(factory=dict)
    members: dict[str, bool] = field(factory=dict)
    lies: list[str] = field(factory=list)
    acknowledged: int = 0
    _moved: asyncio.Condition = field(factory=asyncio.Condition)

    async def told(self, key: str, room: str, view: Frame) -> None:
        """A send was acknowledged, maybe not for the first time."""
        place = (view["id"], view["offset"], view["number"])
        before = self.sent.setdefault(key, place)
        self.rooms[key] = room
        if before != place:
            self.lies.append(f"{key} was {before}, then {place}")
        await self.count()

    async def count(self) -> None:
        self.acknowledged += 1
        async with self._moved:
            self._moved.notify_all()

    async def reached(self, acknowledged: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.acknowledged >= acknowledged)


class Stubborn:
    """Asks until there is an answer, over one WebSocket that is opened again whenever it is lost."""

    def __init__(self, server: Server, token: str, heard: Callable[[Frame], None] = lambda frame: None) -> None:
        self._server, self._token, self._heard = server, token, heard
        self._line: Line | None = None
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()

    async def line(self) -> Line:
        async with self._opening:
            while self._line is None or self._line.closed.is_set():
                await self._stack.aclose()
                await self._server.up.wait()
                line = Line(self._server.ws, self._token, self._heard)
                try:
                    await self._stack.enter_async_context(line)
                    await self.opened(line)
                except Gone:
                    await asyncio.sleep(0.05)  # as long as the store is away, sockets are refused
                    continue
                self._line = line
            return self._line

    async def opened(self, line: Line) -> None:
        """What to do whenever it is open again."""

    async def command(self, name: str, key: str, **data: Any) -> Any:
        while True:
            try:
                return await (await self.line()).command(name, key, **data)
            except Gone:
                continue
            except Refused as error:
                if not error.retryable:
                    raise

    async def close(self) -> None:
        await self._stack.aclose()


async def over_http(http: httpx.AsyncClient, server: Server, path: str, key: str, data: Frame) -> Any:
    """POST until there is an answer."""
    while True:
        await server.up.wait()
        try:
            answer = await http.post(path, json=data, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            continue
        if answer.is_success:
            return answer.json()
        assert answer.json()["retryable"], answer.text


async def send_lane(
    ledger: Ledger, name: str, room: str, send: Callable[[str], Awaitable[Any]], going: Callable[[], bool]
) -> None:
    """One message after another, each once the one before was acknowledged; some are sent again with the same key."""
    keys: list[str] = []
    ledger.lanes.append(keys)
    for n in itertools.count(1):
        if not going():
            return
        key = f"{name}-{n}"
        await ledger.told(key, room, await send(key))
        keys.append(key)
        if random.random() < 0.1:
            again = random.choice(keys)
            await ledger.told(again, room, await send(again))


async def edit_lane(ledger: Ledger, name: str, client: Stubborn, room: str, going: Callable[[], bool]) -> None:
    """Say something, say it otherwise, sometimes take it back."""
    for n in itertools.count(1):
        if not going():
            return
        key = f"{name}-{n}"
        view = await client.command("send_message", key, room_id=room, content=key)
        await ledger.told(key, room, view)
        ledger.words[view["id"]] = key
        try:
            await client.command("edit_message", f"{key}-edit", message_id=view["id"], content=f"{key}, otherwise")
        except Refused:
            continue  # it is gone, and the audit will say so
        ledger.words[view["id"]] = f"{key}, otherwise"
        await ledger.count()
        if n % 3 == 0:
            await client.command("delete_message", f"{key}-delete", message_id=view["id"])
            ledger.words[view["id"]] = None
            await ledger.count()


async def wander_lane(
    ledger: Ledger, name: str, user: str, client: Stubborn, room: str, going: Callable[[], bool]
) -> None:
    """Come and go."""
    for n in itertools.count(1):
        if not going():
            return
        inside = n % 2 == 1
        await client.command("join_room" if inside else "leave_room", f"{name}-{n}", room_id=room)
        ledger.members[user] = inside
        await ledger.count()


@define
class Record:
    """What a subscriber was shown of one topic, from the snapshot on that it began with."""

    topic: str
    epoch: str
    offset: int
    last_id: str | None
    first: int
    snapshot: list[Frame]
    members: list[str]
    events: list[Frame] = field(factory=list)
    unrecovered: int = 0


class Subscriber(Stubborn):
    """Follows rooms, comes back with its last position, and records every event."""

    def __init__(self, server: Server, token: str) -> None:
        super().__init__(server, token, self._show)
        self.records: dict[str, Record] = {}
        self.codes: list[int | None] = []
        self._moved = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def begin(self, rooms: list[str]) -> None:
        """Load each room, then follow it from there, for ever."""
        async with Line(self._server.ws, self._token) as line:
            for room in rooms:
                said = await line.query("list_messages", room_id=room, limit=200)
                people = await line.query("list_members", room_id=room, limit=200)
                at, members = said["position"], [m["user_id"] for m in people["items"]]
                topic = f"room:{room}"
                self.records[topic] = Record(
                    topic, at["epoch"], at["offset"], at["id"], at["offset"], said["items"], members
                )
        self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            line = await self.line()
            await line.closed.wait()
            self.codes.append(line.code)

    async def opened(self, line: Line) -> None:
        for record in list(self.records.values()):
            said = {"epoch": record.epoch, "offset": record.offset, "last_id": record.last_id}
            await line.ask(type="subscribe", topic=record.topic, **said)

    def _show(self, frame: Frame) -> None:
        if frame["type"] == "subscribed":
            self.records[frame["topic"]].unrecovered += not frame["recovered"]
        elif "offset" in frame:
            record = self.records[frame["topic"]]
            record.events.append(frame)
            record.offset, record.last_id = frame["offset"], frame["id"]
            self._moved.set()

    async def reached(self, topic: str, offset: int) -> None:
        while self.records[topic].offset < offset:
            self._moved.clear()
            await self._moved.wait()

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await super().close()
