"""What a unit writes with whatever comes next: seen by it, gone with it, and its error not lost."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from parlour.adapters.sql.loader import Query, for_psycopg
from parlour.adapters.sql.postgres import PostgresStore
from parlour.domain.kernel.errors import Raced
from tests.house import postgres_store

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8")]

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _query(name: str, text: str) -> Query:
    return Query(name, text, for_psycopg(text))


ADD = _query("add", "insert into handled (consumer, event_id, at) values (:consumer, :event_id, :at)")
COUNT = _query("count", "select count(*) from handled where consumer = :consumer")
NAMES = _query("names", "select event_id from handled where consumer = :consumer order by event_id")


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    store = postgres_store(postgres_url)
    await store.open()
    yield store
    await store.close()


async def _kept(store: PostgresStore, consumer: str) -> int:
    async with store.snapshot() as db:
        return int(await db.value(COUNT, consumer=consumer))


def _row(consumer: str, event_id: UUID | None = None) -> dict[str, object]:
    return {"consumer": consumer, "event_id": event_id or uuid4(), "at": NOW}


async def test_what_is_asked_next_sees_it_and_the_commit_keeps_it(store: PostgresStore) -> None:
    unit = store.unit()
    async with unit:
        await unit.later(ADD, **_row("a"))
        assert await unit.value(COUNT, consumer="a") == 1
        await unit.later(ADD, **_row("a"))
        await unit.later(ADD, **_row("a"))
    assert await _kept(store, "a") == 0, "the control: it is not committed yet"
    await unit.commit()
    assert await _kept(store, "a") == 3


async def test_it_goes_with_what_is_undone(store: PostgresStore) -> None:
    unit = store.unit()
    async with unit:
        await unit.later(ADD, **_row("whole"))
        part = unit.nested()
        with pytest.raises(ZeroDivisionError):
            async with part:
                await part.later(ADD, **_row("part"))
                raise ZeroDivisionError
        assert await unit.value(COUNT, consumer="whole") == 1, "what was to come later came before the savepoint"
    await unit.commit()
    assert (await _kept(store, "whole"), await _kept(store, "part")) == (1, 0)
    unit = store.unit()
    async with unit:
        await unit.later(ADD, **_row("undone"))
    await unit.rollback()
    assert await _kept(store, "undone") == 0


async def test_an_error_of_its_comes_with_the_commit_and_nothing_is_kept(store: PostgresStore) -> None:
    twice = uuid4()
    unit = store.unit()
    async with unit:
        await unit.run(ADD, **_row("other"))
        await unit.later(ADD, **_row("twice", twice))
        await unit.later(ADD, **_row("twice", twice))
    with pytest.raises(Raced):
        await unit.commit()
    assert (await _kept(store, "other"), await _kept(store, "twice")) == (0, 0)


async def test_several_that_are_asked_together_are_answered_in_their_order(store: PostgresStore) -> None:
    ids = sorted(uuid4() for _ in range(3))
    unit = store.unit()
    async with unit:
        for event_id in ids:
            await unit.later(ADD, **_row("a", event_id))
    await unit.commit()
    async with store.snapshot() as db:
        asked = (COUNT, {"consumer": "a"}), (NAMES, {"consumer": "a"}), (COUNT, {"consumer": "b"})
        for _ in range(2):  # as the first of a snapshot, and in it
            many, names, none = await db.each(*asked)
            assert (many.rows[0][0], [row[0] for row in names.rows], none.rows[0][0]) == (3, ids, 0)
