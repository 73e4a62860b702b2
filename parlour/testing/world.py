"""A world for tests: time that ticks as it is asked, ids that count, quick passwords, and people of a host."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import frozen

from ..application.kernel.actor import SYSTEM, Call, Way
from ..application.kernel.bus import Runner
from ..application.kernel.catalogue import Command, Feature, use_case
from ..application.kernel.ports import Clock, DueTable, Person, Relay, StreamLog
from ..application.kernel.retention import Keeping, KeepWithinBounds, Removed, Retention, keep_within_bounds
from ..application.kernel.uow import UnitOfWork
from ..application.messages.expiry import Expiry
from ..application.messages.retention import CutRoom, cut_room
from ..config.features import Module
from ..domain.kernel.ids import RoomId, UserId
from ..domain.rooms.ports import Rooms


class TickingClock:
    """`Clock` that goes on by a millisecond whenever it is asked, and by more when it is told to."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class CountingIds:
    """`Ids` 1, 2, 3: the same in every run, and in order. The secrets can be guessed."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> UUID:
        self._last += 1
        return UUID(int=self._last)

    def secret(self) -> bytes:
        return hashlib.sha256(self.new().bytes).digest()


class QuickPasswords:
    """`Passwords` that hide nothing and cost nothing."""

    async def hash(self, password: str) -> str:
        return "quick:" + password

    async def verify(self, password: str, hashed: str | None) -> bool:
        return hashed == "quick:" + password

    def stale(self, hashed: str) -> bool:
        return False

    def close(self) -> None: ...


class NoLeader:
    """`Leadership` of nobody: what one instance alone does by itself is done by nobody, and a test does it."""

    async def lead(self, what: str) -> bool:
        return False

    async def close(self) -> None: ...


class Cast:
    """`People` and `Names`, as a host has them."""

    def __init__(self, people: dict[str, UserId]) -> None:
        self.people = people

    async def named(self, ids: Sequence[UserId]) -> dict[UserId, Person]:
        names = {user_id: name for name, user_id in self.people.items()}
        return {i: Person(i, names[i], names[i].title()) for i in ids if i in names}

    async def called(self, names: Sequence[str]) -> dict[str, UserId]:
        return {n: self.people[n] for n in names if n in self.people}


@frozen
class RetainNow(Command[Removed]):
    """Let retention do its work at once, where the scheduler would have come later."""


async def retain_now(
    command: RetainNow, uow: UnitOfWork, keeping: Keeping, rule: Retention, clock: Clock, relay: Relay
) -> Removed:
    if isinstance(clock, TickingClock):
        clock.advance(timedelta(hours=1))  # as long as events are left to the consumers of other processes
    await relay.pass_over(100_000)  # what is not handed on would stay
    return await keep_within_bounds(KeepWithinBounds(), uow, keeping, rule, clock)


@frozen
class RunDue(Command[int]):
    """Let hours go by, and the scheduler do at once what is due by then; how many."""


async def run_due(command: RunDue, table: DueTable, runner: Runner, clock: Clock) -> int:
    if isinstance(clock, TickingClock):
        clock.advance(timedelta(hours=12))
    found = await table.due(clock.now(), 1000)
    for entry in found:
        await runner.call(entry.name, entry.data, Call(SYSTEM, Way.SYSTEM))
        await table.done(entry)
    return len(found)


@frozen
class ExpireNow(Command[int]):
    """See to a room as the scheduler would after some days."""

    room_id: RoomId
    days: int = 0


async def expire_now(
    command: ExpireNow, uow: UnitOfWork, expiry: Expiry, rooms: Rooms, keeping: Keeping, log: StreamLog,
    rule: Retention, clock: Clock, relay: Relay,
) -> int:  # fmt: skip
    if isinstance(clock, TickingClock):
        clock.advance(timedelta(days=command.days, hours=1))
    await relay.pass_over(100_000)
    return await cut_room(CutRoom(command.room_id), uow, expiry, rooms, keeping, log, rule, clock)


UPKEEP = Module(Feature("upkeep_for_tests", use_cases=(use_case(retain_now), use_case(run_due), use_case(expire_now))))
