"""What members, moderators and administrators may do to one another, and what follows from a change of rights."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve, frozen

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.messages.commands import DeleteMessage, SendDirectMessage, SendMessage
from parlour.application.rooms.commands import ArchiveRoom, CreateRoom, DeleteRoom
from parlour.application.rooms.members import JoinRoom, LeaveRoom, RemoveMembers, UpdateMember
from parlour.application.rooms.queries import GetRoom, ListRooms
from parlour.application.rooms.views import RoomView
from parlour.application.workspaces.commands import (
    AddWorkspaceMember,
    ChangeWorkspaceRole,
    CreateWorkspace,
    RemoveWorkspaceMember,
)
from parlour.application.workspaces.invitations import AcceptInvitation, CreateInvitation
from parlour.domain.kernel.errors import Conflict, Forbidden
from parlour.domain.kernel.ids import UserId, WorkspaceId, host_id
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
    await team.ask(UpdateMember.of(room_id=room.id, user_id=CAROL.known, role=role))
    assert [m.user_id for m in await team.ask(RemoveMembers(room.id, [CAROL.known]), BOB)] == [CAROL.known]


async def test_a_moderator_removes_none_of_their_own_rank(team: Team) -> None:
    """The control: rank in the workspace is what makes the difference."""
    room = await team.room()
    for actor in (BOB, CAROL):
        await team.ask(UpdateMember.of(room_id=room.id, user_id=actor.known, role=RoomRole.MODERATOR))
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
        await team.ask(UpdateMember.of(room_id=room.id, user_id=BOB.known, role=role))
    assert error.value.code == "room_archived"
    await team.ask(LeaveRoom(room.id), BOB)
    await team.ask(RemoveMembers(room.id, [CAROL.known]))


@pytest.mark.parametrize("how", ["removed", "demoted"])
async def test_an_invitation_ends_with_the_right_of_whoever_made_it(team: Team, how: str) -> None:
    link = await team.ask(CreateInvitation.of(workspace_id=team.id, role=WorkspaceRole.ADMIN), BOB)
    other = await team.ask(CreateInvitation.of(workspace_id=team.id), ALICE)
    if how == "removed":
        await team.ask(RemoveWorkspaceMember(team.id, BOB.known))
    else:
        await team.ask(ChangeWorkspaceRole(team.id, BOB.known, WorkspaceRole.MEMBER))
    dave = Actor(host_id("dave"))
    with pytest.raises(Conflict) as error:
        await team.ask(AcceptInvitation(link.token), dave)
    assert error.value.code == "invitation_revoked"
    assert (await team.ask(AcceptInvitation(other.token), dave)).role == "member"


async def test_a_key_sends_one_message_whatever_workspace_the_session_works_in(team: Team) -> None:
    away = await team.ask(CreateWorkspace("away"))
    await team.ask(AddWorkspaceMember(away.id, BOB.known))
    chat = team.opened.instance.chat
    here, there = (evolve(ALICE, workspace_id=w) for w in (team.id, away.id))
    first = await chat.execute(SendDirectMessage(BOB.known, "hi"), here, key="k")
    assert await chat.execute(SendDirectMessage(BOB.known, "hi"), there, key="k") == first
    assert (await team.ask(ListRooms(away.id))).items == [], "not even a room was made for it"


@pytest.mark.parametrize("joined", ["first", "again"])
async def test_the_answer_of_joining_says_where_to_subscribe_from(team: Team, joined: str) -> None:
    room = await team.room(joined=())
    said = await team.ask(SendMessage(room.id, "hi"))
    view = await team.ask(JoinRoom(room.id), BOB)
    if joined == "again":
        view = await team.ask(JoinRoom(room.id), BOB)
    assert view == await team.ask(GetRoom(room.id), BOB)
    assert (view.last_message, view.role) == (said, "member")


async def test_what_is_done_to_a_room_is_answered_with_where_it_stands(team: Team) -> None:
    room = await team.room()
    said = await team.ask(SendMessage(room.id, "hi"))
    first, again = [await team.ask(ArchiveRoom(room.id)) for _ in range(2)]
    assert first == again == await team.ask(GetRoom(room.id))
    left, deleted = await team.ask(LeaveRoom(room.id), BOB), await team.ask(DeleteRoom(room.id))
    assert (first.offset, left.offset, deleted.offset) == (said.offset + 1, said.offset + 2, said.offset + 3)
    assert {v.epoch for v in (first, left, deleted)} == {room.epoch}
    assert [v.last_message for v in (first, left, deleted)] == [said] * 3
    assert (left.members_count, left.role) == (2, None)


@pytest.mark.parametrize("where", ["room", "workspace"])
async def test_whose_role_changes_is_looked_at_again(team: Team, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's own policy may let only some roles read."""
    room, seen = await team.room(), list[UserId]()
    monkeypatch.setattr(team.opened.instance.hub, "recheck_user", seen.append)
    roles = ((RoomRole.MODERATOR, CAROL), (RoomRole.OWNER, BOB))
    for role, actor in roles if where == "room" else ((WorkspaceRole.ADMIN, CAROL), (WorkspaceRole.OWNER, BOB)):
        who: dict[str, Any] = {"user_id": actor.known, "role": role}
        in_room = UpdateMember.of(room_id=room.id, **who)
        await team.ask(in_room if where == "room" else ChangeWorkspaceRole(team.id, **who))
    assert seen == [CAROL.known, BOB.known, ALICE.known]
