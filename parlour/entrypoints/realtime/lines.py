"""The topics of one stream of server-sent events: what was asked for of each, and where its client is."""

import asyncio
import uuid
from typing import Protocol

from attrs import define, field

from ...domain.kernel.errors import DomainError
from ...domain.kernel.streams import Topic
from . import places
from .effects import Follow


@define(eq=False)
class Line:
    """One topic of a stream: what was asked for, and the place up to which its client knows it."""

    wish: Follow
    place: str
    epoch: str = ""
    offset: int = 0
    error: DomainError | None = None
    begun: asyncio.Event = field(factory=asyncio.Event)

    def at(self, offset: int, id_: str | uuid.UUID | None) -> None:
        self.offset, self.place = offset, places.place(self.epoch, offset, id_)


class Shown(Protocol):
    """The stream, as its topics see it."""

    def shown(self, line: Line, frame: str) -> None:
        """An event of a topic, at its place."""

    def whispered(self, frame: str) -> None: ...

    def ended(self, topic: Topic, reason: str) -> None: ...

    async def room(self) -> None: ...


@define(eq=False)
class LineSink:
    """The `Sink` of one topic."""

    stream: Shown
    line: Line

    def show(self, frame: str) -> None:
        self.stream.shown(self.line, frame)

    def whispered(self, frame: str) -> None:
        self.stream.whispered(frame)

    def ended(self, topic: Topic, reason: str) -> None:
        self.stream.ended(topic, reason)

    async def room(self) -> None:
        await self.stream.room()
