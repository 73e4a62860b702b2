"""Ports to the world beside the store. Each says what it guarantees; `parlour.testing` has a contract suite for each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from uuid import UUID

from attrs import frozen

from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Head, Position, Stream
from .actor import Allowance
from .catalogue import Message
from .limits import Rate
from .uow import LoggedEvent

T = TypeVar("T")
M = TypeVar("M", bound=Message[Any])
EMPTY: Mapping[str, Any] = MappingProxyType({})


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present, in UTC, with microseconds."""


class Ids(Protocol):
    """New ids and secrets."""

    def new(self) -> UUID:
        """A new id (RFC 9562, version 7): later ones sort after earlier ones of this process."""

    def secret(self) -> bytes:
        """32 bytes that nobody can guess."""


class Codec(Protocol):
    """Values to JSON and back, with the constraints of the kernel enforced."""

    def encode(self, value: Any) -> bytes:
        """JSON in UTF-8 of a view, an event or plain values."""

    def canonical(self, value: Any) -> bytes:
        """JSON that is the same for equal values, for hashing."""

    def decode(self, data: bytes | str, kind: type[T]) -> T:
        """A value that `encode` made."""

    def parse(self, data: bytes | str) -> Any:
        """Plain values from JSON of strangers; `Invalid` with code `malformed` when it is none, or is nested too deep."""

    def build(self, kind: type[T], data: Mapping[str, Any], texts: Mapping[str, Any] = EMPTY) -> T:
        """A command or query from plain values; `Invalid` with every place that is wrong, unknown names included.

        The values of `texts` are texts, or lists of them, as they stand in paths and query strings.
        """

    def check(self, message: M) -> M:
        """A command or query made by a program, with texts turned into what they stand for; `Invalid` when it breaks a
        constraint."""


@frozen
class Described:
    """JSON Schemas (2020-12): of inputs by their class, of answers by the text of their type, and what they refer to."""

    inputs: Mapping[type, Mapping[str, Any]]
    answers: Mapping[str, Mapping[str, Any]]
    components: Mapping[str, Any]


class Schemas(Protocol):
    """Descriptions of what the codec takes and gives, with the constraints of the kernel."""

    def describe(self, inputs: Sequence[type], answers: Sequence[Any], prefix: str) -> Described:
        """The schemas of commands, queries and answers; references begin with `prefix`."""


class Signals(Protocol):
    """Short messages to whoever listens now. At most once, best effort, in order per channel and sender; never a store."""

    def heard(self, channel: str) -> bool:
        """Whether somebody may listen to a channel; what nobody hears need not be made."""

    def publish(self, channel: str, payload: bytes) -> None:
        """Send to all listeners of a channel, on every instance. Does not wait and never fails."""

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> Callable[[], None]:
        """Call `listener` with each payload from now on; the answer ends it. A listener must not raise."""


class Cache(Protocol):
    """What may be forgotten at any time. A value set is what a later get answers, or nothing."""

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, seconds: float) -> None: ...

    def drop(self, *keys: str) -> None:
        """Forget keys: at once in this process, soon in others. Never fails."""


class RateLimits(Protocol):
    """Token buckets. Atomic: of racing takers no more pass than the limit allows."""

    async def take(self, rate: Rate, who: str) -> Allowance:
        """Take one; `retry_after` is above 0 when there was none, and then nothing was taken."""


class EventBus(Protocol):
    """The log handed on to consumers with effects. Durable, ordered per stream, at least once to each group."""

    @property
    def wanted(self) -> bool:
        """Whether there is anybody to hand events to; while there is nobody, the relay passes them over."""

    async def publish(self, events: Sequence[LoggedEvent]) -> None:
        """Hand on events; returns when they are safe with every group, so that the relay may mark them."""

    def subscribe(self, group: str, consumer: Callable[[LoggedEvent], Awaitable[None]]) -> None:
        """Let a group consume every event from now on. One that fails is tried again, then set aside as a dead letter,
        unless what it fails with is `Unavailable`: then all of it comes again, until what is away is back. A consumer
        ignores what it has seen (`UnitOfWork.first_time`)."""


class Relay(Protocol):
    """Committed events that were not handed to the event bus yet."""

    async def waiting(self, most: int) -> list[LoggedEvent]:
        """The oldest of them, in the order of their commits."""

    async def mark(self, events: Sequence[LoggedEvent]) -> None:
        """They are safe with the bus."""

    async def pass_over(self, most: int) -> int:
        """Mark the oldest of them unread, for nobody here wants them; how many. Where others may want them, those that are
        young are left alone."""

    async def dead(self, group: str, event: LoggedEvent, error: str) -> None:
        """Set aside an event that a group could not handle."""


