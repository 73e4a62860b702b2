"""A host's transaction on PostgreSQL: what is set for it and set back, what the host undoes, what is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.rows import dict_row

import parlour
from parlour.domain.kernel.errors import Raced
from tests.services.postgres import Postgres

from .hosts import ChangedMind, Shop, open_shop, undone

pytestmark = pytest.mark.postgres

SHOWN = """select coalesce(current_setting('parlour.owners', true), '') as owners,
    coalesce(current_setting('parlour.actor', true), '') as actor, current_setting('role') as role,
    current_setting('TimeZone') as zone, current_setting('search_path') as path"""


@pytest.fixture
async def shop(postgres_url: str) -> AsyncIterator[Shop]:
    async with open_shop("async", postgres_url) as made:
        yield made


@pytest.fixture
async def connection(postgres_url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Without autocommit: its first statement begins a transaction."""
    async with await psycopg.AsyncConnection.connect(postgres_url) as made:
        yield made
        await made.rollback()


@pytest.mark.row("DX1")
async def test_who_sends_to_the_same_room_waits_from_the_flush_on_and_not_before(shop: Shop):
    async with shop.host.block() as inside:
        await inside.execute(shop.said("From the host."), shop.ada)
        async with asyncio.timeout(1):
            assert (await shop.chat.execute(shop.said("Meanwhile."), shop.bob)).number == 1
        await inside.flush()
        sending = asyncio.ensure_future(shop.chat.execute(shop.said("After it."), shop.bob))
        done, _ = await asyncio.wait({sending}, timeout=0.3)
        assert not done, "a place was given that the host may still give back"
    assert (await sending).number == 3
    assert await shop.heard() == ["Meanwhile.", "From the host.", "After it."]


@pytest.mark.row("DX1", "RT7")
async def test_a_right_that_is_lost_meanwhile_undoes_it_and_is_for_the_host_to_try_again(shop: Shop):
    with pytest.raises(Raced):
        async with shop.host.block() as inside:
            await shop.host.order(inside, "tea")
            await inside.execute(shop.said("May I?"), shop.bob)
            await shop.chat.execute(parlour.RemoveMembers(shop.room.id, [shop.bob.known]), shop.ada)
    with pytest.raises(parlour.DomainError) as refused:
        async with shop.host.block() as inside:
            await inside.execute(shop.said("May I?"), shop.bob)
    assert refused.value.code == "not_found"
    assert await shop.heard() == await shop.host.orders() == []


@pytest.mark.row("DX1")
async def test_after_a_flush_that_failed_nothing_of_the_block_can_be_committed(shop: Shop):
    with pytest.raises(parlour.TransactionUnfit):
        async with shop.host.block() as inside:
            await shop.host.order(inside, "tea")
            await inside.execute(shop.said("May I?"), shop.bob)
            await shop.chat.execute(parlour.RemoveMembers(shop.room.id, [shop.bob.known]), shop.ada)
            with pytest.raises(Raced):
                await inside.flush()
    assert await shop.heard() == await shop.host.orders() == []


@pytest.mark.row("DX1")
async def test_leaving_by_an_error_undoes_the_block_and_leaves_what_was_before_it(shop: Shop, connection):
    await connection.execute("insert into orders values ('before')")
    with undone():
        async with shop.chat.within(connection) as inside:
            await connection.execute("insert into orders values ('in it')")
            await inside.execute(shop.said("In it."), shop.ada)
            raise ChangedMind
    await connection.execute("insert into orders values ('after')")
    await connection.commit()
    assert await shop.host.orders() == ["after", "before"]
    assert await shop.heard() == []


@pytest.mark.row("DX1")
async def test_what_the_host_undoes_to_a_savepoint_is_not_sent(shop: Shop, connection):
    async with shop.chat.within(connection) as inside:
        await inside.execute(shop.said("Kept."), shop.ada)
        with undone():
            async with connection.transaction():
                await inside.execute(shop.said("Undone."), shop.ada)
                raise ChangedMind
        await inside.flush()
        with undone():
            async with connection.transaction():
                await inside.execute(shop.said("Undone after its flush."), shop.ada)
                await inside.flush()
                await inside.execute(shop.said("Undone too."), shop.ada)
                raise ChangedMind
        await inside.execute(shop.said("Kept too."), shop.ada)
    await connection.commit()
    assert await shop.heard() == ["Kept.", "Kept too."]


