"""The library's face: the same commands and queries as plain async calls, and events to iterate over."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from attrs import frozen

from ...application.identity.signing import Authenticator
from ...application.kernel.actor import SYSTEM, Actor, Call, Way
from ...application.kernel.bus import Bus
from ...application.kernel.catalogue import Message
from ...application.kernel.page import PositionView
from ...application.kernel.ports import Codec, EventBus
from ...application.kernel.resources import Opened
from ...application.kernel.uow import LoggedEvent, Store
from ...application.kernel.upkeep import event_of
from ...domain.kernel.errors import Forbidden, Unavailable, invalid
from ...domain.kernel.event import Event, event_class
from ...domain.kernel.ids import EventId, UserId, WorkspaceId
from ...domain.kernel.streams import Topic
from ..realtime.hub import CLOSED, GAP, UNSURE, Hub
from .inside import Inside

R = TypeVar("R")
ENDLESS = 1e9
Consumer = Callable[[Event, LoggedEvent], Awaitable[None]]


@frozen
class LiveEvent:
    """An event as a follower sees it. `event` is the fact itself, `position` where to go on after it.

    When the position that was resumed from is gone, the first one has no event and `recovered` is False: load anew.
    """

    topic: str
    position: PositionView
    recovered: bool = True
    event: Event | None = None
    actor_id: UserId | None = None


class Chat:
    """An instance of parlour in this process. Made by `parlour.open`."""

    def __init__(
        self, bus: Bus, hub: Hub, codec: Codec, events: EventBus, store: Store, authenticator: Authenticator
    ) -> None:
        self._authenticator = authenticator
        self._bus, self._hub, self._codec, self._bus_of_events, self._store = bus, hub, codec, events, store

    @property
    def system(self) -> Actor:
        """parlour itself: for administration of the instance and for following topics. It is nobody's user, so use cases
        that people act in refuse it."""
        return SYSTEM

    def actor(self, user_id: UserId, workspace_id: WorkspaceId | None = None, *, is_admin: bool = False) -> Actor:
        """Somebody of the host's, whom the host has made sure of; `workspace_id` is meant where none is named. Ids are
        UUIDs: `host_id` makes one of whatever a host's own ids are."""
        for given in (user_id, workspace_id):
            if not isinstance(given, UUID | None):
                raise TypeError(f"{given!r} is no UUID; parlour.host_id makes one of a host's own id")
        return Actor(user_id, workspace_id=workspace_id, is_admin=is_admin)

    async def bearer(self, token: str) -> Actor:
        """Who a personal access token stands for, within its scopes. `Unauthenticated` when it is worth nothing; so is
        whatever is done with the actor once it is over."""
        actor, _ = await self._authenticator.bearers.actor(token)
        return actor

    async def execute(self, message: Message[R], actor: Actor, *, key: str | None = None) -> R:
        """Run a command or query; the domain's errors are raised as they are. A command with a `key` is safe to repeat."""
        answer = await self._bus.execute(message, Call(actor, Way.LIBRARY, key=key))
        result: R = answer.value
        return result

    @asynccontextmanager
    async def within(self, connection: Any) -> AsyncIterator[Inside]:
        """Run use cases in a transaction that the host has begun on PostgreSQL: `connection` is a `psycopg.AsyncConnection`
        or `psycopg.Connection` to parlour's database. The host commits, and then all of it is there, or nothing.

        An exception that leaves the block undoes what was done in it, the host's statements too, and nothing before it.
        `TransactionUnfit` when use cases cannot run in it.
        """
        async with self._store.within(connection) as host:
            yield Inside(self._bus, host)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Inside]:
        """A transaction on SQLite, for use cases and the host's own tables in the same file, on its `connection`. The block
        commits it, an exception undoes it. All others who write wait for its end: nothing slow belongs in it."""
        async with self._store.transaction() as host:
            yield Inside(self._bus, host)

    async def events(
        self, topic: str, *, after: PositionView | None = None, actor: Actor = SYSTEM
    ) -> AsyncIterator[LiveEvent]:
        """What happens in a topic (`room:<id>`, …) after a position, or from now on; endless.

        An `actor` sees what they may: `NotFound` or `Forbidden` otherwise, and `Forbidden` when the right is lost later.
        Who falls `MOST_BEHIND` events behind gets `Unavailable` with code `too_slow`, and resumes from the last position.
        """
        parsed = Topic.parse(topic)
        if parsed is None:
            raise invalid("topic", "topic", "Must be like room:<id>, workspace:<id> or user:<id>.")
        queue, left = _Queue(), await self._seconds_left(actor)
        position = after.plain() if after is not None else None
        follower = self._hub.join(parsed, actor, queue)
        following = asyncio.create_task(self._hub.open(follower, position, queue.opened))
        following.add_done_callback(queue.followed)
        expiry = asyncio.get_running_loop().call_later(left, queue.ended, parsed, "token_expired")
        try:
            found = await queue.next()
            assert isinstance(found, Opened), "where the topic stands comes first"
            if after is not None and not found.recovered:
                yield LiveEvent(topic, PositionView.of(found.head), recovered=False)
            while True:
                frame = await queue.next()
                assert isinstance(frame, str), "frames come after that"
                yield self._live(topic, found.head.epoch, frame)
        finally:
            self._hub.leave(follower)
            expiry.cancel()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _seconds_left(self, actor: Actor) -> float:
        """Until the token ends that an actor acts by; without one, longer than anybody waits."""
        return ENDLESS if actor.token_id is None else await self._authenticator.bearers.seconds_left(actor.token_id)

    def consume(self, group: str, consumer: Consumer) -> None:
        """Let `consumer` have every event from now on: at least once, each stream in order. One that fails comes again,
        and is set aside after some tries. For those committed while the program was down too, give it to `open`."""

        async def consume(logged: LoggedEvent) -> None:
            await consumer(event_of(logged, self._codec), logged)

        self._bus_of_events.subscribe(group, consume)

    def _live(self, topic: str, epoch: str, frame: str) -> LiveEvent:
        raw = self._codec.parse(frame)
        kind = event_class(raw["type"])
        event = self._codec.decode(self._codec.encode(raw["data"]), kind) if kind is not None else None
        actor_id = UserId(UUID(raw["actor_id"])) if raw["actor_id"] is not None else None
        position = PositionView(epoch, raw["offset"], EventId(UUID(raw["id"])))
        return LiveEvent(topic, position, event=event, actor_id=actor_id)


