"""A WebSocket that costs as little as it can, so that it is the server that is measured: frames are masked with zeros."""

import asyncio
import json
from typing import Any


class Socket(asyncio.Protocol):
    """One connection of somebody's. `welcome` is done when the server has let it in."""

    def __init__(self, port: int, token: str) -> None:
        self._request = (
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._buffer, self._open = b"", False
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                self._transport.close()
                self.welcome.set_exception(ConnectionRefusedError(head.partition(b"\r\n")[0]))
                return
            self._open, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            if frame.startswith(b'{"type":"welcome"'):
                self.welcome.set_result(None)
            elif frame.startswith(b'{"type":"ping"'):
                self.say({"type": "pong"})
            else:
                self.heard(frame)

    def _frame(self) -> bytes | None:
        """The next whole frame's payload."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(buffer) < start:
                return None
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[start : start + length]

    def heard(self, frame: bytes) -> None:
        """A frame came."""
        raise RuntimeError(frame)

    def say(self, said: dict[str, Any]) -> None:
        payload = json.dumps(said, separators=(",", ":")).encode()
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        self._transport.write(head + bytes(4) + payload)
