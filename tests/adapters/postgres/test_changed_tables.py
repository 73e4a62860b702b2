"""A table is changed while a server runs: statements that were prepared before it cost nobody an error."""

import asyncio

import psycopg
import pytest

import parlour
from parlour.adapters.sql import postgres_link, postgres_trouble
from parlour.adapters.sql.loader import Query
from parlour.domain.kernel.errors import Raced
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.entrypoints.library.chat import Chat
from tests.services.postgres import Postgres

from .test_link import linked

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8")]

MORE = (
    "alter table rooms add column later text; alter table messages add column later text; "
    "alter table room_members add column later text; alter table workspaces add column later text"
)


async def used(chat: Chat, room: RoomId, team: WorkspaceId) -> None:
    """Everything that a client does all day, several at once, so that several connections have it prepared."""
    ada = chat.actor(parlour.host_id("ada"))
    for _ in range(4):
        await asyncio.gather(*(chat.execute(parlour.GetRoom(room), ada) for _ in range(8)))
        await asyncio.gather(*(chat.execute(parlour.ListMessages(room), ada) for _ in range(8)))
        await asyncio.gather(*(chat.execute(parlour.ListChannels(workspace_id=team), ada) for _ in range(8)))
        await asyncio.gather(*(chat.execute(parlour.SendMessage(room, "said"), ada) for _ in range(8)))
        await chat.execute(parlour.UpdateRoom(room, name="other", fields=frozenset({"name"})), ada)


async def changed_while_used(url: str, postgres: Postgres) -> None:
    async with parlour.open(url) as chat:
        ada = chat.actor(parlour.host_id("ada"))
        team = WorkspaceId((await chat.execute(parlour.CreateWorkspace("Team"), ada)).id)
        made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team)
        room = RoomId((await chat.execute(made, ada)).id)
        await used(chat, room, team)
        postgres.run(MORE, dsn=url)
        await used(chat, room, team)


async def test_nobody_notices_a_new_column(postgres_url: str, postgres: Postgres) -> None:
    await changed_while_used(postgres_url, postgres)


async def test_the_control_without_a_second_try_somebody_does(
    postgres_url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (postgres_trouble, postgres_link):
        monkeypatch.setattr(module, "tables_changed", lambda error: False)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan"):
        await changed_while_used(postgres_url, postgres)


async def test_connections_from_before_are_not_given_out(postgres_url: str, postgres: Postgres) -> None:
    every = Query("every", "", "select * from meta")
    async with linked(postgres_url, most=3) as link:
        held = [await link.take() for _ in range(3)]
        for connection in held:
            for _ in range(4):
                await link.run(connection, every, {})
        postgres.run("alter table meta add column later text", dsn=postgres_url)
        with pytest.raises(Raced):
            await link.run(held[0], every, {})
        for connection in held:
            await link.give(connection)
        again = [await link.take() for _ in range(3)]
        assert not set(again) & set(held)
        for connection in again:
            await link.run(connection, every, {})
            await link.give(connection)


async def test_what_else_postgresql_cannot_do_stays_a_fault_of_ours(postgres_url: str) -> None:
    unfit = Query("unfit", "", "select count(distinct name) over () from pg_database d(name)")
    async with linked(postgres_url) as link:
        connection = await link.take()
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            await link.run(connection, unfit, {})
        await link.give(connection)
        again = await link.take()
        assert again is connection, "it is as good as before"
        await link.give(again)
