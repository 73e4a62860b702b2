"""Programs with tables of their own beside parlour's, and transactions of their own: one of each kind there is."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

import parlour
from parlour.entrypoints.library.chat import Chat

ORDERS = "create table orders (id text primary key)"


class Host(ABC):
    """A program that takes orders."""

    def __init__(self, chat: Chat, url: str) -> None:
        self.chat, self.url = chat, url

    @abstractmethod
    def block(self) -> AbstractAsyncContextManager[parlour.Inside]:
        """A transaction of the host's, which is committed at the end."""

    @abstractmethod
    async def say(self, inside: parlour.Inside, sql: str, *values: object) -> list[Any]:
        """A statement of the host's own."""

    @abstractmethod
    async def orders(self) -> list[str]:
        """The orders that were committed."""

    async def order(self, inside: parlour.Inside, name: str) -> None:
        await self.say(inside, f"insert into orders (id) values ('{name}')")


class OnSqlite(Host):
    def block(self) -> AbstractAsyncContextManager[parlour.Inside]:
        return self.chat.transaction()

    async def say(self, inside: parlour.Inside, sql: str, *values: object) -> list[Any]:
        return inside.connection.execute(sql, values).fetchall()

    async def orders(self) -> list[str]:
        async with self.chat.transaction() as inside:
            return [row[0] for row in await self.say(inside, "select id from orders order by id")]


class OnPostgres(Host):
    async def orders(self) -> list[str]:
        async with await psycopg.AsyncConnection.connect(self.url) as connection:
            return [row[0] for row in await (await connection.execute("select id from orders order by id")).fetchall()]


class Asynchronous(OnPostgres):
    @asynccontextmanager
    async def block(self) -> AsyncIterator[parlour.Inside]:
        async with (
            await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection,
            connection.transaction(),
            self.chat.within(connection) as inside,
        ):
            yield inside

    async def say(self, inside: parlour.Inside, sql: str, *values: object) -> list[Any]:
        cursor = await inside.connection.execute(sql, values or None)
        return await cursor.fetchall() if cursor.description else []


class Synchronous(OnPostgres):
    """Without autocommit: the first statement begins the transaction, leaving the connection's block commits it."""

    @asynccontextmanager
    async def block(self) -> AsyncIterator[parlour.Inside]:
        with psycopg.connect(self.url) as connection:
            async with self.chat.within(connection) as inside:
                yield inside

    async def say(self, inside: parlour.Inside, sql: str, *values: object) -> list[Any]:
        cursor = inside.connection.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


KINDS: dict[str, type[Host]] = {"sqlite": OnSqlite, "async": Asynchronous, "sync": Synchronous}


class Everybody:
    """`People` of a host: whoever is named is there."""

    async def named(self, ids: Sequence[UUID]) -> dict[UUID, parlour.Person]:
        return {i: parlour.Person(parlour.UserId(i), str(i), str(i)) for i in ids}


@frozen
class Shop:
    """A host, and a room of two people; `carl` is of the team and not in the room."""

    host: Host
    chat: Chat
    room: Any
    team: Any
    ada: parlour.Actor
    bob: parlour.Actor
    carl: parlour.Actor

    def said(self, text: str) -> parlour.SendMessage:
        return parlour.SendMessage(self.room.id, text)

    async def heard(self) -> list[str]:
        """What was said in the room, as everybody sees it."""
        return [m.content for m in (await self.chat.execute(parlour.ListMessages(self.room.id), self.ada)).items]


@asynccontextmanager
async def open_shop(kind: str, url: str) -> AsyncIterator[Shop]:
    async with parlour.open(url.removeprefix("sqlite:///"), given={parlour.People: Everybody()}) as chat:
        ada, bob, carl = (chat.actor(parlour.host_id(name)) for name in ("ada", "bob", "carl"))
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        for other in (bob, carl):
            await chat.execute(parlour.AddWorkspaceMember(team.id, other.known), ada)
        asked = parlour.CreateRoom(
            parlour.RoomKind.PRIVATE_CHANNEL, "orders", member_ids=[bob.known], workspace_id=team.id
        )
        room = await chat.execute(asked, ada)
        host = KINDS[kind](chat, url)
        if kind == "sqlite":
            async with host.block() as inside:
                await host.say(inside, ORDERS)
        else:
            with psycopg.connect(url) as connection:
                connection.execute(ORDERS)
        yield Shop(host, chat, room, team, ada, bob, carl)


class ChangedMind(Exception):
    """The host's own error."""


def undone() -> suppress:
    """The host changes its mind in the block, and goes on after it."""
    return suppress(ChangedMind)
