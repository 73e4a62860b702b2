"""What units of work have in common, whatever their engine: where they stand, and what they record."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Any, Protocol, Self

from ...application.kernel.uow import Key, Place, Recorded
from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Stream
from .db import Db
from .recorder import Means, React, Recorder


class State(Enum):
    """Where a unit stands."""

    NEW = "new"
    OPEN = "open"
    ENDED = "ended"
    OVER = "over"


class Keeper(Protocol):
    """The store, as whatever records sees it."""

    means: Means
    epoch: str
    react: React


class RecordingUnit(Db):
    """A unit, as far as it records."""

    def __init__(self, store: Keeper, actor_id: UserId | None) -> None:
        self._state = State.NEW
        self._recorder = Recorder(self, store.means, store.epoch, actor_id)
        self._react = store.react

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def entered(self) -> bool:
        return self._state is not State.NEW

    def _enter(self) -> None:
        if self._state is not State.NEW:
            raise RuntimeError("a unit of work is opened once")

    async def record(self, stream: Stream, event: Event) -> Recorded:
        recorded = self._recorder.add(stream, event)
        await self._react(event, stream, self)
        return recorded

    async def place(
        self, stream: Stream, write: Callable[[Place], Awaitable[Event]], *, numbered: bool = False
    ) -> Recorded:
        return self._recorder.place(stream, write, numbered=numbered)

    def act_for(self, user_id: UserId) -> None:
        self._recorder.actor_id = user_id

    async def rewrite(self, stream: Stream, offset: int, change: Callable[[Any], Event]) -> None:
        await self._recorder.rewrite(stream, offset, change)

    async def cut(self, stream: Stream, floor: int, most: int) -> int:
        return await self._recorder.cut(stream, floor, most)

    async def first_time(self, consumer: str, event_id: EventId) -> bool:
        return await self._recorder.first_time(consumer, event_id)

    async def schedule(self, key: str, due_at: datetime, name: str, data: dict[str, Any]) -> None:
        await self._recorder.schedule(key, due_at, name, data)

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        await self._recorder.remember(key, answer, created)

    def rely(self, stream: Stream, version: int) -> None:
        if self._state is State.OPEN:
            self._recorder.rely(stream, version)
