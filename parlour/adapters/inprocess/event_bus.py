"""The event bus within one process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from ...application.kernel.ports import Relay
from ...application.kernel.uow import LoggedEvent
from ...domain.kernel.errors import Unavailable

log = logging.getLogger("parlour.events")

Consumer = Callable[[LoggedEvent], Awaitable[None]]


class LocalEventBus:
    """`EventBus` by plain calls. The relay's marks in the store are its memory: what was not marked comes again.

    Groups work side by side; each gets the events one after another, and again, with growing waits, when it fails;
    after `tries` the event is set aside as a dead letter.
    """

    def __init__(self, relay: Relay, *, tries: int = 5, wait: float = 0.05) -> None:
        self._relay, self._tries, self._wait = relay, tries, wait
        self._groups: dict[str, Consumer] = {}

    @property
    def wanted(self) -> bool:
        return bool(self._groups)

    def subscribe(self, group: str, consumer: Consumer) -> None:
        if group in self._groups:
            raise ValueError(f"there is a group called {group!r} already")
        self._groups[group] = consumer

    async def publish(self, events: Sequence[LoggedEvent]) -> None:
        feeding = (self._feed(group, consumer, events) for group, consumer in self._groups.items())
        for ended in await asyncio.gather(*feeding, return_exceptions=True):
            if ended is not None:
                raise ended

    async def _feed(self, group: str, consumer: Consumer, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            await self._hand(group, consumer, event)

    async def _hand(self, group: str, consumer: Consumer, event: LoggedEvent) -> None:
        failure: Exception | None = None
        for attempt in range(self._tries):
            try:
                return await consumer(event)
            except Exception as error:
                failure = error
                log.warning("%s failed on %s (%r), try %d", group, event.tag, failure, attempt + 1)
                await asyncio.sleep(self._wait * 2**attempt)
        if isinstance(failure, Unavailable):  # it is not the event's fault: all of it comes again
            raise failure
        await self._relay.dead(group, event, repr(failure))
        return None
