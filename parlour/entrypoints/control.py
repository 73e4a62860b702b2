"""The door for the command line beside a running server: a Unix socket that only its owner may open.

One line of JSON each way: `{"name": …, "data": {…}}` is a use case run as the system, answered by `{"data": …}` or
`{"error": {problem}}`.
"""

import asyncio
import contextlib
import logging
import os
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..application.kernel.actor import SYSTEM, Call, Way
from ..application.kernel.bus import Bus
from ..application.kernel.ports import Codec
from ..domain.kernel.errors import DomainError
from .errors import internal, problem

log = logging.getLogger("parlour.control")

LONGEST = 100  # bytes of a Unix socket's path; the system allows 107


class Control:
    """The server's side."""

    def __init__(self, bus: Bus, codec: Codec) -> None:
        self._bus, self._codec = bus, codec
        self._server: asyncio.Server | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._serving: set[asyncio.Task[Any]] = set()
        self.path: str | None = None

    async def open(self, beside: Path) -> str:
        """Listen on a socket beside a file, or in a folder of its own where that path would be too long."""
        path = f"{beside}.sock"
        if len(os.fsencode(path)) > LONGEST:
            self._folder = tempfile.TemporaryDirectory(prefix="parlour-")
            path = str(Path(self._folder.name) / "control.sock")
        _remove(path)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, path)
        finally:
            os.umask(before)
        self.path = path
        return path

    async def close(self) -> None:
        """Answer nobody any more; what is still worked on is broken off, before the store goes away under it."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        if self.path is not None:
            _remove(self.path)
        if self._folder is not None:
            self._folder.cleanup()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "runs in a task"
        self._serving.add(task)
        try:
            with contextlib.suppress(ConnectionError, ValueError, asyncio.CancelledError):
                while line := await reader.readline():
                    writer.write(self._codec.encode(await self.answer(line)) + b"\n")
                    await writer.drain()
        finally:
            self._serving.discard(task)
            writer.close()

    async def answer(self, line: bytes) -> Mapping[str, Any]:
        """The answer to one line."""
        request_id = uuid.uuid4().hex
        try:
            asked = self._codec.parse(line)
            answer = await self._bus.call(asked["name"], asked["data"], Call(SYSTEM, Way.SYSTEM, request_id))
        except DomainError as error:
            return {"error": problem(error, request_id)}
        except Exception:
            log.exception("the command line's request failed", extra={"request_id": request_id})
            return {"error": internal(request_id)}
        return {"data": answer.value}


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)
