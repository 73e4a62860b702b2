"""What reading costs: a message writes nothing for anybody, a mark one row of one's own, however many are in the room."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import parlour
from parlour.adapters.sql.loader import Query
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import host_id
from parlour.domain.rooms.room import RoomMember, RoomRole
from parlour.testing.contracts.support import NOW

ADA, BOB = host_id("ada"), host_id("bob")
READ = {name: Query(name, text, text) for name, text in {
    "room_members": "select workspace_id, room_id, user_id, version, read_number, read_offset, favourite, notifications"
    " from room_members",
    "streams": "select owner_id, topic, head, number, access_version from streams",
    "messages": "select id, version from messages",
    "log": "select topic, stream_offset, id from log",
}.items()}  # fmt: skip


async def changed(instance: Instance, work: Callable[[], Awaitable[Any]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table that are new or other than before some work."""
    before = await _rows(instance)
    await work()
    after = await _rows(instance)
    return {name: sorted(after[name] - before[name], key=str) for name in READ if after[name] != before[name]}


async def _rows(instance: Instance) -> dict[str, set[tuple[Any, ...]]]:
    async with instance.store.snapshot() as snapshot:
        db: Any = snapshot
        return {
            name: {tuple(map(str, row)) for row in (await db.fetch(query, {})).rows} for name, query in READ.items()
        }


@pytest.mark.row("RM5")
@pytest.mark.parametrize("members", [3, 300])
async def test_nobody_pays_for_the_others(database_url: str, members: int) -> None:
    instance = Instance(Plan(values_of(Settings(database_url=database_url, feature_flags="")), CORE))
    await instance.start()
    try:
        ask, ada, bob = instance.chat.execute, instance.chat.actor(ADA), instance.chat.actor(BOB)
        team = await ask(parlour.CreateWorkspace("Team"), ada)
        made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "crowd", workspace_id=team.id)
        room_id = (await ask(made, ada)).id
        await _fill(instance, team.id, room_id, members)
        topic, mine = f"room:{room_id}", f"user:{BOB}"
        for _ in range(2):  # the second without looking up what is remembered
            sent = await changed(instance, lambda: ask(parlour.SendMessage(room_id, "hi"), ada))
            assert {name: len(rows) for name, rows in sent.items()} == {"messages": 1, "streams": 1, "log": 1}
            assert sent["streams"][0][1] == topic
            read = await changed(instance, lambda: ask(parlour.MarkRead(room_id), bob))
            assert {name: len(rows) for name, rows in read.items()} == {"room_members": 1, "streams": 1, "log": 1}
            assert (read["room_members"][0][2], read["streams"][0][1]) == (str(BOB), mine)
            assert await changed(instance, lambda: ask(parlour.MarkRead(room_id, 1), bob)) == {}, "nothing for nothing"
    finally:
        await instance.stop()


async def _fill(instance: Instance, workspace_id: Any, room_id: Any, members: int) -> None:
    """So many more in the room, put there without the events of their coming."""
    add = Query(
        "add",
        text := "insert into workspace_members (workspace_id, user_id, role, joined_at, version)"
        " values (:workspace_id, :user_id, 'member', :at, 1)",
        text.replace(":workspace_id", "%(workspace_id)s").replace(":user_id", "%(user_id)s").replace(":at", "%(at)s"),
    )
    unit: Any = instance.store.unit()
    async with unit:
        await unit.run(add, workspace_id=workspace_id, user_id=BOB, at=NOW)
        for n in range(members):
            user_id = BOB if n == 0 else host_id(f"member {n}")
            member = RoomMember(workspace_id, room_id, user_id, RoomRole.MEMBER, NOW)
            await instance.store.rooms_in(unit).add_member(member)
    await unit.commit()
