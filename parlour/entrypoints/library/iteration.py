"""One iteration over a topic: what waits to be taken, and how far was looked where only some events are shown."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection

from ...application.kernel.resources import Opened
from ...domain.kernel.errors import Forbidden, Unavailable, invalid
from ...domain.kernel.event import event_class
from ...domain.kernel.streams import Topic
from ..realtime.hub import CLOSED, GAP, UNSURE

MOST_BEHIND = 10_000


class Queue:
    """The `Sink` of an iteration: where the topic stands, then frames and how far was looked, then perhaps the error that
    ends it."""

    def __init__(self) -> None:
        self._items: deque[Opened | str | int | BaseException] = deque()
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

    def looked(self, offset: int) -> None:
        """Everything up to an offset was shown or passed over."""
        if self._items and isinstance(self._items[-1], int):
            self._items.pop()  # nobody has taken the last word of it
        self._put(offset)

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

    async def next(self) -> Opened | str | int:
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        item = self._items.popleft()
        if len(self._items) < MOST_BEHIND // 4:
            self._roomy.set()
        if isinstance(item, BaseException):
            raise item
        return item

    def _put(self, item: Opened | str | int | BaseException) -> None:
        self._items.append(item)
        self._filled.set()
        if len(self._items) >= MOST_BEHIND // 2:
            self._roomy.clear()


async def looking(cursor: Callable[[], int], queue: Queue, every: float) -> None:
    """Say again and again how far was looked, as an `at` frame does on a socket."""
    said = -1
    while True:
        await asyncio.sleep(every)
        if cursor() != said:
            queue.looked(said := cursor())


def only_of(names: Collection[str] | None) -> frozenset[str] | None:
    """The names of the events that are to be shown; None for all."""
    if names is None:
        return None
    if isinstance(names, str) or not names:
        raise invalid("only", "type", "Must be a collection of names of events.")
    unknown = sorted(n for n in names if event_class(n) is None)
    if unknown:
        raise invalid("only", "unknown_event", f"There is no event called {unknown[0]!r}.")
    return frozenset(names)
