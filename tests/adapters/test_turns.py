"""Turns, and the group commit they make."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.adapters.sql.turns import Turns
from parlour.domain.kernel.errors import Unavailable
from parlour.testing.contracts.support import SOON, Noted, a_stream
from tests.house import MEANS, house_on


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = open_sqlite(str(tmp_path / "parlour.db"), MEANS)
    yield store
    await store.close()


async def test_turns_go_to_whoever_came_first() -> None:
    turns, order = Turns(lambda: None), list[int]()

    async def one(n: int) -> None:
        await turns.take()
        order.append(n)
        await asyncio.sleep(0)
        turns.give()

    await asyncio.gather(*(one(n) for n in range(10)))
    assert order == list(range(10))
    assert not turns.awaited


async def test_one_who_gave_up_in_the_line_is_passed_over() -> None:
    turns = Turns(lambda: None)
    await turns.take()
    first, second = asyncio.create_task(turns.take()), asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    first.cancel()
    turns.give()  # before the first one knows that it was cancelled
    await asyncio.wait_for(second, SOON)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_turn_that_comes_to_one_who_gives_up_is_refused() -> None:
    refused = list[str]()
    turns = Turns(lambda: refused.append("refused"))
    await turns.take()
    task = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    turns.give()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert refused == ["refused"]


async def _commits(store: SqliteStore, at_once: int) -> int:
    house, statements = house_on(store), list[str]()
    store.writer.set_trace_callback(statements.append)
    await asyncio.gather(*(house.note(a_stream(), "a") for _ in range(at_once)))
    store.writer.set_trace_callback(None)
    assert statements.count("BEGIN IMMEDIATE") == statements.count("COMMIT")
    return statements.count("COMMIT")


async def test_those_who_come_together_share_a_commit(store: SqliteStore) -> None:
    assert await _commits(store, 100) <= 2


async def test_one_alone_waits_for_nobody(store: SqliteStore) -> None:
    assert [await _commits(store, 1) for _ in range(3)] == [1, 1, 1]


async def test_without_turns_each_would_commit_alone(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter counts: with nobody ever waiting, there is a commit for each."""
    monkeypatch.setattr(Turns, "awaited", property(lambda turns: False))
    assert await _commits(store, 20) == 20


async def test_a_large_group_is_not_kept_waiting(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parlour.adapters.sql.sqlite.GROUP", 10)
    assert 10 <= await _commits(store, 100) <= 12


async def test_what_is_done_aside_stands_between_two_groups(store: SqliteStore) -> None:
    house, stream = house_on(store), a_stream()
    notes = [asyncio.create_task(house.note(stream, str(n))) for n in range(5)]
    await asyncio.sleep(0)

    def work(writer: sqlite3.Connection) -> bool:
        return writer.in_transaction

    assert not await store.aside(work)
    await asyncio.wait_for(asyncio.gather(*notes), SOON)
    assert await house.noted(stream) == [*"01234"]


async def test_who_asked_for_it_aside_may_go_away(store: SqliteStore) -> None:
    house, stream, done = house_on(store), a_stream(), list[str]()
    for _ in range(3):
        notes = [asyncio.create_task(house.note(stream, "a")) for _ in range(5)]
        aside = asyncio.create_task(store.aside(lambda writer: done.append("done")))
        for _ in range(3):
            await asyncio.sleep(0)
        aside.cancel()
        await asyncio.wait_for(asyncio.gather(*notes), SOON)
        await asyncio.wait([aside], timeout=SOON)
    await house.note(stream, "the store goes on")
    assert len(await house.noted(stream)) == 16


async def test_closing_waits_for_what_is_under_way(tmp_path: Path) -> None:
    store = open_sqlite(str(tmp_path / "closing.db"), MEANS)
    house, stream = house_on(store), a_stream()
    notes = [asyncio.create_task(house.note(stream, str(n))) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.wait_for(asyncio.gather(*notes), SOON)
    again = open_sqlite(str(tmp_path / "closing.db"), MEANS)
    assert await house_on(again).noted(stream) == [str(n) for n in range(20)]
    await again.close()


async def test_readers_see_only_what_is_committed_and_the_writer_more(store: SqliteStore) -> None:
    """Why reads have connections of their own: on the writer's they would see what may yet be undone."""
    house, stream = house_on(store), a_stream()
    unit = store.unit()
    async with unit:
        await unit.record(stream, Noted("not yet"))
    assert await house.noted(stream) == []
    assert store.writer.execute("select count(*) from log").fetchone() == (1,)
    await unit.rollback()


async def test_a_closed_store_says_so_to_whoever_comes(tmp_path: Path) -> None:
    store = open_sqlite(str(tmp_path / "closed.db"), MEANS)
    await store.turns.take()
    waiting = asyncio.create_task(house_on(store).note(a_stream(), "too late"))
    await asyncio.sleep(0)
    store.turns.give()
    await store.close()
    answers = await asyncio.gather(waiting, house_on(store).note(a_stream(), "later"), return_exceptions=True)
    assert isinstance(answers[1], Unavailable)
    assert answers[1].code == "closed"
    with pytest.raises(Unavailable, match="closed"):
        async with store.snapshot():
            pass


async def test_aside_works_after_a_unit_that_was_refused(store: SqliteStore) -> None:
    unit = store.unit()
    with pytest.raises(ZeroDivisionError):
        async with unit:
            raise ZeroDivisionError
    assert store.writer.in_transaction, "the group's transaction is still open"
    assert not await store.aside(lambda writer: writer.in_transaction)
