"""Migrations: forward, once, unchanged; refused in words where they do not fit."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from parlour.adapters.sql.migrations import CORE, Migration, MigrationError, migrate_sqlite, migrations_of
from parlour.adapters.sql.open import core_steps, open_sqlite
from parlour.testing.contracts.support import a_stream
from tests.house import MEANS, house_on

STEPS = [
    Migration("tried", 1, "first", "create table first (x integer) strict;\ncreate table one (x integer) strict;"),
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


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}


def test_each_runs_once(connection: sqlite3.Connection) -> None:
    assert migrate_sqlite(connection, STEPS[:1], "now") == STEPS[:1]
    assert migrate_sqlite(connection, STEPS, "now") == STEPS[1:]
    assert migrate_sqlite(connection, STEPS, "now") == []
    assert connection.execute("select * from first").fetchall() == [(2,)]


def test_one_that_was_changed_is_refused(connection: sqlite3.Connection) -> None:
    migrate_sqlite(connection, STEPS, "now")
    changed = [STEPS[0], Migration("tried", 2, "second", "insert into first values (3);")]
    with pytest.raises(MigrationError, match=r"002 \(second\) of tried was changed"):
        migrate_sqlite(connection, changed, "now")
    assert not connection.in_transaction


def test_a_newer_database_is_refused(connection: sqlite3.Connection) -> None:
    migrate_sqlite(connection, STEPS, "now")
    with pytest.raises(MigrationError, match=r"newer version: it has migration 002 \(second\) of tried"):
        migrate_sqlite(connection, STEPS[:1], "now")


def test_a_broken_one_leaves_nothing_and_those_before_it(connection: sqlite3.Connection) -> None:
    broken = Migration("tried", 3, "broken", "create table third (x integer) strict;\ninsert into nowhere values (1);")
    with pytest.raises(sqlite3.OperationalError):
        migrate_sqlite(connection, [*STEPS, broken], "now")
    assert not connection.in_transaction
    assert _tables(connection) >= {"first", "one"}
    assert "third" not in _tables(connection)
    mended = Migration("tried", 3, "broken", "create table third (x integer) strict;")
    assert migrate_sqlite(connection, [*STEPS, mended], "now") == [mended]


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


def test_modules_have_numbers_of_their_own(connection: sqlite3.Connection) -> None:
    other = [Migration("other", 1, "first", "create table elsewhere (x integer) strict;")]
    migrate_sqlite(connection, STEPS, "now")
    assert migrate_sqlite(connection, other, "now") == other
    assert migrate_sqlite(connection, STEPS, "now") == []


def test_a_twin_for_an_engine_stands_before_the_common_file(tmp_path: Path) -> None:
    (tmp_path / "001_first.sql").write_text("for all")
    (tmp_path / "001_first.postgres.sql").write_text("for postgres")
    (tmp_path / "002_second.sqlite.sql").write_text("for sqlite")
    (tmp_path / "002_second.postgres.sql").write_text("for postgres too")
    assert [s.text for s in migrations_of("m", tmp_path, "sqlite")] == ["for all", "for sqlite"]
    assert [s.text for s in migrations_of("m", tmp_path, "postgres")] == ["for postgres", "for postgres too"]


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