@pytest.mark.row("DX1")
async def test_a_flush_is_not_undone_without_what_it_was_for(shop: Shop, connection):
    with pytest.raises(parlour.TransactionUnfit, match="undone a flush"):
        async with shop.chat.within(connection) as inside:
            await inside.execute(shop.said("Before the savepoint."), shop.ada)
            with undone():
                async with connection.transaction():
                    await inside.flush()
                    raise ChangedMind
    await connection.commit()
    assert await shop.heard() == []


@pytest.mark.row("DX1")
async def test_blocks_within_blocks(shop: Shop, connection):
    async with shop.chat.within(connection) as outer:
        await outer.execute(shop.said("One."), shop.ada)
        async with shop.chat.within(connection) as inner:
            await inner.execute(shop.said("Two."), shop.bob)
        with undone():
            async with shop.chat.within(connection) as inner:
                await inner.execute(shop.said("Undone."), shop.bob)
                raise ChangedMind
    await connection.commit()
    assert sorted(await shop.heard()) == ["One.", "Two."]


@pytest.mark.row("DX1")
async def test_everything_that_is_set_is_set_back(shop: Shop, postgres_url: str):
    async with await psycopg.AsyncConnection.connect(postgres_url, row_factory=dict_row) as connection:
        await connection.execute(
            "set time zone 'Asia/Tokyo'; set search_path to pg_temp, public; set datestyle to German"
        )
        await connection.execute("set local parlour.owners = 'the host''s own'")
        before = await (await connection.execute(SHOWN)).fetchone()
        async with shop.chat.within(connection) as inside:
            sent = await inside.execute(shop.said("When?"), shop.ada)
            assert await (await connection.execute(SHOWN)).fetchone() == before
            await inside.execute(shop.said("When?"), shop.bob)
            assert await (await connection.execute(SHOWN)).fetchone() == before
            assert sent.created_at.utcoffset() == timedelta()
            with pytest.raises(parlour.DomainError):
                await inside.execute(shop.said("When?"), shop.carl)
            assert await (await connection.execute(SHOWN)).fetchone() == before
            await inside.flush()
            found = await inside.execute(parlour.GetMessage(sent.id), shop.ada)
            assert (found.created_at, found.created_at.utcoffset()) == (sent.created_at, sent.created_at.utcoffset())
        assert await (await connection.execute(SHOWN)).fetchone() == before
    assert await shop.heard() == ["When?", "When?"]


@pytest.mark.row("DX1")
async def test_another_order_of_locks_is_for_the_host_to_try_again(shop: Shop, postgres_url: str):
    """Two hosts that flush the rooms they share one after another, each in another order: one is told to try again."""
    asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "teas", workspace_id=shop.team.id)
    other = await shop.chat.execute(asked, shop.ada)
    met = asyncio.Barrier(2)

    async def one(*rooms: Any) -> None:
        async with shop.host.block() as inside:
            await inside.execute(parlour.SendMessage(rooms[0], "first"), shop.ada)
            await inside.flush()
            await met.wait()
            await inside.execute(parlour.SendMessage(rooms[1], "second"), shop.ada)

    both = await asyncio.gather(one(shop.room.id, other.id), one(other.id, shop.room.id), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in both) == ["NoneType", "Raced"]


@pytest.mark.row("DX1")
async def test_a_commit_in_the_block_takes_nothing_with_it_that_has_no_place(shop: Shop, connection):
    with pytest.raises(parlour.TransactionUnfit, match="has ended"):
        async with shop.chat.within(connection) as inside:
            await inside.execute(shop.said("Too early."), shop.ada)
            await connection.commit()
    async with shop.chat.within(connection) as inside:
        await inside.execute(shop.said("In time."), shop.ada)
        await inside.flush()
        await connection.commit()
    assert await shop.heard() == ["In time."]


@pytest.fixture
def other_url(postgres: Postgres) -> Iterator[str]:
    """Dropped when no loop runs: the server waits a minute for a connection that is half open in one that stands still."""
    with postgres.database() as url:
        yield url


