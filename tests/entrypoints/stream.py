"""A stream of server-sent events as a test wants it, read by the rules that browsers follow."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from ..server import Server

WITHIN = 5.0


class Closed(Exception):
    """The server has ended the stream."""


class Stream:
    """One open stream. `last_id` is what a browser would come back with, `retry` after how many milliseconds."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id: str | None = None
        self.retry: int | None = None
        self.comments = 0
        self.waiting: list[dict[str, Any]] = []
        self._lines = answer.aiter_lines()

    async def _next(self) -> dict[str, Any]:
        """The next frame: the lines up to an empty one, of which some are data."""
        data: list[str] = []
        async for line in self._lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "" and data:
                frame: dict[str, Any] = json.loads("\n".join(data))
                return frame
            if line.startswith(":"):
                self.comments += 1
            elif name == "id":
                self.last_id = value
            elif name == "retry":
                self.retry = int(value)
            elif name == "data":
                data.append(value)
        raise Closed

    async def read(self, within: float = WITHIN) -> dict[str, Any]:
        async with asyncio.timeout(within):
            return await self._next()

    async def until(self, wanted: Mapping[str, Any], within: float = WITHIN) -> dict[str, Any]:
        """The first frame, of those that wait and those to come, that has these values; others go on waiting."""
        async with asyncio.timeout(within):
            for frame in self.waiting:
                if wanted.items() <= frame.items():
                    self.waiting.remove(frame)
                    return frame
            while not wanted.items() <= (frame := await self._next()).items():
                self.waiting.append(frame)
            return frame

    async def closed(self, within: float = WITHIN) -> dict[str, Any]:
        """Read until the server has ended it; its last frame. What came before goes on waiting."""
        async with asyncio.timeout(within):
            try:
                while True:
                    self.waiting.append(await self._next())
            except Closed:
                return self.waiting.pop()


@asynccontextmanager
async def stream(
    server: Server, signed: str | None, *topics: str, last: str | None = None, **more: Any
) -> AsyncIterator[Stream]:
    """A stream that was opened; what it is refused with is an `httpx.HTTPStatusError`."""
    headers = {"Last-Event-ID": last} if last is not None else {}
    params = [("topic", topic) for topic in topics] + [(n, v) for n, vs in more.items() for v in vs]
    async with (
        server.http(signed) as client,
        client.stream("GET", "/events", params=params, headers=headers) as answer,
    ):
        if answer.is_error:
            await answer.aread()
            answer.raise_for_status()
        yield Stream(answer)


async def refused(server: Server, signed: str | None, *topics: str, **more: Any) -> dict[str, Any]:
    """The problem that a stream is refused with."""
    try:
        async with stream(server, signed, *topics, **more):
            pass
    except httpx.HTTPStatusError as error:
        problem: dict[str, Any] = error.response.json()
        return problem
    raise AssertionError("it was opened")
