"""What parlour does by itself: hand events on, run what is due, keep streams within their bounds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from ...domain.kernel.errors import DomainError, Unavailable
from ...domain.kernel.event import Event, event_class, lifted
from .actor import SYSTEM, Call, Way
from .bus import Bus
from .catalogue import Catalogue, Moment
from .flags import Flags
from .ports import Clock, Codec, Due, DueTable, EventBus, Leadership, Notices, Relay
from .uow import LoggedEvent, Store
from .wiring import Bound, Ports, bind

log = logging.getLogger("parlour.upkeep")
access = logging.getLogger("parlour.access")

BATCH = 500
AGAIN = timedelta(seconds=30)  # after a failure: what comes behind has its turn first


class RelayLoop:
    """Hands committed events to the event bus, in order, and marks them when they are safe there.

    A commit wakes it; it looks by itself every `every` seconds as well. It may hand on an event again after a crash.
    """

    def __init__(self, relay: Relay, bus: EventBus, leadership: Leadership, every: float = 1.0) -> None:
        self._relay, self._bus, self._leadership, self._every = relay, bus, leadership, every
        self._woken = asyncio.Event()

    def wake(self, _: Sequence[LoggedEvent] = ()) -> None:
        if self._bus.wanted:
            self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            if await self.once() < BATCH:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):  # wait_for of Python 3.11 can lose a cancellation
                        await self._woken.wait()

    async def once(self) -> int:
        """Hand on what waits now; how many."""
        if not self._bus.wanted:
            return await self._relay.pass_over(BATCH)
        if not await self._leadership.lead("relay"):
            return 0
        events = await self._relay.waiting(BATCH)
        if events:
            await self._bus.publish(events)
            await self._relay.mark(events)
        return len(events)


class SchedulerLoop:
    """Runs what is due, as the system. An entry is forgotten after its use case has ended, so it may run again after a
    crash: use cases of the scheduler are safe to repeat."""

    def __init__(
        self, bus: Bus, table: DueTable, clock: Clock, codec: Codec, leadership: Leadership, every: float = 1.0
    ) -> None:
        self._bus, self._table, self._clock, self._codec, self._every = bus, table, clock, codec, every
        self._leadership = leadership
        self._chores = {
            f"chore:{bus.catalogue.of(type(chore.command)).name}": chore
            for feature in bus.catalogue.features
            for chore in feature.chores
        }

    async def run(self) -> None:
        for key, chore in self._chores.items():
            asked = self._codec.parse(self._codec.encode(chore.command))
            await self._table.propose(Due(key, self._clock.now(), key.removeprefix("chore:"), asked))
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> int:
        """Run what is due now; how many."""
        if not await self._leadership.lead("scheduler"):
            return 0
        entries = await self._table.due(self._clock.now(), BATCH)
        for entry in entries:
            chore, again_at = self._chores.get(entry.key), None
            call, outcome = Call(SYSTEM, Way.SYSTEM), "ok"
            try:
                await self._bus.call(entry.name, entry.data, call)
            except DomainError as error:
                outcome = error.code
                if error.retryable:  # the store that was away says how soon to ask again
                    wait = timedelta(seconds=error.retry_after) if isinstance(error, Unavailable) else AGAIN
                    again_at = self._clock.now() + wait
                elif error.code != "feature_disabled":  # its module rests
                    log.warning("could not do what was due: %s: %s", entry.name, error.code)
            except Exception:
                outcome = "internal"
                log.exception("what was due failed: %s", entry.name)
                again_at = self._clock.now() + AGAIN
            if again_at is None and chore is not None:
                again_at = self._clock.now() + timedelta(seconds=chore.seconds)
            await self._table.done(entry, again_at)
            access.info(
                "scheduler %s",
                entry.name,
                extra={"key": entry.key, "outcome": outcome, "actor": str(call.acted_for or "system")},
            )
        return len(entries)


class NoticeLoop:
    """Lets this instance react to what others committed, as it reacts to its own. Looks every `every` seconds."""

    def __init__(self, notices: Notices, react: Callable[[Sequence[LoggedEvent]], None], every: float = 0.25) -> None:
        self._notices, self._react, self._every = notices, react, every

    async def run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        try:
            self._react(await self._notices.new())
        except Unavailable as error:  # nothing is committed then, so nothing is lost that anybody could be shown
            log.debug("could not look for notices: %s", error.code)


class DurableReactions:
    """The reactions of the features that run once for all instances, as consumer groups of the event bus."""

    def __init__(
        self, catalogue: Catalogue, ports: Ports, bus: EventBus, store: Store, codec: Codec, flags: Flags
    ) -> None:
        self._store, self._codec, self._flags = store, codec, flags
        for feature in catalogue.features:
            for reaction in feature.reactions:
                if reaction.moment is Moment.DURABLE:
                    handler = bind(reaction.handler, ports, 1, {})
                    group = f"{reaction.handler.__name__}:{reaction.event.tag}"
                    bus.subscribe(group, self._consumer(reaction.event, feature.flag, handler))

    def _consumer(
        self, kind: type[Event], flag: str | None, handler: Bound
    ) -> Callable[[LoggedEvent], Awaitable[None]]:
        async def consume(logged: LoggedEvent) -> None:
            if logged.tag == kind.tag and self._flags.on(flag):
                work = self._store.unit()
                try:
                    await handler(event_of(logged, self._codec), Call(SYSTEM, Way.SYSTEM), work)
                    await work.commit()
                except BaseException:
                    await work.rollback()
                    raise

        return consume


def event_of(logged: LoggedEvent, codec: Codec) -> Event:
    """The event itself, in the shape of today's revision."""
    if logged.event is not None:
        return logged.event
    kind = event_class(logged.tag)
    if kind is None:
        raise LookupError(f"no loaded feature knows the event {logged.tag!r}")
    return codec.decode(codec.encode(lifted(kind, logged.revision, codec.parse(logged.data))), kind)
