"""One use case in a transaction of the host's: the same on every engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Any, Self

from ...application.kernel.uow import Key, Place, Recorded
from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Stream
from .db import Db, Fetched
from .ground import Ground, undone
from .loader import Query
from .recorder import Recorder
from .sqlite_unit import State

NUMBERS = count(1)  # of parts: no two have the same in this process, whatever transactions they are in


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
            await undone(self._ground)

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
