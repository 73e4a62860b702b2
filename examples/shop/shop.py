"""A shop: an order and the message about it are there together, or neither is.

The shop's own table stands in the same database as parlour's, and one transaction writes to both:

    python -m examples.shop.shop                         in the file shop.db
    python -m examples.shop.shop postgresql://…/shop     on PostgreSQL
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import parlour

TABLE = "create table if not exists orders (id text primary key, item text not null)"
CLERK = parlour.host_id("clerk")


class Staff:
    """`People` from the shop's own list of users."""

    async def named(self, ids: Sequence[UUID]) -> dict[UUID, parlour.Person]:
        return {CLERK: parlour.Person(CLERK, "clerk", "The clerk")} if CLERK in ids else {}


class Shop:
    """Takes orders, and tells the staff of them in a room. This one keeps its table in parlour's SQLite file."""

    def __init__(self, chat: Any, url: str) -> None:
        self.chat, self.url = chat, url
        self.clerk = chat.actor(CLERK)
        self.room_id: Any = None

    async def open(self) -> None:
        """Make the table and the room, where they are not there yet."""
        async with self.transaction() as inside:
            await self.say(inside, TABLE)
        teams = (await self.chat.execute(parlour.ListWorkspaces(), self.clerk)).items
        team = teams[0] if teams else await self.chat.execute(parlour.CreateWorkspace("The shop"), self.clerk)
        rooms = (await self.chat.execute(parlour.ListRooms(team.id), self.clerk)).items
        asked = parlour.CreateRoom(parlour.RoomKind.PRIVATE_CHANNEL, "orders", workspace_id=team.id)
        self.room_id = (rooms[0] if rooms else await self.chat.execute(asked, self.clerk)).id

    def transaction(self) -> Any:
        """The shop asks parlour for the turn to write: a SQLite file has one writer."""
        return self.chat.transaction()

    async def say(self, inside: parlour.Inside, sql: str, *values: str) -> list[Any]:
        """A statement of the shop's own."""
        found: list[Any] = inside.connection.execute(sql, values).fetchall()
        return found

    async def order(self, number: str, item: str) -> None:
        """Take an order. When this returns, it is on disk and the staff have been told; until then neither is so."""
        async with self.transaction() as inside:
            await self.take(inside, number, item)
            await inside.execute(parlour.SendMessage(self.room_id, f"{number}: {item}"), self.clerk)

    async def take(self, inside: parlour.Inside, number: str, item: str) -> None:
        await self.say(inside, "insert into orders (id, item) values (?, ?)", number, item)

    async def orders(self) -> list[str]:
        async with self.transaction() as inside:
            return [
                f"{number}: {item}"
                for number, item in await self.say(inside, "select id, item from orders order by id")
            ]


class PostgresShop(Shop):
    """This one has connections of its own to the database that parlour is in."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[parlour.Inside]:
        import psycopg

        async with (
            await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection,
            connection.transaction(),
            self.chat.within(connection) as inside,
        ):
            yield inside

    async def say(self, inside: parlour.Inside, sql: str, *values: str) -> list[Any]:
        cursor = await inside.connection.execute(sql.replace("?", "%s"), values)
        return await cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def open_shop(url: str) -> AsyncIterator[Shop]:
    """The shop in a SQLite file, or in the PostgreSQL database that a URL names."""
    async with parlour.open(url, given={parlour.People: Staff()}) as chat:
        shop = (PostgresShop if url.startswith("postgres") else Shop)(chat, url)
        await shop.open()
        yield shop


async def main(url: str) -> None:
    async with open_shop(url) as shop:
        await shop.order("1", "tea")
        try:
            await shop.order("1", "rice")
        except Exception as error:  # the number is taken, so there is neither this order nor a message about it
            print(type(error).__name__)
        await shop.order("2", "rice")
        print("orders:", await shop.orders())
        said = await shop.chat.execute(parlour.ListMessages(shop.room_id), shop.clerk)
        print("the staff heard:", [message.content for message in said.items])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "shop.db"))
