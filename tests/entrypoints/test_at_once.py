"""Many come into a room and go out of it at once, and nobody is told to try again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

import parlour
from parlour.application.kernel.actor import Actor
from parlour.domain.kernel.errors import DomainError, Raced
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.domain.rooms.ports import Rooms
from parlour.entrypoints.library.chat import Chat

from .hosts import Everybody

pytestmark = pytest.mark.row("RM4")

MANY = 39
EVERYBODY: dict[type, Any] = {parlour.People: Everybody()}


@pytest.fixture
async def chat(database_url: str) -> AsyncIterator[Chat]:
    async with parlour.open(database_url, given=EVERYBODY) as opened:
        yield opened


async def a_team(chat: Chat, many: int) -> tuple[Actor, list[Actor], WorkspaceId]:
    boss, *people = [chat.actor(parlour.host_id(f"user{n}")) for n in range(many + 1)]
    team = await chat.execute(parlour.CreateWorkspace("Team"), boss)
    for person in people:
        await chat.execute(parlour.AddWorkspaceMember(WorkspaceId(team.id), person.known), boss)
    return boss, people, WorkspaceId(team.id)


async def a_channel(chat: Chat, owner: Actor, team: WorkspaceId, name: str = "general") -> RoomId:
    made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, name, workspace_id=team)
    return RoomId((await chat.execute(made, owner)).id)


async def refused(chat: Chat, asked: Sequence[tuple[parlour.Command[Any], Actor]]) -> list[str]:
    """The codes of what was refused, of all that was asked at once."""
    answers = await asyncio.gather(*(chat.execute(*one) for one in asked), return_exceptions=True)
    failed = [a for a in answers if isinstance(a, BaseException)]
    assert all(isinstance(a, DomainError) for a in failed), failed
    return [a.code for a in failed if isinstance(a, DomainError)]


async def counted(chat: Chat, room_id: RoomId, actor: Actor) -> tuple[int, int]:
    """How many are said to be in a room, and are."""
    room = await chat.execute(parlour.GetRoom(room_id), actor)
    members = await chat.execute(parlour.ListMembers(room_id, limit=100), actor)
    return room.members_count, len(members.items)


async def test_many_join_at_once(chat: Chat) -> None:
    boss, people, team = await a_team(chat, MANY)
    room = await a_channel(chat, boss, team)
    assert await refused(chat, [(parlour.JoinRoom(room), p) for p in people]) == []
    assert await counted(chat, room, boss) == (MANY + 1, MANY + 1)


@pytest.mark.postgres
async def test_the_control_unless_they_wait_most_are_too_late(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_held(rooms: Rooms, room_id: RoomId) -> None:
        """Nobody waits."""

    monkeypatch.setattr("parlour.application.rooms.members.hold_room", not_held)
    async with parlour.open(postgres_url, given=EVERYBODY) as chat:
        boss, people, team = await a_team(chat, MANY)
        room = await a_channel(chat, boss, team)
        assert Raced.default_code in await refused(chat, [(parlour.JoinRoom(room), p) for p in people])


async def test_many_come_and_go_while_the_room_is_renamed(chat: Chat) -> None:
    boss, people, team = await a_team(chat, 30)
    room = await a_channel(chat, boss, team)
    for person in people[:10]:
        await chat.execute(parlour.JoinRoom(room), person)
    leaving = [(parlour.LeaveRoom(room), p) for p in people[:5]]
    removed = [(parlour.RemoveMembers(room, [p.known]), boss) for p in people[5:10]]
    joining = [(parlour.JoinRoom(room), p) for p in people[10:]]
    renamed = [(parlour.UpdateRoom(room, name="other", fields=frozenset({"name"})), boss)]
    assert await refused(chat, [*leaving, *renamed, *joining, *removed]) == []
    assert await counted(chat, room, boss) == (21, 21)


async def test_a_room_has_an_owner_though_they_are_taken_out_while_others_come(chat: Chat) -> None:
    boss, people, team = await a_team(chat, 12)
    for n in range(3):
        owner, others = people[4 * n], people[4 * n + 1 : 4 * n + 4]
        room = await a_channel(chat, owner, team, f"channel {n}")
        asked: list[tuple[parlour.Command[Any], Actor]] = [(parlour.JoinRoom(room), p) for p in others]
        asked.insert(n, (parlour.RemoveWorkspaceMember(team, owner.known), boss))
        assert set(await refused(chat, asked)) <= {"room_archived"}
        found = await chat.execute(parlour.GetRoom(room), boss)
        members = (await chat.execute(parlour.ListMembers(room), boss)).items
        assert found.members_count == len(members)
        owners = [m.user_id for m in members if m.role == "owner"]
        assert owners == ([] if found.archived else [found.owner_id])


@pytest.mark.row("WS3")
async def test_who_accepts_an_invitation_for_one_twice_at_once_is_in(chat: Chat) -> None:
    boss, guest, late = [chat.actor(parlour.host_id(name)) for name in ("boss", "guest", "late")]
    for n in range(3):
        team = WorkspaceId((await chat.execute(parlour.CreateWorkspace(f"Team {n}"), boss)).id)
        made = await chat.execute(parlour.CreateInvitation(team, max_uses=1), boss)
        assert await refused(chat, [(parlour.AcceptInvitation(made.token), guest)] * 5) == []
        assert await refused(chat, [(parlour.AcceptInvitation(made.token), late)]) == ["invitation_used_up"]
