"""The way to a PostgreSQL server: its connections, within bounds of time, and statements on them."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any

import psycopg
from attrs import field, frozen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import AsyncConnectionPool

from .db import Fetched
from .loader import Query
from .postgres_trouble import translated

Connection = psycopg.AsyncConnection[TupleRow]


@frozen
class Reach:
    """Where the server is, and how long things may take. Times are seconds.

    `direct_url` is for what needs a session of its own, where `url` leads through a pooler. `pooled`: the pooler gives out
    sessions by the transaction, so nothing may be left in one: no prepared statements, no settings.
    """

    url: str = field(repr=False)
    direct_url: str = field(default="", repr=False)
    most: int = 10
    waiting: int = 200
    patience: float = 2.0
    statement: float = 10.0
    lock: float = 2.0
    idle: float = 10.0
    connect: float = 3.0
    pooled: bool = False

    def options(self, *, direct: bool = False) -> dict[str, Any]:
        """What a connection is made with."""
        made: dict[str, Any] = {
            "autocommit": True,
            "client_encoding": "utf-8",
            "prepare_threshold": None if self.pooled else 2,
            "connect_timeout": max(2, round(self.connect)),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": self.milliseconds(self.statement),
        }
        if direct or not self.pooled:
            said = str(conninfo_to_dict((self.direct_url if direct else "") or self.url).get("options") or "")
            made["options"] = " ".join([said, *(f"-c {name}={value}" for name, value in self.bounds().items())]).strip()
        return made

    def bounds(self) -> dict[str, int]:
        """The server's own limits, in milliseconds."""
        return {
            "statement_timeout": self.milliseconds(self.statement),
            "lock_timeout": self.milliseconds(self.lock),
            "idle_in_transaction_session_timeout": self.milliseconds(self.idle),
        }

    @staticmethod
    def milliseconds(seconds: float) -> int:
        return max(1, int(seconds * 1000))


class Link:
    """A few connections to a server, taken in turns. Whoever finds none waits, for `patience` seconds and with no more than
    `waiting` others, and gets `Unavailable` then."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            reach.url,
            kwargs=reach.options(),
            min_size=1,
            max_size=reach.most,
            max_waiting=reach.waiting,
            timeout=reach.patience,
            reconnect_timeout=0.01,  # one that fails is made again when it is next needed, not after a growing wait
            configure=configure,
            reset=_reset,
            open=False,
            name="parlour",
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close(timeout=2)

    async def take(self) -> Connection:
        """A connection that is in no transaction."""
        me = asyncio.current_task()
        before = me.cancelling() if me is not None else 0
        try:
            connection = await self._pool.getconn()
        except Exception as error:
            raise translated(error) from error
        if me is not None and me.cancelling() > before:  # the pool waits by wait_for, which can lose a cancellation
            await self.give(connection)
            raise asyncio.CancelledError
        return connection

    async def give(self, connection: Connection) -> None:
        """Give it back; one that is broken, or in a transaction still, is thrown away."""
        await self._pool.putconn(connection)

    async def run(self, connection: Connection, query: Query, given: Mapping[str, Any]) -> Fetched:
        """Run a query; when nothing comes back for too long the connection is cut, so that nobody waits for ever."""
        watch = asyncio.get_running_loop().call_later(self.reach.statement + 1, cut, connection)
        try:
            cursor = await connection.cursor(binary=True).execute(query.postgres, plain(given))
            if cursor.description is None:
                return Fetched((), (), cursor.rowcount)
            return Fetched([c.name for c in cursor.description], await cursor.fetchall(), cursor.rowcount)
        except Exception as error:
            raise translated(error) from error
        finally:
            watch.cancel()

    async def run_and_commit(self, connection: Connection, query: Query, given: Mapping[str, Any]) -> None:
        """Run a query and commit, in one way there and back."""
        watch = asyncio.get_running_loop().call_later(self.reach.statement + 1, cut, connection)
        try:
            async with connection.pipeline():
                await connection.execute(query.postgres, plain(given))
                await connection.execute("commit")
        except Exception as error:
            raise translated(error) from error
        finally:
            watch.cancel()

    async def run_many(self, connection: Connection, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a query for each row, without waiting in between."""
        watch = asyncio.get_running_loop().call_later(self.reach.statement + 1, cut, connection)
        try:
            await connection.cursor().executemany(query.postgres, [plain(row) for row in rows])
        except Exception as error:
            raise translated(error) from error
        finally:
            watch.cancel()

    async def say(self, connection: Connection, text: str, given: Mapping[str, Any] | None = None) -> None:
        """Send statements as they are, several at once, in one way there and back."""
        watch = asyncio.get_running_loop().call_later(self.reach.statement + 1, cut, connection)
        try:
            await psycopg.AsyncClientCursor(connection).execute(text, given)
        except Exception as error:
            raise translated(error) from error
        finally:
            watch.cancel()


async def configure(connection: Connection) -> None:
    """What every session is: its times are UTC, and whole numbers are of one kind, so that a statement is prepared once."""
    connection.adapters.register_dumper(int, Int8Dumper)
    await connection.execute("set time zone 'UTC'")


async def _reset(connection: Connection) -> None:
    if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        await connection.close()


def cut(connection: Connection) -> None:
    """Break a connection from outside: whoever waits for an answer on it gets an error at once."""
    with suppress(OSError, psycopg.Error):
        handle = socket.socket(fileno=connection.fileno())
        try:
            handle.shutdown(socket.SHUT_RDWR)
        finally:
            handle.detach()


def plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as psycopg takes them."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in given.items()}
