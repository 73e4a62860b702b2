"""The list of tables against the database's own catalogue, and how its pages are read."""

import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
import pytest

from parlour.adapters.sql.bundle.export import SqlBundles
from parlour.adapters.sql.bundle.tables import TABLES, Table
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.domain.kernel.errors import Conflict, Invalid, Unavailable
from parlour.testing.contracts.support import a_stream
from tests.house import house_on

from .stores import an_empty_store, written

pytestmark = pytest.mark.row("OP8")

NOT_MOVED = {"migrations"}  # what has been done to this very database
KEPT_AS = {"id": "TEXT", "time": "TEXT", "text": "TEXT", "flag": "INTEGER", "number": "INTEGER", "bytes": "BLOB"}


def _names(store: SqliteStore) -> set[str]:
    return {row[1] for row in store.writer.execute("PRAGMA table_list") if row[2] == "table" and row[0] == "main"}


def differences(store: SqliteStore, tables: Iterable[Table]) -> Iterator[str]:
    """Where the list does not say what the database has."""
    listed = {t.name: t for t in tables}
    there = {name for name in _names(store) if not name.startswith("sqlite_")}
    yield from (f"{name} is in one of both only" for name in sorted((there - NOT_MOVED) ^ set(listed)))
    for table in listed.values():
        columns = store.writer.execute(f"PRAGMA table_info({table.name})").fetchall()
        has = [(name, kept, not required) for _, name, kept, required, *_ in columns]
        says = [(c.name, KEPT_AS[c.kind.name], c.nullable) for c in table.columns]
        yield from (f"{table.name}: {c} differs" for c in sorted(set(has) ^ set(says)))
        if {c[1] for c in columns if c[5]} != set(table.key):
            yield f"{table.name}: its rows are told apart by something else"


async def test_the_list_is_what_the_database_has() -> None:
    async with an_empty_store() as store:
        assert list(differences(store, TABLES)) == []


@pytest.mark.parametrize(
    "planted, seen",
    [
        ("create table pets (id text not null primary key) strict", "pets is in one of both only"),
        ("alter table users add column shoe_size integer", "users: ('shoe_size', 'INTEGER', True) differs"),
        ("alter table users drop column status", "users: ('status', 'TEXT', True) differs"),
    ],
)
async def test_a_table_or_column_that_is_missing_is_seen(planted: str, seen: str) -> None:
    async with an_empty_store() as store:
        store.writer.execute(planted)
        assert list(differences(store, TABLES)) == [seen]


async def test_a_wrong_key_and_a_missing_table_are_seen() -> None:
    planted = [attrs.evolve(t, key=("owner_id",)) if t.name == "streams" else t for t in TABLES if t.name != "log"]
    async with an_empty_store() as store:
        assert list(differences(store, planted)) == [
            "log is in one of both only",
            "streams: its rows are told apart by something else",
        ]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
async def test_pages_are_read_in_the_order_of_an_index(table: Table) -> None:
    given = {"most": 1, **{f"key_{n}": "" for n in range(len(table.key))}}
    async with an_empty_store() as store:
        plans = [
            [row[3] for row in store.writer.execute("EXPLAIN QUERY PLAN " + query.sqlite, given)]
            for query in (table.first, table.after)
        ]
    assert not [step for plan in plans for step in plan if "TEMP B-TREE" in step], plans
    assert plans[1][0].startswith(f"SEARCH {table.name}"), plans


# --- the file ---------------------------------------------------------------------------------------------------------


async def _write(store: SqliteStore, target: str | Path, *, force: bool = False) -> None:
    async with store.snapshot(slow=True) as snapshot:
        await SqlBundles(snapshot).write(str(target), force=force)


async def test_the_file_is_private_and_alone(tmp_path: Path) -> None:
    async with an_empty_store() as store:
        await _write(store, tmp_path / "a.jsonl")
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]
    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == 0o600


async def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    target.write_text("mine")
    target.chmod(0o644)
    async with an_empty_store() as store:
        with pytest.raises(Conflict, match="--force"):
            await _write(store, target)
        assert target.read_text() == "mine"
        await _write(store, target, force=True)
        assert target.read_bytes() == await written(store, tmp_path / "b.jsonl")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_an_export_that_fails_leaves_nothing_and_the_old_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    target.write_text("mine")
    async with an_empty_store() as store:
        await house_on(store).note(a_stream(), "one")
        store.writer.execute("update log set at = 'no time at all'")
        with pytest.raises(ValueError, match="no time at all"):
            await _write(store, target, force=True)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.jsonl", "mine")]


async def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    async with an_empty_store() as store:
        for target in (tmp_path / "nowhere" / "a", tmp_path / "folder", tmp_path / ("x" * 300)):
            with pytest.raises(Unavailable, match="cannot be written"):
                await _write(store, target, force=True)
        with pytest.raises(Invalid):
            await _write(store, "a.jsonl")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_the_document_names_all_tables_in_their_order() -> None:
    document = Path(__file__).parents[3] / "docs" / "bundle.md"
    listed = document.read_text().partition("All of them, in this order")[2].partition("Their columns")[0]
    assert re.findall(r"`(\w+)`", listed) == [table.name for table in TABLES]
