"""Statements on a connection of the host's, asynchronous or not; how the host has set it up is left as it is."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.numeric import Int8Dumper

from ...application.kernel.uow import TransactionUnfit
from .db import Fetched
from .loader import Query
from .postgres_link import plain
from .postgres_trouble import translated

T = TypeVar("T")


class Wire(Protocol):
    """The host's connection."""

    @property
    def connection(self) -> Any: ...

    @property
    def status(self) -> TransactionStatus: ...

    async def run(self, query: Query, given: Mapping[str, Any]) -> Fetched: ...

    async def run_many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None: ...

    async def say(self, text: str, given: Mapping[str, Any] | None = None) -> None:
        """Send statements as they are, several at once."""

    def close(self) -> None:
        """Nothing more is said on it."""


class AsyncWire:
    """`Wire` on an asynchronous connection."""

    def __init__(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        self.connection = connection

    @property
    def status(self) -> TransactionStatus:
        return self.connection.info.transaction_status

    def _cursor(self) -> "psycopg.AsyncCursor[Any]":
        cursor = psycopg.AsyncCursor(self.connection, row_factory=tuple_row)
        cursor.adapters.register_dumper(int, Int8Dumper)
        return cursor

    async def run(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        try:
            cursor = self._cursor()
            cursor.format = Format.BINARY
            await cursor.execute(query.postgres, plain(given))
            return _fetched(cursor, await cursor.fetchall() if cursor.description is not None else ())
        except psycopg.Error as error:
            raise translated(error) from error

    async def run_many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        try:
            await self._cursor().executemany(query.postgres, [plain(row) for row in rows])
        except psycopg.Error as error:
            raise translated(error) from error

    async def say(self, text: str, given: Mapping[str, Any] | None = None) -> None:
        try:
            await psycopg.AsyncClientCursor(self.connection, row_factory=tuple_row).execute(text, given)
        except psycopg.Error as error:
            raise translated(error) from error

    def close(self) -> None:
        """There is nothing of its own."""


class SyncWire:
    """`Wire` on a synchronous connection: its statements run in a thread of its own. One that waits for a lock would
    otherwise stop the loop, or take the last of some threads, and with it whoever holds that lock."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parlour-within")

    @property
    def status(self) -> TransactionStatus:
        return self.connection.info.transaction_status

    def _cursor(self) -> "psycopg.Cursor[Any]":
        cursor = psycopg.Cursor(self.connection, row_factory=tuple_row)
        cursor.adapters.register_dumper(int, Int8Dumper)
        return cursor

    async def run(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        def work() -> Fetched:
            cursor = self._cursor()
            cursor.format = Format.BINARY
            cursor.execute(query.postgres, plain(given))
            return _fetched(cursor, cursor.fetchall() if cursor.description is not None else ())

        return await self._aside(work)

    async def run_many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._aside(lambda: self._cursor().executemany(query.postgres, [plain(row) for row in rows]))

    async def say(self, text: str, given: Mapping[str, Any] | None = None) -> None:
        await self._aside(lambda: psycopg.ClientCursor(self.connection, row_factory=tuple_row).execute(text, given))

    async def _aside(self, work: Callable[[], T]) -> T:
        """Whoever is cancelled waits for the statement all the same: nothing else may run on the connection meanwhile."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(running)
        except psycopg.Error as error:
            raise translated(error) from error
        except asyncio.CancelledError:
            await asyncio.wait({running})
            raise

    def close(self) -> None:
        self._thread.shutdown(wait=False)


def wire_of(connection: Any) -> Wire:
    """The wire for a connection of psycopg's."""
    if isinstance(connection, psycopg.AsyncConnection):
        return AsyncWire(connection)
    if isinstance(connection, psycopg.Connection):
        return SyncWire(connection)
    kind = f"{type(connection).__module__}.{type(connection).__qualname__}"
    raise TransactionUnfit(f"within() needs a psycopg.AsyncConnection or psycopg.Connection, not a {kind}.")


def _fetched(cursor: Any, rows: Sequence[Sequence[Any]]) -> Fetched:
    return Fetched([c.name for c in cursor.description or ()], rows, cursor.rowcount)
