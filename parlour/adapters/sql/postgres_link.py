"""The way to a PostgreSQL server: its connections, within bounds of time, and statements on them."""

import asyncio
import select
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

import psycopg
from attrs import field, frozen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import AsyncConnectionPool, TooManyRequests

from ...domain.kernel.errors import DomainError
from .db import Asked, Fetched
from .loader import Query
from .postgres_away import Away
from .postgres_trouble import tables_changed, translated


class Connection(psycopg.AsyncConnection[TupleRow]):
    """A connection that is cut when whoever waits on it is cancelled: psycopg would ask the server to stop, on another
    connection, and wait for that up to ten seconds where the server does not answer."""

    made_at = 0

    async def cancel_safe(self, *, timeout: float = 30.0) -> None:
        cut(self)


SEEN_TO_BE_GONE = {"tcp_keepalives_idle": 5, "tcp_keepalives_interval": 2, "tcp_keepalives_count": 3}
"""For the server's side, in seconds: who vanishes without a word holds no lock, and leads nobody, for longer than this."""


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
    connect: float = 2.0
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
            bounds = self.bounds() | SEEN_TO_BE_GONE
            made["options"] = " ".join([said, *(f"-c {name}={value}" for name, value in bounds.items())]).strip()
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


@frozen
class Statements:
    """Some that stand before a query, as those that a transaction begins with, and what they are given."""

    texts: Sequence[str] = ()
    given: Mapping[str, Any] = field(factory=dict)


