"""SQLite in trouble: what the engine does by itself, and what it can no longer do."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.application.kernel.uow import Recorded, Work
from parlour.domain.kernel.errors import DomainError, Unavailable
from parlour.domain.kernel.streams import Stream
from parlour.testing.contracts import House
from parlour.testing.contracts.support import Noted, a_stream
from tests.house import MEANS, house_on

SCRIPT = Path(__file__).parent / "full_disk.py"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = open_sqlite(str(tmp_path / "parlour.db"), MEANS)
    yield store
    await store.close()


@pytest.fixture
def house(store: SqliteStore) -> House:
    return house_on(store)


def _end_transactions(store: SqliteStore) -> None:
    """From now on the engine ends the whole transaction at an event that says so, as it may on an I/O error."""
    store.writer.execute(
        "create temp trigger engine_fails before insert on main.log when new.data like '%engine fails%' "
        "begin select raise(rollback, 'ended by the engine'); end"
    )


async def test_all_of_the_group_are_told_when_the_engine_ends_the_transaction(store: SqliteStore, house: House) -> None:
    stream = a_stream()
    await house.note(stream, "before")
    _end_transactions(store)
    texts = [*"abc", "engine fails", *"def"]
    answers = await asyncio.gather(*(house.note(stream, t) for t in texts), return_exceptions=True)
    told = [isinstance(a, Unavailable) and a.retryable for a in answers]
    assert told == [True] * 4 + [False] * 3, "all who shared the transaction are told, and nobody else"
    assert await house.noted(stream) == ["before", *"def"]


async def test_who_goes_on_after_the_engine_ended_the_transaction_writes_nothing(
    store: SqliteStore, house: House
) -> None:
    stream = a_stream()
    _end_transactions(store)

    async def stubborn(unit: Work) -> None:
        nested = unit.nested()
        with pytest.raises(Unavailable):
            async with nested:
                await nested.record(stream, Noted("engine fails"))
        await unit.schedule("alone", MEANS.clock.now(), "must_not_stand_alone", {})

    async def stubborn_inside(unit: Work) -> None:
        nested = unit.nested()
        with pytest.raises(Unavailable):
            async with nested:
                await nested.record(stream, Noted("engine fails"))
        again = unit.nested()
        async with again:
            await again.record(stream, Noted("must not stand alone"))

    for work in (stubborn, stubborn_inside):
        with pytest.raises(Unavailable):
            await house.done(work)
        assert await house.noted(stream) == []
        assert await house.due_table.due(MEANS.clock.now(), 10) == []
    await house.note(stream, "goes on")
    assert await house.noted(stream) == ["goes on"]


async def test_a_full_database_is_told_and_gets_better(store: SqliteStore, house: House) -> None:
    stream = a_stream()
    pages = store.writer.execute("pragma page_count").fetchone()[0]
    store.writer.execute(f"pragma max_page_count = {pages + 20}")
    answers = await _many(house, stream, 60)
    errors = [a for a in answers if isinstance(a, BaseException)]
    assert errors, "it was never full"
    assert {(type(e), getattr(e, "code", "")) for e in errors} == {(Unavailable, "store_full")}
    right = [n for n, a in enumerate(answers) if isinstance(a, list)]
    assert [t[0] for t in sorted(await house.noted(stream))] == sorted(chr(0x4E00 + n) for n in right)
    store.writer.execute("pragma max_page_count = 1000000")
    await house.note(stream, "there is space again")
    assert (await house.noted(stream))[-1] == "there is space again"


async def _many(house: House, stream: Stream, count: int) -> list[list[Recorded] | BaseException]:
    notes = (house.note(stream, chr(0x4E00 + n) + "x" * 8_000) for n in range(count))
    return await asyncio.gather(*notes, return_exceptions=True)


@pytest.mark.row("MS3")
def test_a_disk_that_is_full_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """In a process of its own whose files cannot grow: there the commit itself fails."""
    run = [sys.executable, str(SCRIPT), str(tmp_path / "parlour.db")]
    done = subprocess.run(
        run, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout


async def test_a_store_that_became_read_only(store: SqliteStore, house: House) -> None:
    stream = a_stream()
    await house.note(stream, "before")
    store.writer.execute("pragma query_only = on")
    with pytest.raises(Unavailable) as caught:
        await house.note(stream, "lost")
    assert caught.value.code == "store_read_only"
    assert "query_only" not in caught.value.message, "the engine's own words are shown"
    assert await house.noted(stream) == ["before"], "it can still be read"
    store.writer.execute("pragma query_only = off")
    await house.note(stream, "after")
    assert await house.noted(stream) == ["before", "after"]


async def test_a_lock_of_somebody_else_is_told_and_gets_better(store: SqliteStore, house: House) -> None:
    stream = a_stream()
    store.writer.execute("pragma busy_timeout = 1")
    stranger = sqlite3.connect(store.file.path, isolation_level=None)
    stranger.execute("begin immediate")
    with pytest.raises(DomainError) as caught:
        await house.note(stream, "lost")
    assert caught.value.retryable
    stranger.execute("rollback")
    stranger.close()
    await house.note(stream, "after")
    assert await house.noted(stream) == ["after"]