class Leadership(Protocol):
    """Who of all instances does what one alone does."""

    async def lead(self, what: str) -> bool:
        """Whether this instance does it now. Of those that ask again and again one does, and another soon after it is gone;
        two at once only for as long as it takes to notice that the store was lost."""

    async def close(self) -> None:
        """Let others do it."""


class Notices(Protocol):
    """What every instance must learn of within a second, whichever committed it: rights that were lost."""

    async def new(self) -> list[LoggedEvent]:
        """Those of other instances since this was last asked, in the order of their commits."""


@frozen
class Due:
    """A use case whose time has come."""

    key: str
    due_at: datetime
    name: str
    data: dict[str, Any]


class DueTable(Protocol):
    """What becomes due. Entries are put there by `UnitOfWork.schedule`; each call here is a unit of its own."""

    async def propose(self, due: Due) -> None:
        """Put an entry there unless its key has one, which then keeps its time."""

    async def due(self, now: datetime, most: int) -> list[Due]:
        """The entries whose time has come, the longest overdue first."""

    async def done(self, due: Due, again_at: datetime | None = None) -> None:
        """Forget an entry, or move it to its next time; left alone when it was moved meanwhile."""


class StreamLog(Protocol):
    """Reads of the log, in a snapshot."""

    async def head(self, stream: Stream) -> Head:
        """Where a stream stands; an empty one stands at offset 0 with floor 1."""

    async def after(self, stream: Stream, offset: int, most: int) -> list[LoggedEvent]:
        """The next events after an offset, oldest first, lifted to today's revisions."""

    async def can_resume(self, stream: Stream, after: Position) -> bool:
        """Whether everything after a position is there; see `domain.kernel.streams.can_resume`."""

    async def heads(self, streams: Sequence[Stream]) -> dict[str, int]:
        """The offsets of many streams by topic, in one query."""


@frozen
class Person:
    """What is shown of a user beside what they did."""

    id: UserId
    username: str
    name: str
    avatar_url: str | None = None


class People(Protocol):
    """Names for user ids. The host's own, where it has users of its own; parlour's otherwise."""

    async def named(self, ids: Sequence[UserId]) -> dict[UserId, Person]:
        """Who they are, in one batch. An id nobody has is absent."""


class Names(Protocol):
    """User ids for names. A host's `People` may have this power; without it nobody is called by name."""

    async def called(self, names: Sequence[str]) -> dict[str, UserId]:
        """Who has which of some usernames, folded as they are compared (`domain.kernel.text.folded`), in one batch. A name
        nobody has is absent."""


class Passwords(Protocol):
    """Slow hashes of passwords, worked out beside the event loop, a few at a time; `TooMany` when too many wait."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether a password is the one hashed, here or by bcrypt (`$2a$`, `$2b$`, `$2y$`: imported, the first 72 bytes
        count). None takes as long as a hash of today's and is never right, so that time tells nothing."""

    def stale(self, hashed: str) -> bool:
        """Whether a hash was made in another way, or at another cost, than `hash` makes them today."""


@frozen
class Claims:
    """What an access token says: whose it is, of which session, and until when."""

    user_id: UserId
    session_id: UUID
    expires_at: datetime


class Tokens(Protocol):
    """Signed tokens."""

    def access(self, user_id: UserId, session_id: UUID, now: datetime, expires_at: datetime) -> str:
        """A JWT (RFC 7519) for a session."""

    def read_access(self, token: str, now: datetime) -> Claims:
        """What a token says; `Unauthenticated` when it is forged, of another kind, or expired (`token_expired`)."""

    def letter(self, about: UUID) -> str:
        """The secret that a letter about something holds: always the same for the same id, and nobody else can make it."""

    def refresh(self, session_id: UUID, generation: int) -> str:
        """The refresh token of a session's generation: always the same, and nobody else can make it."""

    def read_refresh(self, token: str) -> tuple[UUID, int]:
        """The session and generation of a refresh token; `Unauthenticated` when parlour did not make it."""


class LiveConnections(Protocol):
    """The sockets and subscriptions that are open on this instance."""

    def recheck_user(self, user_id: UserId) -> None:
        """Something a user may do has changed: look at each of their sessions and subscriptions again, at once."""

    def recheck_topic(self, topic: str) -> None:
        """Look again at everybody who follows a topic."""


class Telemetry(Protocol):
    """Traces and metrics."""

    def use_case(self, name: str, request_id: str) -> AbstractContextManager[None]:
        """What happens inside is one use case of one request; its time and outcome (`ok`, or the code of the error that
        leaves the block) are counted."""
