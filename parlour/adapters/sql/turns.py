"""Taking turns, first come first served."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Turns:
    """One turn, for whoever came first. Cancelling one who waits costs nobody else anything: a turn that comes in the
    moment of giving up goes to `refused`, which gives it on."""

    def __init__(self, refused: Callable[[], None]) -> None:
        self._refused = refused
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = False
        self._closed: Exception | None = None
        self.keeper: asyncio.Task[Any] | None = None

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the turn."""
        return any(not f.done() for f in self._waiting)

    async def take(self) -> None:
        """Wait for the turn. `keeper`, a task that keeps it while it does other things, would wait for itself."""
        if self._closed is not None:
            raise self._closed
        if self.keeper is not None and self.keeper is asyncio.current_task():
            raise RuntimeError("this task has the writer's turn: in `chat.transaction()` use what the block gives")
        if not self._taken:
            self._taken = True
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._refused()
            raise

    def give(self) -> None:
        """Let the next one have it."""
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._taken = False

    def close(self, error: Exception) -> None:
        """Nobody has the turn any more: who waits for it, and whoever comes, gets the error."""
        self._closed = error
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(error)
        self._waiting.clear()
