"""Taking turns, first come first served."""

import asyncio
from collections import deque


class Turns:
    """One turn, for whoever came first. Cancelling one who waits costs nobody else anything."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = False

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the turn."""
        return any(not f.done() for f in self._waiting)

    async def take(self) -> None:
        if not self._taken:
            self._taken = True
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.give()  # the turn came in the moment of giving up
            else:
                self._waiting.remove(mine)
            raise

    def give(self) -> None:
        """Let the next one have it."""
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._taken = False