class Link:
    """A few connections to a server, taken in turns. Whoever finds none waits, for `patience` seconds and with no more than
    `waiting` others, and gets `Unavailable` then; at once while it is known that the server lets nobody in."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            reach.url,
            connection_class=Connection,
            kwargs=reach.options(),
            min_size=1,
            max_size=reach.most,
            timeout=reach.patience,
            reconnect_timeout=0.01,  # one that fails is made again when it is next needed, not after a growing wait
            reconnect_failed=self._failed,
            configure=self._configure,
            reset=_given_back,
            open=False,
            name="parlour",
        )
        self._away = Away(reach.url, self._probe)
        self._asking, self._tables = 0, 0
        self._ending: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._away.close()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._pool.close(timeout=2)

    async def take(self) -> Connection:
        """A connection that is in no transaction, and that the server has not ended meanwhile; not one from before tables
        were changed, with statements that were prepared then."""
        while _ended(connection := await self._next()) or connection.made_at != self._tables:
            await connection.close()
            await self.give(connection)
        return connection

    async def _next(self) -> Connection:
        me = asyncio.current_task()
        before = me.cancelling() if me is not None else 0
        away = self._away.known
        if self._asking >= self.reach.waiting or (away and not self._pool.get_stats()["pool_available"]):
            raise translated(TooManyRequests(), away=away)
        self._asking += 1  # the pool itself would count those who gave up too, and grow no more when they are many
        try:
            connection = await self._pool.getconn()
        except Exception as error:
            raise translated(error, away=self._away.known) from error
        finally:
            self._asking -= 1
        if me is not None and me.cancelling() > before:  # the pool waits by wait_for, which can lose a cancellation
            await self.give(connection)
            raise asyncio.CancelledError
        return connection

    async def give(self, connection: Connection) -> None:
        """Give it back; one that is broken, or in a transaction still, is thrown away."""
        if connection.info.transaction_status is not TransactionStatus.IDLE:
            await connection.close()
        await self._pool.putconn(connection)

    def let_go(self, connection: Connection) -> None:
        """End a transaction that only read, and give its connection back, while nobody waits for it."""
        ending = asyncio.get_running_loop().create_task(self._end(connection))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _end(self, connection: Connection) -> None:
        try:
            with suppress(DomainError):  # what was read was read
                await self.say(connection, "commit")
        finally:
            await self.give(connection)

    async def run(self, connection: Connection, query: Query, given: Mapping[str, Any]) -> Fetched:
        """Run a query; when nothing comes back for too long the connection is cut, so that nobody waits for ever."""
        with self._bounded(connection):
            return await _fetched(await connection.cursor(binary=True).execute(query.postgres, plain(given)))

    async def run_after(
        self, connection: Connection, before: Statements, query: Query, given: Mapping[str, Any]
    ) -> Fetched:
        """Run some statements and then a query, in one way there and back."""
        with self._bounded(connection):
            async with connection.pipeline():
                for text in before.texts:
                    await connection.execute(text, before.given)
                cursor = await connection.cursor(binary=True).execute(query.postgres, plain(given))
            return await _fetched(cursor)

    async def run_each(self, connection: Connection, asked: Sequence[Asked]) -> list[Fetched]:
        """Run some queries, in one way there and back."""
        with self._bounded(connection):
            async with connection.pipeline():
                cursors = [await connection.cursor(binary=True).execute(q.postgres, plain(given)) for q, given in asked]
            return [await _fetched(cursor) for cursor in cursors]

    async def run_and_commit(self, connection: Connection, query: Query, given: Mapping[str, Any]) -> None:
        """Run a query and commit, in one way there and back."""
        with self._bounded(connection):
            async with connection.pipeline():
                await connection.execute(query.postgres, plain(given))
                await connection.execute("commit")

    async def run_many(self, connection: Connection, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a query for each row, without waiting in between."""
        with self._bounded(connection):
            await connection.cursor().executemany(query.postgres, [plain(row) for row in rows])

    async def say(self, connection: Connection, text: str, given: Mapping[str, Any] | None = None) -> None:
        """Send statements as they are, several at once, in one way there and back."""
        with self._bounded(connection):
            await psycopg.AsyncClientCursor(connection).execute(text, given)

    @contextmanager
    def _bounded(self, connection: Connection) -> Iterator[None]:
        watch = asyncio.get_running_loop().call_later(self.reach.statement + 1, self._unanswered, connection)
        try:
            yield
        except psycopg.errors.ReadOnlySqlTransaction as error:
            cut(connection)  # it leads to a server that no longer takes writes; a new one may lead to the one that does
            raise translated(error) from error
        except Exception as error:
            if tables_changed(error) and connection.made_at == self._tables:
                self._tables += 1
            raise translated(error) from error
        finally:
            watch.cancel()

    def _unanswered(self, connection: Connection) -> None:
        cut(connection)
        self._away.begin()  # or it is only this connection: then trying another ends it

    async def _configure(self, connection: Connection) -> None:
        watch = asyncio.get_running_loop().call_later(self.reach.connect, cut, connection)
        try:
            connection.made_at = self._tables
            await configure(connection)
        finally:
            watch.cancel()

    async def _failed(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._away.begin()

    async def _probe(self) -> None:
        """Connect beside the pool, then let the pool do so: its waiting clients are served first."""
        connection = await Connection.connect(self.reach.url, **self.reach.options())
        try:
            await self._configure(connection)
        finally:
            await connection.close()
        with suppress(psycopg.Error):
            await self._pool.putconn(await self._pool.getconn())


async def configure(connection: Connection) -> None:
    """What every session is: its times are UTC, and whole numbers are of one kind, so that a statement is prepared once."""
    connection.adapters.register_dumper(int, Int8Dumper)
    await connection.execute("set time zone 'UTC'")


async def _fetched(cursor: "psycopg.AsyncCursor[Any]") -> Fetched:
    if cursor.description is None:
        return Fetched((), (), cursor.rowcount)
    return Fetched([c.name for c in cursor.description], await cursor.fetchall(), cursor.rowcount)


async def _given_back(connection: Connection) -> None:
    """Because there is something to do, the pool takes a connection back in a task of its own: whoever gives it back and is
    cancelled meanwhile does not lose it."""


def _ended(connection: Connection) -> bool:
    """Whether the server has said something without being asked: that it is going, or gone. Costs no way there and back."""
    with suppress(OSError, psycopg.Error):
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    return True


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
