"""Units of work in a transaction of the host's: the same on every engine."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Kept, Key, LoggedEvent, Place, Recorded, TransactionUnfit
from ...domain.kernel.errors import DomainError
from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Stream
from .db import Db, Fetched
from .loader import Query
from .recorder import SQL, Means, React, Recorder
from .sqlite_unit import State

NUMBERS = count(1)  # of parts: no two have the same in this process, whatever transactions they are in


class Owner(Protocol):
    """The store, as a transaction of a host's sees it."""

    means: Means
    epoch: str
    react: React


class Ground(Db):
    """A transaction of a host's, with a savepoint for one part of it at a time."""

    store: Owner
    settling = False

    @property
    @abstractmethod
    def connection(self) -> Any:
        """What the host runs its own statements on."""

    @abstractmethod
    async def goes_on(self) -> bool:
        """Whether the transaction is the one that it was."""

    @abstractmethod
    async def enter(self, actor: Actor | None) -> None:
        """Begin a part, which sees what an actor may; with None all that the parts so far saw."""

    @abstractmethod
    async def keep(self, number: int) -> None:
        """End the part; what it did is the transaction's."""

    @abstractmethod
    async def undo(self) -> None:
        """End the part as if it had never been."""

    @abstractmethod
    async def standing(self, numbers: Collection[int]) -> Collection[int]:
        """Those of some parts that the host has not undone."""

    @abstractmethod
    async def hold(self, key: Key) -> None:
        """Keep others off a key until the transaction ends."""

    @abstractmethod
    async def settled(self, logged: Sequence[LoggedEvent]) -> None:
        """These events have their offsets: they are told of when the host has committed."""


class HostTransaction:
    """`Hosted` on a ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._turn = asyncio.Lock()
        self._waiting: dict[int, JoinedUnit] = {}
        self._flushed: dict[int, Collection[int]] = {}
        self._over = ""

    @property
    def connection(self) -> Any:
        return self._ground.connection

    def end(self, why: str) -> None:
        """Nothing more is done in it."""
        self._over = self._over or why

    @asynccontextmanager
    async def part(self, actor: Actor) -> AsyncIterator["JoinedUnit"]:
        async with self._turn:
            self._check()
            await self._ground.enter(actor)
            unit = JoinedUnit(self._ground, actor.user_id)
            try:
                yield unit
                await unit.commit()
            except BaseException:
                await unit.rollback()
                raise
            if unit.recording:
                self._waiting[unit.number] = unit

    async def claim(self, key: Key) -> Kept | None:
        where = {"actor": key.actor, "use_case": key.use_case, "key": key.key}
        return await self._ground.row(SQL.kept, Kept, **where)

    def release(self, key: Key) -> None:
        """It is held until the host's transaction ends."""

    async def flush(self) -> None:
        async with self._turn:
            self._check()
            waiting, self._waiting = self._waiting, {}
            if waiting or (self._flushed and await self._ground.goes_on()):
                try:
                    await self._settle(waiting)
                except BaseException:
                    self.end("its events could not be given their places, and without them nothing of it may stay")
                    raise

    async def _settle(self, waiting: Mapping[int, "JoinedUnit"]) -> None:
        ground, store, mine = self._ground, self._ground.store, next(NUMBERS)
        await ground.enter(None)
        try:
            recorder = Recorder(ground, store.means, store.epoch, None)
            standing = await self._standing(waiting)
            for number in standing:
                waiting[number].hand_over(recorder)
            ground.settling = True
            await ground.settled(await recorder.settle())
            await ground.keep(mine)
            self._flushed[mine] = standing
        except BaseException:
            await _undone(ground)
            raise
        finally:
            ground.settling = False

    async def _standing(self, waiting: Collection[int]) -> list[int]:
        """Those of the parts that the host has not undone. A flush may be undone with all that it was for, not alone."""
        before = {part for parts in self._flushed.values() for part in parts}
        standing = set(await self._ground.standing([*waiting, *self._flushed, *before]))
        for flush, parts in self._flushed.items():
            if flush not in standing and not standing.isdisjoint(parts):
                raise TransactionUnfit("The host has undone a flush, and not what was done before it.")
        return sorted(standing.intersection(waiting))

    def _check(self) -> None:
        if self._over:
            raise TransactionUnfit(f"Nothing more can be done in this transaction: {self._over}.")


async def _undone(ground: Ground) -> None:
    try:
        await ground.undo()
    except DomainError:
        pass  # it is undone all the same: the connection is gone


class JoinedUnit(Db):
    """`Part`: one use case in a transaction of the host's. Its events wait there for their offsets."""

    def __init__(self, ground: Ground, actor_id: UserId | None) -> None:
        self._ground = ground
        self._state = State.NEW
        self._recorder = Recorder(self, ground.store.means, ground.store.epoch, actor_id)
        self._key: Key | None = None
        self.number = next(NUMBERS)

    @property
    def entered(self) -> bool:
        return self._state is not State.NEW

    @property
    def recording(self) -> bool:
        """Whether something waits for the flush."""
        return self._recorder.waiting

    def hand_over(self, to: Recorder) -> None:
        self._recorder.hand_over(to)

    async def __aenter__(self) -> Self:
        if self._state is not State.NEW:
            raise RuntimeError("a unit of work is opened once")
        self._state = State.OPEN
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self.rollback()
        else:
            self._state = State.ENDED

    async def commit(self) -> None:
        if self._state is not State.OVER:
            await self._ground.keep(self.number)
            self._state = State.OVER

    async def rollback(self) -> None:
        if self._state is not State.OVER:
            self._state = State.OVER
            await _undone(self._ground)

    async def record(self, stream: Stream, event: Event) -> Recorded:
        recorded = self._recorder.add(stream, event)
        await self._ground.store.react(event, stream, self)
        return recorded

    async def place(
        self, stream: Stream, write: Callable[[Place], Awaitable[Event]], *, numbered: bool = False
    ) -> Recorded:
        return self._recorder.place(stream, write, numbered=numbered)

    async def rewrite(self, stream: Stream, offset: int, change: Callable[[Any], Event]) -> None:
        await self._recorder.rewrite(stream, offset, change)

    async def cut(self, stream: Stream, floor: int, most: int) -> int:
        return await self._recorder.cut(stream, floor, most)

    async def first_time(self, consumer: str, event_id: EventId) -> bool:
        return await self._recorder.first_time(consumer, event_id)

    async def schedule(self, key: str, due_at: datetime, name: str, data: dict[str, Any]) -> None:
        await self._recorder.schedule(key, due_at, name, data)

    async def hold(self, key: Key) -> None:
        await self._ground.hold(key)

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        await self._recorder.remember(key, answer, created)

    def rely(self, stream: Stream, version: int) -> None:
        if self._state is State.OPEN:
            self._recorder.rely(stream, version)

    async def widen(self, *owners: Any) -> None:
        await self._ground.widen(*owners)

    async def alone(self, what: str) -> None:
        await self._ground.alone(what)

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        self._check(query)
        await self._ground.many(query, rows)

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        self._check(query)
        return await self._ground.fetch(query, given)

    def _check(self, query: Query) -> None:
        """After its end it writes once more: what belongs to an event that gets its place."""
        if self._state is State.OVER and not self._ground.settling:
            raise RuntimeError(f"the unit of work has ended; {query.name} came too late")
