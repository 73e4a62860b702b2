"""A host's transaction on SQLite: the writer's turn, and what a host may do with it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import parlour

from .hosts import ChangedMind, Shop, open_shop, undone


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop("sqlite", f"sqlite:///{tmp_path / 'shop.db'}") as made:
        yield made


@pytest.mark.row("DX1")
@pytest.mark.parametrize(
    "sql",
    ["COMMIT", "rollback", "  End transaction", "-- now\nCOMMIT", "/* now */ commit", ";commit", "begin", "savepoint a",
     "release part", "pragma synchronous=off", "attach 'other.db' as other", "vacuum"],
)  # fmt: skip
async def test_only_parlour_begins_and_ends_it(shop: Shop, sql: str):
    async with shop.chat.transaction() as inside:
        inside.connection.execute("insert into orders values (?)", ("tea",))
        with pytest.raises(sqlite3.ProgrammingError, match="not the host's"):
            inside.connection.execute(sql)
        with pytest.raises(sqlite3.Error):
            inside.connection.execute(f"select 1; {sql}")
        inside.connection.executemany("insert into orders values (:id)", [{"id": "rice"}, {"id": "salt"}])
        await inside.execute(shop.said("Three orders."), shop.ada)
    with pytest.raises(sqlite3.ProgrammingError, match="over"):
        inside.connection.execute("insert into orders values ('late')")
    assert await shop.host.orders() == ["rice", "salt", "tea"]
    assert await shop.heard() == ["Three orders."]


@pytest.mark.row("DX1")
async def test_others_who_write_wait_for_its_end_and_readers_do_not(shop: Shop):
    async with shop.chat.transaction() as inside:
        await inside.execute(shop.said("First."), shop.ada)
        sending = asyncio.ensure_future(shop.chat.execute(shop.said("Second."), shop.bob))
        done, _ = await asyncio.wait({sending}, timeout=0.2)
        assert not done, "somebody else wrote in the host's transaction"
        async with asyncio.timeout(1):
            assert await shop.heard() == []
    assert (await sending).number == 2
    assert await shop.heard() == ["First.", "Second."]


@pytest.mark.row("DX1")
async def test_who_came_before_is_answered_while_it_lasts(shop: Shop):
    sending = [asyncio.ensure_future(shop.chat.execute(shop.said(f"{n}"), shop.bob)) for n in range(5)]
    await asyncio.sleep(0)
    async with shop.chat.transaction() as inside, asyncio.timeout(2):
        assert [m.number for m in await asyncio.gather(*sending)] == [1, 2, 3, 4, 5]
        await inside.execute(shop.said("after them"), shop.ada)
    assert await shop.heard() == ["0", "1", "2", "3", "4", "after them"]


@pytest.mark.row("DX1")
async def test_whoever_has_the_turn_does_not_wait_for_it(shop: Shop):
    async with shop.chat.transaction() as inside:
        with pytest.raises(RuntimeError, match="writer's turn"):
            await shop.chat.execute(shop.said("Into myself."), shop.ada)
        with pytest.raises(RuntimeError, match="writer's turn"):
            async with shop.chat.transaction():
                pass
        await inside.execute(shop.said("Rightly."), shop.ada)
    await shop.chat.execute(shop.said("Afterwards."), shop.ada)
    assert await shop.heard() == ["Rightly.", "Afterwards."]


@pytest.mark.row("DX1")
async def test_when_the_engine_ends_it_nothing_of_it_is_there(shop: Shop):
    with pytest.raises(parlour.DomainError) as failed:
        async with shop.chat.transaction() as inside:
            inside.connection.execute("insert into orders values ('tea')")
            await inside.execute(shop.said("Tea."), shop.ada)
            with pytest.raises(sqlite3.IntegrityError):
                inside.connection.execute("insert or rollback into orders values ('tea')")
            with pytest.raises(parlour.DomainError):
                inside.connection.execute("insert into orders values ('rice')")
    assert failed.value.code == "store_unavailable"
    assert await shop.host.orders() == []
    await shop.chat.execute(shop.said("It goes on."), shop.ada)
    assert await shop.heard() == ["It goes on."]


@pytest.mark.row("DX1")
async def test_who_is_cancelled_in_it_leaves_nothing_and_gives_the_turn_on(shop: Shop):
    inside_it = asyncio.Event()

    async def ordering() -> None:
        async with shop.chat.transaction() as inside:
            await shop.host.order(inside, "tea")
            await inside.execute(shop.said("Tea."), shop.ada)
            inside_it.set()
            await asyncio.Event().wait()

    for _ in range(3):
        inside_it.clear()
        going = asyncio.create_task(ordering())
        await inside_it.wait()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    async with asyncio.timeout(2):
        assert await shop.host.orders() == []
        await shop.chat.execute(shop.said("It goes on."), shop.ada)
    assert await shop.heard() == ["It goes on."]


@pytest.mark.row("DX1")
async def test_tables_are_made_in_it_and_undone(shop: Shop):
    with undone():
        async with shop.chat.transaction() as inside:
            inside.connection.execute("create table sales (id text)")
            raise ChangedMind
    async with shop.chat.transaction() as inside:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            inside.connection.execute("select * from sales")


@pytest.mark.row("DX1")
async def test_within_is_not_for_sqlite(shop: Shop, tmp_path: Path):
    connection = sqlite3.connect(tmp_path / "other.db")
    with pytest.raises(parlour.TransactionUnfit, match=r"use `chat\.transaction"):
        async with shop.chat.within(connection):
            pass
    connection.close()
