"""Migrations: forward, once, unchanged; refused in words where they do not fit."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from parlour.adapters.sql.migrations import CORE, Migration, MigrationError, migrate_sqlite, migrations_of
from parlour.adapters.sql.open import core_steps, open_sqlite
from parlour.adapters.sql.postgres_migrations import migrate_postgres
from parlour.testing.contracts.support import NOW, a_stream
from tests.house import MEANS, house_on, postgres_store
from tests.services.postgres import Postgres

STEPS = [
    Migration("tried", 1, "first", "create table first (x integer);\ncreate table one (x integer);"),
    Migration("tried", 2, "second", "-- two\ninsert into first values (2);"),
]
START = """
import sys
from parlour.adapters.sql.migrations import Migration, migrate_sqlite
from parlour.adapters.sql.sqlite_file import connect
from pathlib import Path
steps = [Migration("raced", n, "step", f"create table t{n} (x integer) strict;" + chr(10) + f"insert into t{n} values ({n});")
         for n in range(1, 30)]
print("ready", flush=True)
sys.stdin.readline()
print(len(migrate_sqlite(connect(Path(sys.argv[1])), steps, "now")))
"""


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(tmp_path / "parlour.db", isolation_level=None)


class Engine(Protocol):
    """A database to try migrations on."""

    def migrate(self, steps: Sequence[Migration]) -> list[Migration]: ...

    def rows(self, query: str) -> list[tuple[Any, ...]]: ...


class OnSqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def migrate(self, steps: Sequence[Migration]) -> list[Migration]:
        try:
            return migrate_sqlite(self._connection, steps, "now")
        finally:
            assert not self._connection.in_transaction

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


class OnPostgres:
    def __init__(self, server: Postgres, url: str) -> None:
        self._server, self._url = server, url

    def migrate(self, steps: Sequence[Migration]) -> list[Migration]:
        return asyncio.run(self._migrate(steps))

    async def _migrate(self, steps: Sequence[Migration]) -> list[Migration]:
        async with postgres_store(self._url).database.direct() as connection:
            return await migrate_postgres(connection, steps, NOW)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._server.run(query, dsn=self._url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        return OnSqlite(request.getfixturevalue("connection"))
    return OnPostgres(request.getfixturevalue("postgres"), request.getfixturevalue("postgres_url"))


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}


def test_each_runs_once(engine: Engine) -> None:
    assert engine.migrate(STEPS[:1]) == STEPS[:1]
    assert engine.migrate(STEPS) == STEPS[1:]
    assert engine.migrate(STEPS) == []
    assert engine.rows("select * from first") == [(2,)]


def test_one_that_was_changed_is_refused(engine: Engine) -> None:
    engine.migrate(STEPS)
    changed = [STEPS[0], Migration("tried", 2, "second", "insert into first values (3);")]
    with pytest.raises(MigrationError, match=r"002 \(second\) of tried was changed"):
        engine.migrate(changed)
    assert engine.rows("select * from first") == [(2,)]


def test_a_newer_database_is_refused(engine: Engine) -> None:
    engine.migrate(STEPS)
    with pytest.raises(MigrationError, match=r"newer version: it has migration 002 \(second\) of tried"):
        engine.migrate(STEPS[:1])


def test_a_broken_one_leaves_nothing_and_those_before_it(engine: Engine) -> None:
    text = "create table third (x integer);\ninsert into nowhere values (1);"
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        engine.migrate([*STEPS, Migration("tried", 3, "broken", text)])
    assert engine.rows("select count(*) from one") == [(0,)]
    mended = Migration("tried", 3, "broken", text.splitlines()[0])
    assert engine.migrate([*STEPS, mended]) == [mended], "its table was not left behind"


def test_two_that_start_at_once_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    starting = [
        subprocess.Popen([sys.executable, "-c", START, str(path)], stdin=-1, stdout=-1, text=True, cwd=Path.cwd())
        for _ in range(2)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    done = [int(process.communicate(timeout=60)[0]) for process in starting]
    assert sum(done) == 29, "a step ran twice, or not at all"


def test_modules_have_numbers_of_their_own(engine: Engine) -> None:
    other = [Migration("other", 1, "first", "create table elsewhere (x integer);")]
    engine.migrate(STEPS)
    assert engine.migrate(other) == other
    assert engine.migrate(STEPS) == []


def test_a_twin_for_an_engine_stands_before_the_common_file(tmp_path: Path) -> None:
    (tmp_path / "001_first.sql").write_text("for all")
    (tmp_path / "001_first.postgres.sql").write_text("for postgres")
    (tmp_path / "002_second.sqlite.sql").write_text("for sqlite")
    (tmp_path / "002_second.postgres.sql").write_text("for postgres too")
    assert [s.text for s in migrations_of("m", tmp_path, "sqlite")] == ["for all", "for sqlite"]
    assert [s.text for s in migrations_of("m", tmp_path, "postgres")] == ["for postgres", "for postgres too"]


def test_one_that_is_online_is_for_postgresql_alone(tmp_path: Path) -> None:
    (tmp_path / "001_first.sql").write_text("-- online\nselect 1;")
    with pytest.raises(MigrationError, match=r"001_first\.postgres\.sql, and a twin"):
        migrations_of("m", tmp_path, "sqlite")


@pytest.mark.parametrize("names", [["1_first.sql"], ["001_first.sql", "003_third.sql"], ["002_second.sql"]])
def test_wrong_names_and_gaps_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("select 1;")
    with pytest.raises(MigrationError):
        migrations_of("m", tmp_path, "sqlite")


@pytest.mark.row("AD2")
async def test_a_module_is_migrated_while_units_are_at_work(tmp_path: Path) -> None:
    folder, stream = tmp_path / "module", a_stream()
    folder.mkdir()
    (folder / "001_first.sql").write_text("create table of_the_module (x integer) strict;")
    store = open_sqlite(str(tmp_path / "parlour.db"), MEANS)
    house = house_on(store)
    unit = store.unit()
    async with unit:
        pass
    await unit.rollback()
    await house.note(stream, "before")
    await store.migrate("module", folder)
    await store.migrate("module", folder)
    await house.note(stream, "after")
    assert "of_the_module" in _tables(store.writer)
    await store.close()


def test_a_store_of_a_newer_version_is_let_go_again(tmp_path: Path) -> None:
    path = str(tmp_path / "parlour.db")
    newer = tmp_path / "newer" / "core"
    newer.mkdir(parents=True)
    for step in core_steps():
        (newer / f"{step.number:03}_{step.name}.sql").write_text(step.text)
    (newer / f"{len(core_steps()) + 1:03}_later.sql").write_text("create table later (x integer) strict;")
    store = open_sqlite(path, MEANS, core=newer.parent)
    store._readers.close()
    store.writer.close()
    store.file.release()
    for _ in range(2):
        with pytest.raises(MigrationError, match="newer version"):
            open_sqlite(path, MEANS, core=CORE)
