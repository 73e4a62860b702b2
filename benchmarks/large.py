"""A message into a room of many, against one into a room of few: what it costs must not grow with those who do not listen."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import parlour
from parlour.adapters.sql.loader import Query, for_psycopg
from parlour.application.kernel.actor import Actor
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from tests.services.server import running_postgres

from .measure import Result, alternating, at_most

FEW, MANY, MESSAGES, AT_ONCE, ROUNDS = 10, 10_000, 60, 20, 100
ADA = Actor(parlour.host_id("ada"))


def _query(name: str, text: str) -> Query:
    return Query(name, text, for_psycopg(text))


JOIN_WORKSPACE = _query(
    "join_workspace",
    "insert into workspace_members (workspace_id, user_id, role, joined_at, version)"
    " values (:workspace_id, :user_id, 'member', :at, 1)",
)
JOIN_ROOM = _query(
    "join_room",
    "insert into room_members (workspace_id, room_id, user_id, role, joined_at, version)"
    " values (:workspace_id, :room_id, :user_id, 'member', :at, 1)",
)
COUNT = _query("count", "update rooms set members_count = :many where workspace_id = :workspace_id and id = :room_id")


async def large() -> Result:
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        return await _large("large", f"sqlite:///{Path(folder) / 'large.db'}")


async def large_on_postgres() -> Result:
    with running_postgres(durable=True) as server, server.database() as url:
        return await _large("pg-large", url)


async def _large(name: str, url: str) -> Result:
    async with _instance(url) as instance:
        team = (await instance.chat.execute(parlour.CreateWorkspace("Team"), ADA)).id
        few, many = [await _room_of(instance, team, members) for members in (FEW, MANY)]
        small, big = await alternating(ROUNDS, lambda: _said(instance, few), lambda: _said(instance, many))
    each = [took / MESSAGES * 1e6 for took in (big, small)]
    details = f"{each[0]:.0f} µs a message against {each[1]:.0f} µs, {AT_ONCE} at once"
    what = f"a message into a room of {MANY:,} members, none of whom listens, against a room of {FEW}"
    return at_most(name, what, big / small, 1.1, "x", details)


@asynccontextmanager
async def _instance(url: str) -> AsyncIterator[Instance]:
    instance = Instance(Plan(values_of(Settings(database_url=url, feature_flags="")), CORE))
    await instance.start()
    try:
        yield instance
    finally:
        await instance.stop()


async def _room_of(instance: Instance, workspace_id: WorkspaceId, members: int) -> RoomId:
    """A channel with so many members, who are put there past the use cases: those ask for each of them."""
    asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, f"{members} people", workspace_id=workspace_id)
    room = await instance.chat.execute(asked, ADA)
    unit: Any = instance.store.unit()
    at, where = room.created_at, {"workspace_id": workspace_id, "room_id": room.id}
    people = [{**where, "user_id": parlour.host_id(f"{members}-{n}"), "at": at} for n in range(members - 1)]
    async with unit:
        for query, given in ((JOIN_WORKSPACE, ("workspace_id", "user_id", "at")), (JOIN_ROOM, tuple(people[0]))):
            await unit.many(query, [{name: one[name] for name in given} for one in people])
        await unit.run(COUNT, **where, many=members)
    await unit.commit()
    counted = len(await _everybody(instance, room.id))
    assert counted == members, counted
    return room.id


async def _everybody(instance: Instance, room_id: RoomId) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = await instance.chat.execute(parlour.ListMembers(room_id, cursor, 200), ADA)
        found += page.items
        if (cursor := page.next) is None:
            return found


async def _said(instance: Instance, room_id: RoomId) -> None:
    async def sender() -> None:
        for _ in range(MESSAGES // AT_ONCE):
            await instance.chat.execute(parlour.SendMessage(room_id, "x" * 200), ADA)

    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
