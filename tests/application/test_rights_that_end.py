"""What is over is over: ranks, workspaces, invitations, words; and what one may still do with one's own."""

from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.application.identity.blocks import BlockUser, ListBlocks
from parlour.application.identity.commands import SignUp
from parlour.application.identity.instance import SuspendUser
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.kernel.ports import People
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendDirectMessage, SendMessage
from parlour.application.messages.forwarding import ForwardMessage
from parlour.application.presence.queries import GetPresence
from parlour.application.rooms.commands import CreateRoom
from parlour.application.rooms.members import UpdateMember
from parlour.application.workspaces.commands import (
    AddWorkspaceMember,
    CreateWorkspace,
    DeleteWorkspace,
    RemoveWorkspaceMember,
)
from parlour.application.workspaces.invitations import AcceptInvitation, CreateInvitation, GetInvitation
from parlour.domain.kernel.errors import DomainError, Invalid
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.domain.messages.message import MessageType
from parlour.domain.rooms.room import RoomKind, RoomRole
from parlour.domain.workspaces.workspace import WorkspaceRole

from .desk import Office, office


@frozen
class Team:
    """Ann owns a workspace with a private channel; Ben is in both. Neither is in a workspace with Cat."""

    opened: Office
    ann: Actor
    ben: Actor
    cat: Actor
    workspace: WorkspaceId
    room: RoomId

    async def ask(self, message: Message[Any], actor: Actor | None = None, **more: Any) -> Any:
        return await self.opened.instance.chat.execute(message, actor or self.ann, **more)

    async def refused(self, message: Message[Any], actor: Actor | None = None) -> str:
        with pytest.raises(DomainError) as error:
            await self.ask(message, actor)
        return error.value.code

    async def role(self, role: RoomRole) -> None:
        await self.ask(UpdateMember.of(room_id=self.room, user_id=self.ben.known, role=role))


@pytest_asyncio.fixture
async def team(database_url: str) -> Any:
    async with office(database_url, start=False) as opened:
        chat, people = opened.instance.chat, []
        for name in ("ann", "ben", "cat"):
            said = await chat.execute(SignUp(name, f"{name}@example.org", "correct horse"), STRANGER)
            people.append(Actor(said.user.id))
            cast: Any = opened.instance.ports.find(People)
            cast.value.people[name] = said.user.id
        ann, ben, cat = people
        home = (await chat.execute(CreateWorkspace("home"), ann)).id
        link = await chat.execute(CreateInvitation(home), ann)
        await chat.execute(AcceptInvitation(link.token), ben)
        asked = CreateRoom(RoomKind.PRIVATE_CHANNEL, "cellar", workspace_id=home, member_ids=[ben.known])
        yield Team(opened, ann, ben, cat, home, (await chat.execute(asked, ann)).id)


@pytest.mark.row("MS2")
async def test_who_may_announce_no_more_does_not_rewrite_what_they_announced(team: Team) -> None:
    await team.role(RoomRole.MODERATOR)
    notice = await team.ask(SendMessage(team.room, "closed today", MessageType.NOTIFICATION), team.ben)
    plain = await team.ask(SendMessage(team.room, "hello"), team.ben)
    await team.ask(EditMessage(notice.id, "closed till noon"), team.ben)
    await team.role(RoomRole.MEMBER)
    assert await team.refused(EditMessage(notice.id, "closed for good"), team.ben) == "role_lacks_permission"
    assert (await team.ask(EditMessage(plain.id, "good day"), team.ben)).content == "good day"
    assert (await team.ask(DeleteMessage(notice.id), team.ben)).content == ""


@pytest.mark.row("RM4")
async def test_authors_take_their_words_back_though_muted_or_in_a_block(team: Team) -> None:
    said = await team.ask(SendMessage(team.room, "what was I thinking"), team.ben)
    other = await team.ask(SendMessage(team.room, "indeed"))
    direct = await team.ask(SendDirectMessage(team.ann.known, "sorry", team.workspace), team.ben)
    await team.ask(UpdateMember.of(room_id=team.room, user_id=team.ben.known, muted=True))
    await team.ask(BlockUser(team.ben.known))
    assert await team.refused(EditMessage(said.id, "otherwise"), team.ben) == "muted"
    assert await team.refused(DeleteMessage(other.id), team.ben) == "role_lacks_permission"
    for one in (said, direct):
        assert (await team.ask(DeleteMessage(one.id), team.ben)).deleted_at is not None


@pytest.mark.row("RT8")
async def test_a_workspace_that_was_deleted_acquaints_nobody(team: Team) -> None:
    await team.ask(BlockUser(team.ben.known))

    async def known() -> tuple[int, bool]:
        (block,) = (await team.ask(ListBlocks())).items
        return len(await team.ask(GetPresence([team.ben.known]))), block.user is not None

    assert await known() == (1, True), "the control"
    await team.ask(DeleteWorkspace(team.workspace))
    assert await known() == (0, False)


@pytest.mark.row("WS2")
async def test_a_link_of_somebody_suspended_lets_nobody_in(team: Team) -> None:
    link = await team.ask(CreateInvitation(team.workspace))
    assert (await team.ask(GetInvitation(link.token), STRANGER)).workspace_id == team.workspace
    await team.ask(SuspendUser(team.ann.known), SYSTEM)
    assert await team.refused(GetInvitation(link.token), STRANGER) == "invitation_revoked"
    assert await team.refused(AcceptInvitation(link.token), team.cat) == "invitation_revoked"


@pytest.mark.row("WS2")
async def test_a_block_keeps_one_out_of_the_others_workspace_but_for_an_invitation(team: Team) -> None:
    await team.ask(BlockUser(team.ann.known), team.cat)
    add = AddWorkspaceMember(team.workspace, team.cat.known)
    assert await team.refused(add) == "blocked"
    link = await team.ask(CreateInvitation(team.workspace))
    await team.ask(AcceptInvitation(link.token), team.cat)
    assert (await team.ask(RemoveWorkspaceMember(team.workspace, team.cat.known))).role is WorkspaceRole.MEMBER
    assert await team.refused(add) == "blocked"


@pytest.mark.row("MS4")
async def test_what_was_forwarded_is_answered_again_as_it_is_now(team: Team) -> None:
    said = await team.ask(SendMessage(team.room, "for you all"))
    forward = ForwardMessage(said.id, team.room)
    first = await team.ask(forward, key="k")
    assert (await team.ask(forward, key="k")).id == first.id
    await team.ask(DeleteMessage(said.id))
    assert (await team.ask(forward, key="k")).content == "for you all", "what becomes of the first does not change it"
    await team.ask(DeleteMessage(first.id))
    again = await team.ask(forward, key="k")
    assert (again.id, again.content) == (first.id, "")


@pytest.mark.row("WS3")
async def test_a_letter_is_for_one_person_once(team: Team) -> None:
    asked = CreateInvitation.of(workspace_id=team.workspace, email="cat@example.org", max_uses=2)
    with pytest.raises(Invalid) as error:
        await team.ask(asked)
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/max_uses", "by_letter")]
    letter = await team.ask(CreateInvitation.of(workspace_id=team.workspace, email="cat@example.org", max_uses=1))
    await team.ask(AcceptInvitation(letter.token), team.cat)
    await team.ask(RemoveWorkspaceMember(team.workspace, team.cat.known))
    assert await team.refused(AcceptInvitation(letter.token), team.cat) == "invitation_used_up"
