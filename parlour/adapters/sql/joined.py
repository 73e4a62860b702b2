"""One use case in a transaction of the host's: the same on every engine."""

from collections.abc import Mapping, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Self

from ...application.kernel.uow import Key
from ...domain.kernel.ids import UserId
from .db import Fetched
from .ground import Ground, undone
from .loader import Query
from .recorder import Recorder
from .unit import RecordingUnit, State

NUMBERS = count(1)  # of parts: no two have the same in this process, whatever transactions they are in


class JoinedUnit(RecordingUnit):
    """`Part`: one use case in a transaction of the host's. Its events wait there for their offsets."""

    def __init__(self, ground: Ground, actor_id: UserId | None) -> None:
        super().__init__(ground.store, actor_id)
        self._ground = ground
        self._key: Key | None = None
        self.number = next(NUMBERS)
        self.kept = False

    @property
    def recording(self) -> bool:
        """Whether something waits for the flush."""
        return self._recorder.waiting

    def hand_over(self, to: Recorder) -> None:
        self._recorder.hand_over(to)

    async def __aenter__(self) -> Self:
        self._enter()
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
            self.kept = True  # also when it is cancelled meanwhile: then the transaction knows
            await self._ground.keep(self.number)
            self._state = State.OVER

    async def rollback(self) -> None:
        if self._state is not State.OVER:
            self._state = State.OVER
            await undone(self._ground)

    async def hold(self, key: Key) -> None:
        await self._ground.hold(key)

    async def widen(self, *owners: Any) -> None:
        await self._ground.widen(*owners)

    async def alone(self, what: str) -> None:
        await self._ground.alone(what)

    async def among(self, what: str) -> None:
        await self._ground.among(what)

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
