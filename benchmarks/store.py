"""The store alone: a hundred units at once, against one commit each."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from uuid import uuid4

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.adapters.inprocess.world import RandomIds, SystemClock
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.recorder import Means
from parlour.adapters.sql.sqlite import SqliteStore

from .measure import Result, alternating, at_least

AT_ONCE, UNITS, ROUNDS = 100, 2_000, 5
TABLES = """
create table if not exists heads (room text primary key, head integer not null) strict, without rowid;
create table if not exists said (id text primary key, room text not null, n integer not null, text text not null) strict;
create table if not exists events (room text, n integer, data text not null, primary key (room, n)) strict;
"""
STATEMENTS = [
    "insert into heads values (:room, 1) on conflict (room) do update set head = head + 1",
    "select head from heads where room = :room",
    "insert into said values (:id, :room, 1, :text)",
    "insert into events values (:room, (select head from heads where room = :room), :text)",
]
QUERIES = [Query(f"statement_{n}", text, text) for n, text in enumerate(STATEMENTS)]


async def group_commit() -> Result:
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        store = open_sqlite(str(Path(folder) / "store.db"), Means(SystemClock(), RandomIds(), MsgspecCodec()))
        bare = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            bare.execute(f"PRAGMA {pragma}")
        for connection in (store.writer, bare):
            connection.executescript(TABLES)
        each, grouped = await alternating(ROUNDS, lambda: _one_commit_each(bare), lambda: _at_once(store))
        bare.close()
        await store.close()
    per_second = f"{UNITS / grouped:,.0f} units/s against {UNITS / each:,.0f}"
    what = f"units of four statements, {AT_ONCE} at once, synchronous=FULL, against one commit each"
    return at_least("store", what, each / grouped, 8, per_second)


def _given() -> dict[str, str]:
    return {"id": str(uuid4()), "room": "a room", "text": "x" * 200}


async def _one_commit_each(connection: sqlite3.Connection) -> None:
    for _ in range(UNITS):
        given = _given()
        connection.execute("begin immediate")
        for statement in STATEMENTS:
            connection.execute(statement, given).fetchall()
        connection.execute("commit")


async def _at_once(store: SqliteStore) -> None:
    async def sender() -> None:
        for _ in range(UNITS // AT_ONCE):
            unit, given = store.unit(), _given()
            async with unit:
                for query in QUERIES:
                    await unit.fetch(query, given)
            await unit.commit()

    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
