"""Whom `@here` calls, and what it costs: never more than may be called, and nothing for who does not say it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import frozen

import parlour
from parlour.adapters.inprocess.presence import LocalPresence
from parlour.adapters.sql.workspaces import SqlWorkspaces
from parlour.application.kernel.actor import Actor
from parlour.application.presence.store import PresenceStore
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import RoomId, UserId, host_id
from parlour.domain.messages.mentions import LOOKED_AT_FOR_HERE, MENTIONS_AT_MOST
from parlour.domain.rooms.room import RoomMember, RoomRole
from parlour.domain.workspaces.workspace import WorkspaceMember, WorkspaceRole
from parlour.testing.contracts.support import later

pytestmark = pytest.mark.row("MS4")
MEMBERS = [host_id(f"member {n}") for n in range(LOOKED_AT_FOR_HERE + 5)]


class Watched(LocalPresence):
    """Remembers about how many it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    async def connected(self, user_ids: Any) -> set[UserId]:
        self.asked.append(len(user_ids))
        return await super().connected(user_ids)


@frozen
class Crowd:
    """A room with all of the members, who joined one after the other, and Ada, who came last."""

    instance: Instance
    presence: Watched
    ada: Actor
    room_id: RoomId

    async def say(self, content: str) -> list[UserId]:
        """Whom it called."""
        sent = await self.instance.chat.execute(parlour.SendMessage(self.room_id, content), self.ada)
        return list(sent.mentions)


@pytest.fixture
async def crowd(database_url: str) -> AsyncIterator[Crowd]:
    presence = Watched()
    values = values_of(Settings(database_url=database_url, feature_flags=""))
    instance = Instance(Plan(values, CORE, given={PresenceStore: presence}))
    await instance.start()
    try:
        ada = instance.chat.actor(host_id("ada"))
        team = await instance.chat.execute(parlour.CreateWorkspace("Team"), ada)
        made = parlour.CreateRoom(parlour.RoomKind.PRIVATE_CHANNEL, "crowd", workspace_id=team.id)
        room_id = (await instance.chat.execute(made, ada)).id
        unit: Any = instance.store.unit()
        async with unit:
            rooms, workspaces = instance.store.rooms_in(unit), SqlWorkspaces(unit)
            for n, user_id in enumerate(MEMBERS):
                joined = later(-10_000 + n)
                assert await workspaces.add_member(WorkspaceMember(team.id, user_id, WorkspaceRole.MEMBER, joined))
                assert await rooms.add_member(RoomMember(team.id, room_id, user_id, RoomRole.MEMBER, joined))
        await unit.commit()
        yield Crowd(instance, presence, ada, room_id)
    finally:
        await instance.stop()


async def test_of_many_who_are_here_so_many_are_called(crowd: Crowd) -> None:
    for user_id in MEMBERS:
        await crowd.presence.came(user_id, "a connection")
    assert await crowd.say("@here") == MEMBERS[:MENTIONS_AT_MOST], "who joined first"
    assert crowd.presence.asked == [LOOKED_AT_FOR_HERE]


async def test_who_joined_too_late_is_not_looked_for(crowd: Crowd) -> None:
    last, late = MEMBERS[LOOKED_AT_FOR_HERE - 1], MEMBERS[LOOKED_AT_FOR_HERE]
    for user_id in (last, late):
        await crowd.presence.came(user_id, "a connection")
    assert await crowd.say("is somebody @here?") == [last]


async def test_what_does_not_call_those_here_asks_nothing_of_presence(crowd: Crowd) -> None:
    for user_id in MEMBERS[:2]:
        await crowd.presence.came(user_id, "a connection")
    for content in ("hi", "@room", "`@here`", "me@here.org", "@hereafter"):
        assert await crowd.say(content) == []
    assert crowd.presence.asked == []
