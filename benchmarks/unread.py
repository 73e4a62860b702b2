"""What somebody in 500 rooms pays for read marks, for what is unread, and for the list of their rooms; on both engines."""

import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen

import parlour
from parlour.adapters.sql.loader import Query
from parlour.application.kernel.actor import Actor
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from tests.services.server import running_postgres

from .measure import Result, at_most, timed

ROOMS, SAID, MARKS, READS, ROUNDS = 500, 3, 200, 50, 5
ADA = Actor(parlour.host_id("ada"))
_TOUCH = "update workspaces set name_key = name_key where id = :id"
TOUCH = Query("touch", _TOUCH, _TOUCH.replace(":id", "%(id)s"))


@frozen
class Member:
    """Somebody with their rooms, each with some messages."""

    instance: Instance
    workspace: WorkspaceId
    rooms: list[RoomId]

    async def ask(self, message: Any) -> Any:
        return await self.instance.chat.execute(message, ADA)

    async def commits(self) -> None:
        """As many commits as there are marks, of a row each."""
        for _ in range(MARKS):
            unit: Any = self.instance.store.unit(ADA)
            async with unit:
                await unit.run(TOUCH, id=self.workspace)
            await unit.commit()

    async def mark(self) -> None:
        """On in one half of the rooms, back in the other; the next time round the other way."""
        for n in range(MARKS // 2):
            await self.ask(parlour.MarkRead(self.rooms[n]))
            await self.ask(parlour.MarkUnread(self.rooms[n], 1))

    async def whole_list(self) -> None:
        cursor, found = None, 0
        while True:
            page = await self.ask(parlour.ListRooms(self.workspace, cursor, 200))
            found += len(page.items)
            if (cursor := page.next) is None:
                break
        assert found == ROOMS


@asynccontextmanager
async def _member(url: str) -> AsyncIterator[Member]:
    instance = Instance(Plan(values_of(Settings(database_url=url, feature_flags="")), CORE))
    await instance.start()
    try:
        chat = instance.chat
        team = await chat.execute(parlour.CreateWorkspace("Team"), ADA)
        rooms = []
        for n in range(ROOMS):
            asked = parlour.CreateRoom(parlour.RoomKind.PRIVATE_CHANNEL, f"room {n:03}", workspace_id=team.id)
            rooms.append((await chat.execute(asked, ADA)).id)
        for start in range(0, ROOMS, 10):
            some = rooms[start : start + 10] * SAID
            await asyncio.gather(*(chat.execute(parlour.SendMessage(r, "x" * 200), ADA) for r in some))
        yield Member(instance, team.id, rooms)
    finally:
        await instance.stop()


async def _on_sqlite(measure: Callable[[Member, str], Awaitable[Result]]) -> Result:
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        async with _member(f"sqlite:///{Path(folder) / 'rooms.db'}") as member:
            return await measure(member, "")


async def _on_postgres(measure: Callable[[Member, str], Awaitable[Result]]) -> Result:
    with running_postgres(durable=True) as server, server.database() as url:
        async with _member(url) as member:
            with psycopg.connect(url, autocommit=True) as bare:
                bare.execute("analyze")  # as the server does by itself within a minute
            return await measure(member, "pg-")


async def _marking(member: Member, engine: str) -> Result:
    rounds = [(await timed(member.commits), await timed(member.mark)) for _ in range(ROUNDS + 1)][1:]
    commit, mark = (statistics.median(r[n] for r in rounds) / MARKS * 1e3 for n in (0, 1))
    what = f"a mark as read, or as unread, in one of {ROOMS} rooms, beyond a commit of one row"
    return at_most(f"{engine}mark-read", what, mark - commit, 1, " ms", f"{mark:.2f} ms against {commit:.2f} ms")


async def _unread(member: Member, engine: str) -> Result:
    found = await _each(lambda: member.ask(parlour.GetUnread(member.workspace)))
    page = await _each(lambda: member.ask(parlour.ListUnread(member.workspace)))
    what = f"what is unread in all of {ROOMS} rooms together"
    return at_most(f"{engine}unread", what, found, 1, " ms", f"a page of 50 of them {page:.2f} ms")


async def _listing(member: Member, engine: str) -> Result:
    found = await _each(member.whole_list)
    what = f"the list of {ROOMS} rooms with what is unread and the last message, page by page"
    page = await _each(lambda: member.ask(parlour.ListRooms(member.workspace)))
    wanted = 15 if engine else 10
    return at_most(f"{engine}rooms", what, found, wanted, " ms", f"a page of 50 of them {page:.2f} ms")


async def _each(work: Callable[[], Awaitable[object]]) -> float:
    """The median of so many in milliseconds."""
    return statistics.median([await timed(work) for _ in range(READS)]) * 1e3


async def marking() -> Result:
    return await _on_sqlite(_marking)


async def unread() -> Result:
    return await _on_sqlite(_unread)


async def listing() -> Result:
    return await _on_sqlite(_listing)


async def marking_on_postgres() -> Result:
    return await _on_postgres(_marking)


async def unread_on_postgres() -> Result:
    return await _on_postgres(_unread)


async def listing_on_postgres() -> Result:
    return await _on_postgres(_listing)
