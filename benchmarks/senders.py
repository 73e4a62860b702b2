"""Senders in a process of their own: each sends over its socket, waits for the acknowledgement, and sends the next. Of
what comes only the head is read."""

import asyncio
import json
import os
import statistics
import sys
import time
from functools import partial
from typing import Any

from .sockets import Socket

WORDS = "x" * 120


class Sender(Socket):
    """One socket with one message under way."""

    def __init__(self, port: int, token: str, room: str) -> None:
        super().__init__(port, token)
        self._room, self._name, self._sent, self._began = room, os.urandom(6).hex(), 0, 0.0
        self.took: list[float] = []
        self.going = False

    def heard(self, frame: bytes) -> None:
        if not frame.startswith(b'{"type":"result"'):
            raise RuntimeError(frame)
        self.took.append(time.perf_counter() - self._began)
        if self.going:
            self.send()

    def send(self) -> None:
        self._sent += 1
        said = {"type": "text", "id": str(self._sent), "room_id": self._room, "content": WORDS}
        self._began = time.perf_counter()
        self.say({**said, "key": f"{self._name}-{self._sent}"})


async def measure(port: int, tokens: list[str], room: str, seconds: float) -> dict[str, float]:
    """Acknowledged messages a second, and how long one took, in milliseconds."""
    loop = asyncio.get_running_loop()
    senders = [(await loop.create_connection(partial(Sender, port, t, room), "127.0.0.1", port))[1] for t in tokens]
    await asyncio.gather(*(s.welcome for s in senders))
    for sender in senders:
        sender.going = True
        sender.send()
    await asyncio.sleep(min(1.0, seconds / 4))  # warm
    for sender in senders:
        sender.took.clear()
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    lasted = time.perf_counter() - began
    took = sorted(t * 1000 for sender in senders for t in sender.took)
    for sender in senders:
        sender.going = False
    p99 = took[int(len(took) * 0.99)]
    return {"a_second": len(took) / lasted, "p50_ms": statistics.median(took), "p99_ms": p99}


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        run: Any = asyncio.run
    else:
        run = uvloop.run
    print(json.dumps(run(measure(**json.load(sys.stdin)))))
