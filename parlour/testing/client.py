"""The reference client: loads a topic, follows it, is cut off, resumes, and keeps its snapshot true by folding events.

It follows through the library; a client of a socket does the same with the same frames.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

from ..application.kernel.actor import Actor
from ..application.kernel.page import PositionView
from ..domain.kernel.errors import DomainError
from ..domain.kernel.streams import TopicKind
from ..entrypoints.library.chat import Chat, LiveEvent
from .asking import Ask
from .folds import Fold, RoomFold, UserFold, WorkspaceFold

FOLDS: dict[str, Any] = {TopicKind.ROOM: RoomFold, TopicKind.WORKSPACE: WorkspaceFold, TopicKind.USER: UserFold}


class Broken(AssertionError):
    """The server broke its word: an event was missing, came twice or out of order, or reached somebody it may not."""


async def load(chat: Chat, actor: Actor, topic: str) -> Fold:
    """A fresh snapshot of what a topic covers, by queries alone."""
    kind, _, key = topic.partition(":")
    fold: Fold = await FOLDS[kind].load(Ask(chat.execute, actor), UUID(key))
    return fold


class Client:
    """One user following one topic. `seen` are the ids of the events by offset, `loads` how often it loaded anew."""

    def __init__(self, chat: Chat, actor: Actor, topic: str, *, patience: float = 5.0) -> None:
        self._chat, self.actor, self.topic, self._patience = chat, actor, topic, patience
        self.fold: Fold | None = None
        self.position: PositionView | None = None
        self.seen: dict[int, UUID] = {}
        self.loads = 0
        self.broken: BaseException | None = None
        self.refused: DomainError | None = None
        self._following: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    @property
    def live(self) -> bool:
        """Whether it follows right now."""
        return self._following is not None and not self._following.done()

    async def start(self) -> None:
        """Load, and follow from there; the domain's error when the user may not."""
        await self._load()
        self._follow()

    def resume(self) -> None:
        """Follow again from the last position."""
        if not self.live:
            self._follow()

    async def cut(self) -> None:
        """The connection is lost, whatever was under way."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def reaches(self, offset: int) -> None:
        """Wait until it has seen everything up to an offset."""
        await self._until(lambda: self.position is not None and self.position.offset >= offset, f"offset {offset}")

    async def ends(self) -> DomainError | None:
        """Wait until the server has ended the following, and say why."""
        await self._until(lambda: not self.live, "its end, since it may not follow any more")
        return self.refused

    async def _until(self, done: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(self._patience):
                while self.broken is None and not done():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            at = self.position.offset if self.position is not None else None
            raise Broken(f"a follower of {self.topic} waits at {at} for {what}, and nothing comes") from self.refused
        if self.broken is not None:
            raise self.broken

    async def _load(self) -> None:
        self.fold = await load(self._chat, self.actor, self.topic)
        self.position = self.fold.position
        self.seen.clear()
        self.loads += 1

    def _follow(self) -> None:
        self.refused = None
        self._following = asyncio.create_task(self._run())
        self._following.add_done_callback(lambda _: self._moved.set())

    async def _run(self) -> None:
        try:
            events: Any = self._chat.events(self.topic, after=self.position, actor=self.actor)
            async with aclosing(events):
                async for live in events:
                    await self._take(live)
                    self._moved.set()
        except DomainError as error:
            self.refused = error
        except Exception as error:
            self.broken = error

    async def _take(self, live: LiveEvent) -> None:
        assert self.position is not None
        assert self.fold is not None
        if not live.recovered:
            await self._load()
            return
        offset = live.position.offset
        if self.loads > 1 and not self.seen and offset <= self.position.offset:
            return  # happened between being told to load anew and having done so
        if offset != self.position.offset + 1:
            raise Broken(f"{self.topic}: event {offset} came after event {self.position.offset}")
        if live.event is None:
            raise Broken(f"{self.topic}: event {offset} is of a kind that nobody knows")
        self.fold.apply(offset, live.event)
        self.seen[offset] = live.position.id or UUID(int=0)
        self.position = live.position
