"""The unit of work: everything a use case changes, and the events of it, together or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from attrs import define, frozen

from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Stream
from .actor import SYSTEM, Actor


@frozen
class Place:
    """Where an event came to stand: its offset, its id, and the number of messages in its stream by then."""

    offset: int
    number: int
    id: EventId
    epoch: str


@define
class Recorded:
    """An event on its way into the log; `place` is known when the unit has ended, and None until then."""

    place: Place | None = None


@frozen
class LoggedEvent:
    """An event as it stands in the log. `data` is its JSON, in the shape of `revision`.

    `event` is the object itself where this process recorded it.
    """

    stream: Stream
    offset: int
    id: EventId
    tag: str
    revision: int
    at: datetime
    actor_id: UserId | None
    data: str
    event: Event | None = None


class UnitOfWork(Protocol):
    """One unit. Open it with `async with`; leaving the block gives the events their offsets, an error undoes all of it.

    Guarantees: atomic; others see nothing of it before its commit; offsets are gap-free and in the order of commits.
    Inside the block nothing but the store is awaited, after it nothing at all. A unit opened inside a unit joins it.
    Repositories read before the block too, what is committed then: for slow work that has to come first.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def record(self, stream: Stream, event: Event) -> Recorded:
        """Append an event to a stream; reactions in the unit run at once."""

    async def place(
        self, stream: Stream, write: Callable[[Place], Awaitable[Event]], *, numbered: bool = False
    ) -> Recorded:
        """Append an event that needs to know its own place: `write` gets it as the unit ends, and returns the event after
        it has written what belongs to it; it may not record another. A numbered one takes the stream's next message
        number too."""

    def act_for(self, user_id: UserId) -> None:
        """Let what is recorded from here on be done by somebody: whom the scheduler acts for."""

    async def rewrite(self, stream: Stream, offset: int, change: Callable[[Any], Event]) -> None:
        """Overwrite the event at an offset in place: `change` gets it and returns it with other content. An event that
        retention has removed is left alone."""

    async def cut(self, stream: Stream, floor: int, most: int) -> int:
        """Remove at most `most` of the oldest events below the offset `floor`, and raise the floor; how many. Events that
        the relay has not handed on yet stay."""

    async def first_time(self, consumer: str, event_id: EventId) -> bool:
        """Whether this consumer has not handled this event yet; it is marked as handled by the unit's commit."""

    async def schedule(self, key: str, due_at: datetime, name: str, data: dict[str, Any]) -> None:
        """Let the scheduler run a use case as the system at a time; the same `key` again moves it."""


class Part(UnitOfWork, Protocol):
    """What the bus sees of a unit besides: it alone ends it."""

    @property
    def entered(self) -> bool:
        """Whether the handler opened the unit at all."""

    async def hold(self, key: "Key") -> None:
        """Keep others off a claimed key until the unit has ended, on every instance. `Conflict` when another has it in its
        hands, `Raced` when it was used since it was claimed."""

    async def remember(self, key: "Key", answer: bytes, created: bool) -> None:
        """Keep an answer under its key, in the same transaction."""

    async def commit(self) -> None:
        """Make it last. Returns when it is on disk; `Unavailable` when the store could not, and all of it is undone."""

    async def rollback(self) -> None:
        """Undo what is not committed; harmless when there is nothing."""


class Work(Part, Protocol):
    """A unit of the store's own, with a transaction of its own."""

    def nested(self) -> "Work":
        """A unit for a use case inside this one: it joins, and gives its events their offsets as it ends."""


@frozen
class Key:
    """An idempotency key: whose, of which use case, and a hash of the body it first came with."""

    actor: str
    use_case: str
    key: str
    body_hash: bytes
    at: datetime


@frozen
class Kept:
    """An answer that was kept under a key."""

    body_hash: bytes
    answer: bytes
    created: bool


class Snapshot(Protocol):
    """A read of the store as of one moment: everything read in it belongs together."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Keys(Protocol):
    """Where answers are kept under their keys."""

    async def claim(self, key: Key) -> Kept | None:
        """What is kept under a key. With None the key is this caller's until `release`; `Conflict` when another call
        has it in its hands."""

    def release(self, key: Key) -> None: ...


class TransactionUnfit(RuntimeError):
    """Use cases cannot run in this transaction of a host's; the message says why."""


class Hosted(Keys, Protocol):
    """A transaction of a host's, which commits it. Use cases run in it one at a time, and see what it sees.

    Their events get their offsets at `flush`, so that nobody else waits for the host until then. Nobody sees any of it
    before the host's commit. What the host undoes of its transaction is undone with all that was recorded in it.
    """

    @property
    def connection(self) -> Any:
        """What the host runs its own statements on."""

    def part(self, actor: Actor) -> AbstractAsyncContextManager[Part]:
        """A unit for one use case, which sees what the actor may; an error undoes it, and nothing else."""

    async def flush(self) -> None:
        """Give what was recorded its offsets. After an error of this nothing more can be done in it: it is undone."""


class Store(Keys, Protocol):
    """Where everything lasts."""

    def unit(self, actor: Actor = SYSTEM) -> Work:
        """A new unit of work; the events it records are the actor's. Where the store has a wall between tenants, it sees
        the actor's own workspaces; the system sees all."""

    def snapshot(self, actor: Actor = SYSTEM, *, slow: bool = False) -> Snapshot:
        """Reads of one moment, within the same wall; slow ones do not hold up the others."""

    def within(self, connection: Any) -> AbstractAsyncContextManager[Hosted]:
        """A transaction that a host has begun on a connection of its own. Leaving the block flushes it; an error undoes
        what was done in the block. `TransactionUnfit` when the store cannot be reached by it."""

    def transaction(self) -> AbstractAsyncContextManager[Hosted]:
        """A transaction of the store's for the host to write in: leaving the block commits it, an error undoes it.
        `TransactionUnfit` where hosts have connections of their own."""

    def on_commit(self, observer: Callable[[Sequence[LoggedEvent]], None]) -> None:
        """Call `observer` with the events of each commit, in their order, before the callers are answered."""
