"""What waits to be sent to one connection: bounded, so that who does not read costs no memory."""

import asyncio
from collections import deque

from .traffic import Traffic


class Outbound:
    """A queue of frames: once `most` bytes wait, no more are queued, and the reader is too slow. One frame may be larger
    than that by itself."""

    def __init__(self, most: int, traffic: Traffic | None = None) -> None:
        self._most, self._traffic = most, traffic or Traffic()
        self._frames: deque[str] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()

    def push(self, frame: str) -> bool:
        """Queue a frame; False when too much waits already."""
        if self._bytes >= self._most:
            return False
        self._frames.append(frame)
        self._bytes += len(frame)
        self._filled.set()
        if self._bytes > self._most // 2:
            self._roomy.clear()
        return True

    def wake(self) -> None:
        """Let the writer look, though nothing was queued."""
        self._filled.set()

    async def filled(self) -> None:
        """Return when something waits, or somebody woke the writer."""
        await self._filled.wait()

    def pull(self) -> list[str]:
        """All that waits."""
        frames = list(self._frames)
        self._frames.clear()
        self._filled.clear()
        return frames

    def sent(self, frame: str) -> None:
        """A frame that was pulled has left."""
        self._bytes -= len(frame)
        self._traffic.sent(len(frame))
        if self._bytes <= self._most // 2:
            self._roomy.set()

    async def room(self) -> None:
        """Return when less than half of the queue is in use."""
        while not self._roomy.is_set():  # whoever was woken first may have filled it again
            await self._roomy.wait()

    @property
    def roomy(self) -> bool:
        """Whether less than half of the queue is in use."""
        return self._roomy.is_set()

    def drop(self) -> None:
        """Forget what waits; nobody will read it."""
        self._traffic.frames_dropped += len(self._frames)
        self._frames.clear()
        self._roomy.set()
