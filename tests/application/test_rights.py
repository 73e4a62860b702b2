"""What members, moderators and administrators may do to one another, and what follows from a change of rights."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import frozen

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.messages.commands import DeleteMessage, SendMessage
from parlour.application.rooms.commands import ArchiveRoom, CreateRoom
from parlour.application.rooms.members import ChangeMemberRole, JoinRoom, LeaveRoom, RemoveMembers
from parlour.application.rooms.views import RoomView
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.kernel.errors import Conflict, Forbidden
from parlour.domain.kernel.ids import WorkspaceId, host_id
from parlour.domain.rooms.room import RoomKind, RoomRole
from parlour.domain.workspaces.workspace import WorkspaceRole

from .desk import ALICE, BOB, Office

CAROL = Actor(host_id("carol"))


@frozen
class Team:
    """A workspace of Alice's: Bob administers it, Carol is a member."""

    opened: Office
    id: WorkspaceId

    async def ask(self, message: Message[Any], actor: Actor = ALICE) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def room(self, kind: RoomKind = RoomKind.PUBLIC_CHANNEL, joined: Sequence[Actor] = (BOB, CAROL)) -> RoomView:
        room: RoomView = await self.ask(CreateRoom(kind, "square", workspace_id=self.id))
        for actor in joined:
            await self.ask(JoinRoom(room.id), actor)
        return room


@pytest.fixture
async def team(desk_office: Office) -> Team:
    home = await desk_office.instance.chat.execute(CreateWorkspace("home"), ALICE)
    made = Team(desk_office, home.id)
    await made.ask(AddWorkspaceMember(home.id, BOB.known, WorkspaceRole.ADMIN))
    await made.ask(AddWorkspaceMember(home.id, CAROL.known))
    return made


@pytest.mark.parametrize("role", [RoomRole.MEMBER, RoomRole.MODERATOR])
async def test_who_administers_the_workspace_removes_from_channels_they_are_in_too(team: Team, role: RoomRole) -> None:
    room = await team.room()
    await team.ask(ChangeMemberRole(room.id, CAROL.known, role))
    assert [m.user_id for m in await team.ask(RemoveMembers(room.id, [CAROL.known]), BOB)] == [CAROL.known]


async def test_a_moderator_removes_none_of_their_own_rank(team: Team) -> None:
    """The control: rank in the workspace is what makes the difference."""
    room = await team.room()
    for actor in (BOB, CAROL):
        await team.ask(ChangeMemberRole(room.id, actor.known, RoomRole.MODERATOR))
    with pytest.raises(Forbidden) as error:
        await team.ask(RemoveMembers(room.id, [BOB.known]), CAROL)
    assert error.value.code == "rank"


async def test_who_looks_after_a_channel_from_outside_takes_back_their_own_words_too(team: Team) -> None:
    room = await team.room()
    said = {actor: await team.ask(SendMessage(room.id, "hi"), actor) for actor in (BOB, CAROL)}
    for actor in (BOB, CAROL):
        await team.ask(LeaveRoom(room.id), actor)
    with pytest.raises(Forbidden) as error:
        await team.ask(DeleteMessage(said[CAROL].id), CAROL)
    assert error.value.code == "not_in_room"
    for actor in (BOB, CAROL):
        assert (await team.ask(DeleteMessage(said[actor].id), BOB)).deleted_at is not None


@pytest.mark.parametrize("role", [RoomRole.MODERATOR, RoomRole.OWNER])
async def test_in_an_archived_room_nobody_changes_roles_but_all_may_go(team: Team, role: RoomRole) -> None:
    room = await team.room()
    await team.ask(ArchiveRoom(room.id))
    with pytest.raises(Conflict) as error:
        await team.ask(ChangeMemberRole(room.id, BOB.known, role))
    assert error.value.code == "room_archived"
    await team.ask(LeaveRoom(room.id), BOB)
    await team.ask(RemoveMembers(room.id, [CAROL.known]))
