"""Telling what was committed, in the order of commits, though units commit beside each other."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from attrs import define, field

from ...application.kernel.uow import LoggedEvent

log = logging.getLogger("parlour.store")


@define(eq=False)
class Turn:
    """The place of some events among those that were given their offsets here."""

    events: Sequence[LoggedEvent]
    topics: set[str]
    before: list[asyncio.Event]
    over: asyncio.Event = field(factory=asyncio.Event)


class Telling:
    """Observers of commits, and whose turn it is to be told of.

    Whoever has offsets in a stream is told of after those that had theirs before: they are committed too, or there would be
    no later ones, and only their answers are still under way.
    """

    def __init__(self) -> None:
        self._observers: list[Callable[[Sequence[LoggedEvent]], None]] = []
        self._last: dict[str, Turn] = {}

    def observe(self, observer: Callable[[Sequence[LoggedEvent]], None]) -> None:
        self._observers.append(observer)

    def line_up(self, events: Sequence[LoggedEvent]) -> Turn:
        """Take a turn for events that just got their offsets."""
        topics = {e.stream.topic.text for e in events}
        turn = Turn(events, topics, [self._last[t].over for t in topics if t in self._last])
        self._last.update(dict.fromkeys(topics, turn))
        return turn

    async def tell(self, turn: Turn) -> None:
        """They are committed: tell of them when it is their turn."""
        try:
            for earlier in turn.before:
                await earlier.wait()
        finally:
            for observer in self._observers if turn.events else ():
                try:
                    observer(turn.events)
                except Exception:
                    log.exception("an observer of commits failed")
            self.drop(turn)

    def drop(self, turn: Turn) -> None:
        """They are over, committed or not: whoever waits for their turn goes on."""
        turn.over.set()
        for topic in turn.topics:
            if self._last.get(topic) is turn:
                del self._last[topic]
