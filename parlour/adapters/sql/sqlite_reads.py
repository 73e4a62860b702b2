"""Reading SQLite: connections of their own beside the writer, which never show what is not committed."""

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...domain.kernel.errors import Unavailable
from .db import Db, Fetched, plain
from .loader import Query
from .sqlite_file import connect

BARE = frozenset({str, int, bytes, type(None)})
"""What SQLite takes as it is."""


def run(connection: sqlite3.Connection, query: Query, given: Mapping[str, Any]) -> Fetched:
    """Run a query here and now."""
    values = [given[name] for name in query.takes]
    cursor = connection.execute(query.ordered, [v if type(v) in BARE else plain(v) for v in values])
    if cursor.description is None:
        return Fetched((), (), cursor.rowcount)
    rows = cursor.fetchall()
    return Fetched([column[0] for column in cursor.description], rows, len(rows))


def read(connection: sqlite3.Connection, query: Query, given: Mapping[str, Any]) -> Fetched:
    """Run a query that reads; trouble of the engine or its file is `Unavailable`."""
    try:
        return run(connection, query, given)
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise unavailable(error) from error


def unavailable(error: BaseException) -> Unavailable:
    """What a caller is told when the engine cannot: never the engine's own words."""
    code = str(getattr(error, "sqlite_errorname", ""))
    if code.startswith("SQLITE_FULL"):
        return Unavailable("The disk of the store is full.", retry_after=30, code="store_full")
    if code.startswith("SQLITE_READONLY"):
        return Unavailable("The store cannot be written to.", retry_after=30, code="store_read_only")
    return Unavailable("The store does not work now.", retry_after=5, code="store_unavailable")


class Readers:
    """A few connections for reading, made when first needed. Taken in turns: whoever finds none waits for one."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._free, self._made = path, list[sqlite3.Connection](), list[sqlite3.Connection]()
        self._room = asyncio.Semaphore(most)
        self._closed = False

    async def take(self) -> sqlite3.Connection:
        await self._room.acquire()
        if self._closed:
            self._room.release()
            raise Unavailable("The store is closed.", code="closed")
        if self._free:
            return self._free.pop()
        try:
            connection = connect(self._path, reading=True)
        except sqlite3.Error as error:
            self._room.release()
            raise unavailable(error) from error
        self._made.append(connection)
        return connection

    def give(self, connection: sqlite3.Connection) -> None:
        self._free.append(connection)
        self._room.release()

    def drop(self, connection: sqlite3.Connection) -> None:
        """One that is broken: another is made when it is needed."""
        self._made.remove(connection)
        connection.close()
        self._room.release()

    def close(self) -> None:
        self._closed = True
        for connection in self._made:
            connection.close()


class ReadDb(Db):
    """Reads, each of what is committed at its moment."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        connection = await self._readers.take()
        try:
            return read(connection, query, given)
        finally:
            self._readers.give(connection)


class SqliteSnapshot(Db):
    """`Snapshot`: all its reads see the store as of the first. With `aside` each runs in a thread."""

    def __init__(self, readers: Readers, *, aside: bool) -> None:
        self._readers, self._aside = readers, aside
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        connection = await self._readers.take()
        try:
            connection.execute("BEGIN")
        except sqlite3.Error as error:
            self._readers.drop(connection)
            raise unavailable(error) from error
        self._connection = connection
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._let_go(connection, raising=error is None)

    def _let_go(self, connection: sqlite3.Connection, *, raising: bool) -> None:
        try:
            if connection.in_transaction:
                connection.execute("COMMIT")
        except sqlite3.Error as failure:
            self._readers.drop(connection)
            if raising:
                raise unavailable(failure) from failure
        else:
            self._readers.give(connection)

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        if self._connection is None:
            raise RuntimeError(f"the snapshot is over; {query.name} came too late")
        if not self._aside:
            return read(self._connection, query, given)
        reading = asyncio.ensure_future(asyncio.to_thread(read, self._connection, query, given))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            self._connection.interrupt()  # the connection is given back when nobody reads from it any more
            await asyncio.wait({reading})
            raise
