"""A socket as a test wants it: frames as dicts, waited for with a deadline."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from ..server import Server

WITHIN = 5.0


class Refused(Exception):
    """The server's answer was an error; `problem` is what it said."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['status']} {problem['code']}: {problem['detail']}")
        self.problem = problem
        self.code: str = problem["code"]


class Wire:
    """One connection. Heartbeats are answered by themselves unless `silent`."""

    def __init__(self, ws: ClientConnection, *, silent: bool = False) -> None:
        self.ws, self.silent = ws, silent
        self.waiting: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}
        self._ids = itertools.count(1)

    async def send(self, **frame: Any) -> None:
        await self.ws.send(json.dumps(frame, ensure_ascii=False))

    async def read(self, within: float = WITHIN) -> dict[str, Any]:
        """The next frame as it comes."""
        async with asyncio.timeout(within):
            frame: dict[str, Any] = json.loads(await self.ws.recv())
        if frame["type"] == "ping" and not self.silent:
            await self.send(type="pong")
        return frame

    async def until(self, wanted: Mapping[str, Any], within: float = WITHIN) -> dict[str, Any]:
        """The first frame, of those that wait and those to come, that has these values; others go on waiting."""
        async with asyncio.timeout(within):
            for frame in self.waiting:
                if wanted.items() <= frame.items():
                    self.waiting.remove(frame)
                    return frame
            while True:
                frame = await self.read(within)
                if wanted.items() <= frame.items():
                    return frame
                self.waiting.append(frame)

    async def ask(self, type_: str, **frame: Any) -> dict[str, Any]:
        """Send a frame with an id, and wait for the frame that answers it. `Refused` when that is an error."""
        id_ = f"q{next(self._ids)}"
        await self.send(type=type_, id=id_, **frame)
        answer = await self.until({"id": id_})
        if answer["type"] == "error":
            raise Refused(answer["error"])
        return answer

    async def command(self, name: str, key: str | None = None, **data: Any) -> Any:
        keyed = {"key": key} if key is not None else {}
        return (await self.ask("command", name=name, data=data, **keyed))["data"]

    async def query(self, name: str, **data: Any) -> Any:
        return (await self.ask("query", name=name, data=data))["data"]

    async def follow(self, topic: str, **position: Any) -> dict[str, Any]:
        return await self.ask("subscribe", topic=topic, **position)

    async def closed(self, within: float = WITHIN) -> int:
        """Read until the server has closed; its code. What came before goes on waiting."""
        try:
            while True:
                self.waiting.append(await self.read(within))
        except websockets.ConnectionClosed:
            return self.ws.close_code or 0


@asynccontextmanager
async def wire(server: Server, token: str | None = None, **options: Any) -> AsyncIterator[Wire]:
    """A connection that was welcomed, or, without a way to know who it is, not yet."""
    silent = options.pop("silent", False)
    told = token is not None or "query" in options or "subprotocols" in options
    async with server.socket(token, **options) as ws:
        one = Wire(ws, silent=silent)
        if told:
            one.welcome = await one.until({"type": "welcome"})
        yield one
