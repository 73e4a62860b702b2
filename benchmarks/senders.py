"""Senders in a process of their own: each sends over its socket, waits for the acknowledgement, and sends the next.

It costs as little as it can, so that it measures the server: frames are masked with zeros, and only their head is read.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from functools import partial
from typing import Any

WORDS = "x" * 120


class Sender(asyncio.Protocol):
    """One socket with one message under way."""

    def __init__(self, port: int, token: str, room: str) -> None:
        self._request = (
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._room, self._buffer, self._open = room, b"", False
        self._name, self._sent, self._began = os.urandom(6).hex(), 0, 0.0
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.took: list[float] = []
        self.going = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, head
            self._open, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            self._heard(frame)

    def _frame(self) -> bytes | None:
        """The next whole frame's payload."""
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        length, start = (buffer[1], 2) if buffer[1] < 126 else (int.from_bytes(buffer[2:4], "big"), 4)
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[start : start + length]

    def _heard(self, frame: bytes) -> None:
        if frame.startswith(b'{"type":"result"'):
            self.took.append(time.perf_counter() - self._began)
            if self.going:
                self.send()
        elif frame.startswith(b'{"type":"welcome"'):
            self.welcome.set_result(None)
        else:
            raise RuntimeError(frame)

    def send(self) -> None:
        self._sent += 1
        said = {"type": "text", "id": str(self._sent), "room_id": self._room, "content": WORDS}
        payload = json.dumps({**said, "key": f"{self._name}-{self._sent}"}, separators=(",", ":")).encode()
        self._began = time.perf_counter()
        self._transport.write(b"\x81\xfe" + len(payload).to_bytes(2, "big") + bytes(4) + payload)


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
