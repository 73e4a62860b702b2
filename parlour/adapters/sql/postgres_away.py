"""The time for which a PostgreSQL server lets nobody in: noticed, told once, and waited for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import psycopg
from psycopg.conninfo import conninfo_to_dict

log = logging.getLogger("parlour.store")

AGAIN = 0.2
"""Seconds between two tries. What waits for the server goes on so soon after it is back."""


class Away:
    """Begins when connecting failed, and ends when `probe` does not fail. In between it is tried again and again, so that
    all goes on by itself, also when nobody asks for anything."""

    def __init__(self, url: str, probe: Callable[[], Awaitable[None]]) -> None:
        self._url, self._probe = url, probe
        self._waiting: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        return self._waiting is not None

    def begin(self) -> None:
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        began, told = loop.time(), False
        try:
            while True:
                try:
                    await self._probe()
                    break
                except (psycopg.Error, OSError) as error:
                    if not told:
                        log.warning("%s; trying again until it does", unreachable(self._url, error))
                        told = True
                await asyncio.sleep(AGAIN)
        finally:
            self._waiting = None
        if told:
            log.warning("PostgreSQL lets parlour in again, after %.1f s", loop.time() - began)

    async def close(self) -> None:
        waiting = self._waiting
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


def unreachable(url: str, error: Exception) -> str:
    """What was tried and why it failed, in one line and without the password."""
    said = conninfo_to_dict(url)
    host, port = said.get("host") or "the local socket", said.get("port") or "5432"
    where = f"{host}:{port}"
    who = f"as {said['user']} " if "user" in said else ""
    reason = " ".join(str(error).split())
    if said.get("password"):
        reason = reason.replace(str(said["password"]), "***")
    return f"PostgreSQL at {where} does not let parlour in {who}to database {said.get('dbname', '(default)')}: {reason}"
