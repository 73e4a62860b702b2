"""How long streams and keys are kept, and messages where nobody else says so."""

from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from ...domain.kernel.keeping import FOR_EVER
from ...domain.kernel.streams import Stream
from .actor import Way
from .catalogue import Command, use_case
from .ports import Clock
from .uow import UnitOfWork

CUT = 1_000


@frozen
class Retention:
    """The rule: events live for `days`, and a stream keeps its newest `events`; kept answers live for `key_hours`.

    Messages live for `message_days`, 0 for ever, where neither their room nor its workspace says otherwise.
    """

    days: int = 90
    events: int = 1_000_000
    key_hours: int = 24
    message_days: int = FOR_EVER


@frozen
class OwnRule:
    """A rule of a room's or workspace's own: messages are kept for `days`, or for ever (null)."""

    days: int | None

    @classmethod
    def of(cls, keep_days: int | None) -> "OwnRule | None":
        """From a rule as it is kept; None without one."""
        return cls(keep_days or None) if keep_days is not None else None


@frozen
class Overdue:
    """A stream that keeps more than the rule says, and the floor it should have."""

    stream: Stream
    floor: int


class Keeping(Protocol):
    """What is kept too long, in the current unit of work."""

    async def overdue(self, before: datetime, newest: int) -> list[Overdue]:
        """Streams with events from before a time, or with more than the `newest` that may stay."""

    async def forget_keys(self, before: datetime, most: int) -> int:
        """Forget at most `most` of the answers that were kept under a key before a time; how many."""

    async def forget_handled(self, before: datetime, most: int) -> int:
        """Forget at most `most` of what consumers handled before a time; how many. An event that old comes to nobody again."""


@frozen
class Removed:
    """How much was removed."""

    events: int
    keys: int


@frozen
class KeepWithinBounds(Command[Removed]):
    """Remove what the retention rule lets go, in bounded steps: old events of streams, and kept answers."""


async def keep_within_bounds(
    command: KeepWithinBounds, uow: UnitOfWork, keeping: Keeping, rule: Retention, clock: Clock
) -> Removed:
    now, events = clock.now(), 0
    async with uow:
        for overdue in await keeping.overdue(now - timedelta(days=rule.days), rule.events):
            events += await uow.cut(overdue.stream, overdue.floor, CUT - events)
            if events >= CUT:
                break
        handled = await keeping.forget_handled(now - timedelta(days=rule.days), CUT)
        keys = await keeping.forget_keys(now - timedelta(hours=rule.key_hours), CUT)
        if max(events, handled, keys) >= CUT:  # as much as one step may remove: there may be more
            await uow.schedule("keep_within_bounds:more", now, "keep_within_bounds", {})
    return Removed(events, keys)


SCHEDULERS_OWN = {way: "the scheduler runs it by itself" for way in Way if way is not Way.SYSTEM}
RETENTION = use_case(keep_within_bounds, absent=SCHEDULERS_OWN)
