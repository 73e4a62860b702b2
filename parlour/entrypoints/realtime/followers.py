"""Those who follow a topic, and how far each was shown."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from attrs import define, field

from ...application.kernel.actor import Actor
from ...domain.kernel.streams import Stream, Topic
from .frames import tag_of


class Sink(Protocol):
    """Where events are shown."""

    def show(self, frame: str) -> None:
        """An event, as its finished frame. Quick, and never fails."""

    def whispered(self, frame: str) -> None:
        """Something that is in no log; dropped rather than waited for."""

    def ended(self, topic: Topic, reason: str) -> None:
        """The right to follow the topic is gone; nothing more is shown."""

    async def room(self) -> None:
        """Return when there is room for an event: a replay waits for slow readers."""


@define(eq=False)
class Follower:
    """One subscription. `cursor` is the offset shown last, or passed over where `only` some events are shown. While it is
    `held` nothing is shown: its right is not certain."""

    topic: Topic
    actor: Actor
    sink: Sink
    only: frozenset[str] | None = None
    cursor: int = 0
    live: bool = False
    held: bool = False
    over: bool = False

    def show(self, offset: int, frame: str) -> bool:
        """Show an event unless it was shown before; False when it is over, or an event in between is missing."""
        if self.over or offset > self.cursor + 1:
            return False
        if offset > self.cursor:
            self.cursor = offset
            if self.only is None or tag_of(frame) in self.only:
                self.sink.show(frame)
        return True


@define(eq=False)
class Feed:
    """One stream with everybody here who follows it. Up to `shown` it was shown to all who are live."""

    topic: Topic
    followers: set[Follower] = field(factory=set)
    stream: Stream | None = None
    shown: int = 0
    latest: int = 0
    filling: "asyncio.Task[None] | None" = None
    silence: Callable[[], None] = lambda: None