MOST_BEHIND = 10_000


class _Queue:
    """The `Sink` of an iteration: where the topic stands, then frames, then perhaps the error that ends it."""

    def __init__(self) -> None:
        self._items: deque[Opened | str | BaseException] = deque()
        self._filled, self._roomy = asyncio.Event(), asyncio.Event()
        self._roomy.set()

    def opened(self, found: Opened) -> None:
        self._put(found)

    def show(self, frame: str) -> None:
        if len(self._items) < MOST_BEHIND:
            self._put(frame)
        else:
            self._items.clear()
            self._put(Unavailable("This iteration fell behind; resume from its last position.", code="too_slow"))

    def whispered(self, frame: str) -> None:
        """An iteration is of what is in the log."""

    def ended(self, topic: Topic, reason: str) -> None:
        if reason == GAP:
            self._put(Unavailable("Events are gone before they were read; resume, and load anew.", code=reason))
        elif reason in {CLOSED, UNSURE}:
            self._put(Unavailable("This topic cannot be followed now.", code=reason))
        else:
            self._put(Forbidden("The right to follow this topic is gone.", code=reason))

    async def room(self) -> None:
        await self._roomy.wait()

    def followed(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._put(error)

    async def next(self) -> Opened | str:
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        item = self._items.popleft()
        if len(self._items) < MOST_BEHIND // 4:
            self._roomy.set()
        if isinstance(item, BaseException):
            raise item
        return item

    def _put(self, item: Opened | str | BaseException) -> None:
        self._items.append(item)
        self._filled.set()
        if len(self._items) >= MOST_BEHIND // 2:
            self._roomy.clear()
