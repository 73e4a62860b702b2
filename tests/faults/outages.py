"""What may happen to the PostgreSQL that a server works on: each fault begins, lasts, and has passed when it returns."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen

from ..services.postgres import at_port
from ..services.proxy import Proxy, running_proxy
from ..services.server import PostgresServer
from .campaign import Campaign, World
from .process import Server

SHORT = {
    "DATABASE_PATIENCE_SECONDS": "0.5",
    "DATABASE_STATEMENT_SECONDS": "1",
    "DATABASE_LOCK_SECONDS": "1",
    "DATABASE_IDLE_SECONDS": "1",
    "HEARTBEAT_SECONDS": "0.5",
    "HEARTBEAT_TIMEOUT_SECONDS": "5",
    "LOG_LEVEL": "warning",
}
RESUMES = 2.0
"""Seconds after its return in which all goes on by itself."""


class Spoiled(Server):
    """A server on PostgreSQL, in which a fault of `sabotage_away` may be planted."""

    sabotaging = "tests.faults.sabotage_away"


@frozen
class Place:
    """A database of one's own on a PostgreSQL that harm is done to, and the way there that parlour takes."""

    postgres: PostgresServer
    proxy: Proxy
    dsn: str

    @property
    def url(self) -> str:
        return at_port(self.dsn, self.proxy.port)

    def backends(self) -> list[int]:
        """The processes that serve parlour."""
        found = self.postgres.run("select pid from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and backend_type = 'client backend'", dsn=self.dsn)  # fmt: skip
        return [row[0] for row in found]


@contextmanager
def place(postgres: PostgresServer) -> Iterator[Place]:
    with postgres.database() as dsn, running_proxy(postgres.port) as proxy:
        yield Place(postgres, proxy, dsn)


Fault = Callable[[Place, float], Coroutine[Any, Any, None]]


async def one_backend_ended(there: Place, seconds: float) -> None:
    for pid in random.sample(there.backends(), 1):
        there.postgres.run("select pg_terminate_backend(%s)", pid)


async def all_backends_ended(there: Place, seconds: float) -> None:
    for pid in there.backends():
        there.postgres.run("select pg_terminate_backend(%s)", pid)


async def backend_killed(there: Place, seconds: float) -> None:
    """kill -9: the postmaster ends all others, and recovers."""
    os.kill(random.choice(there.backends()), signal.SIGKILL)
    await asyncio.sleep(0.05)
    await _answers(there)


async def server_killed(there: Place, seconds: float) -> None:
    there.postgres.kill()
    await asyncio.sleep(seconds)
    there.postgres.start()


async def server_paused(there: Place, seconds: float) -> None:
    there.postgres.pause()
    try:
        await asyncio.sleep(seconds)
    finally:
        there.postgres.resume()


async def connections_cut(there: Place, seconds: float) -> None:
    there.proxy.cut()


async def answers_cut(there: Place, seconds: float) -> None:
    """Everything is under way for a while when it is cut: some was done, and nobody is told."""
    there.proxy.pass_on(late=0.05)
    await asyncio.sleep(random.uniform(0.1, 0.4))
    there.proxy.cut()
    there.proxy.pass_on()


async def connections_refused(there: Place, seconds: float) -> None:
    there.proxy.refuse()
    await asyncio.sleep(seconds)
    there.proxy.pass_on()


async def black_hole(there: Place, seconds: float) -> None:
    there.proxy.black_hole()
    await asyncio.sleep(seconds)
    there.proxy.pass_on()


async def everything_late(there: Place, seconds: float) -> None:
    """Two seconds each way: longer than any bound."""
    there.proxy.pass_on(late=2.0)
    await asyncio.sleep(seconds)
    there.proxy.pass_on()


async def idle_transactions_ended(there: Place, seconds: float) -> None:
    """The server waits for the next statement for less time than that takes on its way."""
    before = there.postgres.log().count("idle-in-transaction timeout")
    there.postgres.run("alter system set idle_in_transaction_session_timeout = 1")
    there.proxy.pass_on(late=0.6)
    async with asyncio.timeout(20):
        while there.postgres.log().count("idle-in-transaction timeout") == before:
            await asyncio.sleep(0.05)
    there.proxy.pass_on()


async def read_only(there: Place, seconds: float) -> None:
    """What a client sees of a failover that left it with the old server."""
    _set(there, "default_transaction_read_only = on")
    await asyncio.sleep(seconds)
    _set(there, "default_transaction_read_only = off")


async def crowded(there: Place, seconds: float) -> None:
    """Others have all connections that the server gives."""
    with ExitStack() as held:
        admin = held.enter_context(psycopg.connect(there.postgres.url, autocommit=True))
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            with suppress(psycopg.OperationalError):
                held.enter_context(psycopg.connect(there.postgres.url, autocommit=True))
                continue
            ended = admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
                [there.dsn.rpartition("/")[2]])  # fmt: skip
            await asyncio.sleep(0 if ended.rowcount else 0.05)


def _set(there: Place, what: str) -> None:
    there.postgres.run(f"alter system set {what}")
    there.postgres.run("select pg_reload_conf()")


async def _answers(there: Place) -> None:
    async with asyncio.timeout(20):
        while True:
            with suppress(psycopg.OperationalError):
                if there.postgres.run("select 1") == [(1,)]:
                    return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def working_on(
    there: Place, folder: Path, sabotage: str | None = None, lanes: int = 3, **settings: Any
) -> AsyncIterator[Campaign]:
    """A server with people at work on it, and its PostgreSQL where harm can be done to it."""
    server = Spoiled(folder, there.url, sabotage, **{**SHORT, **settings})
    try:
        await server.start()
        running = Campaign(await World.make(server), lanes)
        await running.begin()
        try:
            yield running
        finally:
            await running.close()
    finally:
        await server.close()


async def suffer(
    running: Campaign, there: Place, fault: Fault, times: int, seconds: float = 0.0, within: float = 15.0
) -> list[float]:
    """Let a fault happen so often, each time under load; how long it took each time until work went on."""
    waits = []
    for _ in range(times):
        await running.under_load(random.randrange(3, 30))
        await fault(there, seconds)
        began = time.monotonic()
        async with asyncio.timeout(within):
            await running.under_load(1)
        waits.append(time.monotonic() - began)
    return waits