@pytest.mark.row("DX1")
async def test_what_is_in_no_transaction_of_this_database_is_refused(
    other_url: str, shop: Shop, postgres: Postgres, postgres_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
        await refused(shop, connection, "in no transaction")
    async with await psycopg.AsyncConnection.connect(postgres_url) as failed:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await failed.execute("select 1/0")
        await refused(shop, failed, "has failed")
        await failed.rollback()
    await refused(shop, connection, "closed or in use")
    async with await psycopg.AsyncConnection.connect(postgres.url) as elsewhere:
        await refused(shop, elsewhere, "another database")
        assert await (await elsewhere.execute("select 1")).fetchone() == (1,), "the transaction is of no more use"
    async with parlour.open(other_url), await psycopg.AsyncConnection.connect(other_url) as another:
        await refused(shop, another, "another database")
    await refused(shop, object(), "psycopg")
    with pytest.raises(parlour.TransactionUnfit, match="within"):
        async with shop.chat.transaction():
            pass


async def refused(shop: Shop, connection: Any, why: str) -> None:
    with pytest.raises(parlour.TransactionUnfit, match=why):
        async with shop.chat.within(connection):
            pass


@pytest.mark.row("DX1", "WS4")
async def test_a_role_of_the_hosts_sees_what_the_actor_may(postgres, postgres_url: str):
    """As the owner of the tables, for whom the wall holds; and as a role that may not use them at all."""
    owner, stranger = f"owner_{postgres_url[-6:]}", f"stranger_{postgres_url[-6:]}"
    try:
        for role in (owner, stranger):
            postgres.run(f"create role {role} login password 'secret' nosuperuser")
        with postgres.database() as url:
            postgres.run(f"grant all on schema public to {owner}", dsn=url)
            as_owner = role_url(url, owner)
            async with open_shop("async", as_owner) as shop:
                async with shop.host.block() as inside:
                    await shop.host.order(inside, "tea")
                    await inside.execute(shop.said("Tea was ordered."), shop.ada)
                    await inside.execute(shop.said("By whom?"), shop.bob)
                    seen = await shop.host.say(inside, "select count(*) from messages")
                    assert seen == [(0,)], "what is set for use cases holds for the host's own statements"
                    made = await inside.execute(parlour.CreateWorkspace("New"), shop.carl)
                    await inside.execute(parlour.ListWorkspaces(), shop.ada)
                assert await shop.heard() == ["Tea was ordered.", "By whom?"]
                assert made.id in [w.id for w in (await shop.chat.execute(parlour.ListWorkspaces(), shop.carl)).items]
                async with await psycopg.AsyncConnection.connect(role_url(url, stranger)) as connection:
                    await refused(shop, connection, "may not use parlour's tables|no tables of it are seen")
    finally:
        for role in (owner, stranger):
            postgres.run(f"drop role if exists {role}")


@pytest.mark.row("DX1", "WS4")
async def test_a_role_that_is_a_member_of_parlours_app_works_within(
    postgres: Postgres, owner_url: str, app_url: str
) -> None:
    """With roles of their own nobody but parlour's relay can open the wall, and a host's transaction works all the same."""
    postgres.run("grant create on schema public to parlour_test_app", dsn=owner_url)
    async with open_shop("async", app_url) as shop:
        with undone():
            async with shop.host.block() as inside:
                await inside.execute(shop.said("Taken back."), shop.ada)
                raise ChangedMind
        async with shop.host.block() as inside:
            await shop.host.order(inside, "tea")
            await inside.execute(shop.said("Tea was ordered."), shop.ada, key="tea")
            assert await shop.host.say(inside, "select count(*) from messages") == [(0,)], "the wall stands between"
            with pytest.raises(parlour.DomainError, match="no such room"):
                await inside.execute(shop.said("Not mine."), shop.carl)
        assert await shop.heard() == ["Tea was ordered."]
        assert (await shop.chat.execute(shop.said("Tea was ordered."), shop.ada, key="tea")).number == 1


def role_url(url: str, role: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:secret@{parts.netloc.rpartition('@')[2]}"))
