"""Who comes and goes on this instance, and telling those who watch."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from ...domain.kernel.errors import DomainError
from ...domain.kernel.ids import UserId
from ..kernel.ports import Signals
from .store import PresenceStore

log = logging.getLogger("parlour.presence")

Step = Callable[[], Awaitable[None]]


class Roster:
    """Keeps `PresenceStore` true of this instance's connections, and lets watchers know that somebody's presence may have
    changed. `note` keeps when somebody was last seen."""

    def __init__(self, store: PresenceStore, signals: Signals, note: Callable[[UserId], Awaitable[Any]]) -> None:
        self._store, self._signals, self._note = store, signals, note
        self._steps: deque[Step] = deque()
        self._working: asyncio.Task[None] | None = None

    def came(self, user_id: UserId, connection_id: str) -> None:
        """Somebody has opened a connection. Does not wait."""

        async def step() -> None:
            if await self._store.came(user_id, connection_id):
                self.changed(user_id)

        self._do(step)

    def went(self, user_id: UserId, connection_id: str) -> None:
        """A connection of somebody has ended. Does not wait."""

        async def step() -> None:
            if await self._store.went(user_id, connection_id):
                await self._seen(user_id)
                self.changed(user_id)

        self._do(step)

    def changed(self, user_id: UserId) -> None:
        """Let whoever watches somebody look at them again."""
        channel = _channel(user_id)
        if self._signals.heard(channel):
            self._signals.publish(channel, b"changed")

    def listen(self, user_id: UserId, changed: Callable[[UserId], None]) -> Callable[[], None]:
        """Call `changed` when somebody is to be looked at again; the answer ends it."""
        return self._signals.listen(_channel(user_id), lambda payload: changed(user_id))

    async def close(self) -> None:
        """Return when what was told so far is kept."""
        while self._working is not None:
            await asyncio.gather(self._working, return_exceptions=True)

    async def _seen(self, user_id: UserId) -> None:
        try:
            await self._note(user_id)
        except DomainError as error:
            log.debug("could not keep when %s was last seen: %s", user_id, error.code)

    def _do(self, step: Step) -> None:
        """One step after the other, so that a connection that comes and goes has gone."""
        self._steps.append(step)
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._steps:
            try:
                await self._steps.popleft()()
            except Exception:
                log.exception("presence could not be kept")
        self._working = None


def _channel(user_id: UserId) -> str:
    return f"presence:{user_id}"
