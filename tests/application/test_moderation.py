"""Muting and banning: what it takes away, from when until when, and whom it may be done to."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.kernel.ports import People
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendDirectMessage, SendMessage
from parlour.application.messages.queries import ListMessages
from parlour.application.rooms.commands import ArchiveRoom, CreateRoom
from parlour.application.rooms.members import AddMembers, JoinRoom, LeaveRoom, RemoveMembers, UpdateMember
from parlour.application.rooms.moderation import BanMember, UnbanMember
from parlour.application.rooms.queries import GetRoom, ListBans, ListChannels, ListMembers
from parlour.application.rooms.views import RoomMemberView, RoomView
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from parlour.domain.kernel.ids import UserId, WorkspaceId, host_id
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind, RoomRole
from parlour.testing.world import Cast

from .desk import ALICE, BOB, Office, office

pytestmark = pytest.mark.row("RM4")

CAROL, DAVE = Actor(host_id("carol")), Actor(host_id("dave"))
HOUR = timedelta(hours=1)


@frozen
class Square:
    """A public channel of Alice's, which Bob moderates; Carol is a member, Dave of the workspace alone."""

    opened: Office
    workspace: WorkspaceId
    room: RoomView

    async def ask(self, message: Message[Any], actor: Actor = ALICE) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def refused(self, message: Message[Any], actor: Actor = ALICE) -> DomainError:
        with pytest.raises(DomainError) as error:
            await self.ask(message, actor)
        return error.value

    async def mute(self, who: Actor, by: Actor = ALICE, after: timedelta | None = None) -> RoomMemberView:
        ends = {"muted_until": self.opened.clock.now() + after} if after is not None else {"muted": True}
        member: RoomMemberView = await self.ask(UpdateMember.of(room_id=self.room.id, user_id=who.known, **ends), by)
        return member

    async def unmute(self, who: Actor, by: Actor = ALICE) -> Any:
        return await self.ask(UpdateMember.of(room_id=self.room.id, user_id=who.known, muted=False), by)

    async def ban(self, who: Actor, by: Actor = ALICE, after: timedelta | None = None) -> Any:
        until = self.opened.clock.now() + after if after is not None else None
        return await self.ask(BanMember(self.room.id, who.known, until, "for the noise"), by)

    async def told(self, stream: Stream | None = None) -> list[str]:
        there = stream or Stream.of_room(self.workspace, self.room.id)
        return [e.tag for e in await self.opened.log(there)]

    async def members(self) -> set[UserId]:
        return {m.user_id for m in (await self.ask(ListMembers(self.room.id))).items}


@pytest_asyncio.fixture
async def square(database_url: str) -> AsyncIterator[Square]:
    """Nothing runs by itself: the scheduler is stepped."""
    people = Cast({name: host_id(name) for name in ("alice", "bob", "carol", "dave")})
    async with office(database_url, start=False, given={People: people}) as opened:
        chat = opened.instance.chat
        home = await chat.execute(CreateWorkspace("home"), ALICE)
        for actor in (BOB, CAROL, DAVE):
            await chat.execute(AddWorkspaceMember(home.id, actor.known), ALICE)
        asked = CreateRoom(RoomKind.PUBLIC_CHANNEL, "square", workspace_id=home.id)
        made = Square(opened, home.id, await chat.execute(asked, ALICE))
        for actor in (BOB, CAROL):
            await made.ask(JoinRoom(made.room.id), actor)
        await made.ask(UpdateMember.of(room_id=made.room.id, user_id=BOB.known, role=RoomRole.MODERATOR))
        yield made


async def test_a_muted_member_reads_and_says_nothing(square: Square) -> None:
    said = await square.ask(SendMessage(square.room.id, "before"), CAROL)
    muted = await square.mute(CAROL, BOB)
    assert (muted.muted, muted.muted_until) == (True, None)
    for act in (SendMessage(square.room.id, "hi"), EditMessage(said.id, "otherwise")):
        assert (await square.refused(act, CAROL)).code == "muted"
    assert (await square.ask(ListMessages(square.room.id), CAROL)).items == [said]
    assert (await square.unmute(CAROL, BOB)).muted is False
    await square.ask(SendMessage(square.room.id, "again"), CAROL)
    await square.ask(DeleteMessage(said.id), CAROL)
    assert (await square.told())[-4:] == ["member_muted", "member_unmuted", "text", "message_deleted"]


async def test_the_same_again_changes_nothing(square: Square) -> None:
    await square.mute(CAROL)
    before = await square.told()
    await square.mute(CAROL)
    await square.unmute(BOB)
    assert await square.told() == before


async def test_a_mute_ends_by_the_clock_and_the_scheduler_only_tells_of_it(square: Square) -> None:
    muted = await square.mute(CAROL, after=HOUR)
    assert muted.muted_until is not None
    assert (await square.refused(SendMessage(square.room.id, "hi"), CAROL)).code == "muted"
    assert await square.opened.instance.scheduler.once() == 0, "its time has not come"
    square.opened.clock.advance(HOUR)
    await square.ask(SendMessage(square.room.id, "the scheduler has not come by yet"), CAROL)
    assert "member_unmuted" not in await square.told()
    assert await square.opened.instance.scheduler.once() == 1
    assert (await square.told())[-1] == "member_unmuted"
    assert [m.muted for m in (await square.ask(ListMembers(square.room.id))).items] == [False] * 3


@pytest.mark.parametrize("again", [None, 3 * HOUR])
async def test_an_end_that_was_moved_does_not_come_before(square: Square, again: timedelta | None) -> None:
    await square.mute(CAROL, after=HOUR)
    await square.mute(CAROL, after=again)
    square.opened.clock.advance(2 * HOUR)
    await square.opened.instance.scheduler.once()
    assert (await square.refused(SendMessage(square.room.id, "hi"), CAROL)).code == "muted"
    assert "member_unmuted" not in await square.told()


async def test_nobody_gets_out_of_a_mute_by_going_and_coming_back(square: Square) -> None:
    await square.mute(CAROL, after=HOUR)
    await square.ask(LeaveRoom(square.room.id), CAROL)
    view = await square.ask(JoinRoom(square.room.id), CAROL)
    assert view == await square.ask(GetRoom(square.room.id), CAROL), "its offset is behind the last that was told"
    assert (await square.refused(SendMessage(square.room.id, "hi"), CAROL)).code == "muted"
    await square.ask(LeaveRoom(square.room.id), CAROL)
    square.opened.clock.advance(HOUR)
    await square.ask(JoinRoom(square.room.id), CAROL)
    await square.ask(SendMessage(square.room.id, "hi"), CAROL)


async def test_a_new_owner_is_not_muted(square: Square) -> None:
    await square.mute(CAROL)
    await square.ask(UpdateMember.of(room_id=square.room.id, user_id=CAROL.known, role=RoomRole.OWNER))
    await square.ask(SendMessage(square.room.id, "mine"), CAROL)
    members = {m.user_id: m.muted for m in (await square.ask(ListMembers(square.room.id))).items}
    assert members[CAROL.known] is False


async def test_who_is_banned_is_out_and_stays_out_until_the_end(square: Square) -> None:
    ban = await square.ban(CAROL, BOB, after=HOUR)
    assert (ban.user_id, ban.banned_by, ban.reason) == (CAROL.known, BOB.known, "for the noise")
    assert CAROL.known not in await square.members()
    for act in (JoinRoom(square.room.id), GetRoom(square.room.id), ListMessages(square.room.id)):
        assert (await square.refused(act, CAROL)).code == "banned"
    refusal = await square.refused(AddMembers(square.room.id, [CAROL.known]), ALICE)
    assert isinstance(refusal, Invalid)
    assert [(f.pointer, f.code) for f in refusal.faults] == [("/user_ids", "banned")]
    assert [b.user_id for b in (await square.ask(ListBans(square.room.id), BOB)).items] == [CAROL.known]
    square.opened.clock.advance(HOUR)
    assert (await square.ask(ListBans(square.room.id))).items == []
    await square.ask(JoinRoom(square.room.id), CAROL)
    assert "member_unbanned" not in await square.told(), "the scheduler has not come by yet"
    await square.opened.instance.scheduler.once()
    assert (await square.told())[-1] == "member_unbanned"
    inbox = await square.told(Stream.of_user(CAROL.known))
    assert inbox[-4:] == ["room_exited", "room_banned", "room_entered", "room_unbanned"]


async def test_a_ban_is_of_who_was_never_in_too_and_is_taken_away(square: Square) -> None:
    await square.ban(DAVE)
    assert (await square.refused(GetRoom(square.room.id), DAVE)).code == "banned"
    assert (await square.ask(UnbanMember(square.room.id, DAVE.known))).user_id == DAVE.known
    await square.ask(JoinRoom(square.room.id), DAVE)
    assert isinstance(await square.refused(UnbanMember(square.room.id, DAVE.known)), NotFound)
    await square.ban(BOB)
    assert (await square.refused(UnbanMember(square.room.id, BOB.known), DAVE)).code == "role_lacks_permission"


async def test_a_private_room_is_not_there_for_who_is_banned(square: Square) -> None:
    asked = CreateRoom(RoomKind.PRIVATE_CHANNEL, "den", member_ids=[CAROL.known], workspace_id=square.workspace)
    den = await square.ask(asked)
    await square.ask(BanMember(den.id, CAROL.known))
    assert isinstance(await square.refused(GetRoom(den.id), CAROL), NotFound)


@pytest.mark.parametrize("act", ["mute", "ban", "remove"])
async def test_it_is_done_to_those_below_and_to_nobody_else(square: Square, act: str) -> None:
    """Every pair of the domain's property, by the use cases: one above, one equal, one below."""
    await square.ask(UpdateMember.of(room_id=square.room.id, user_id=CAROL.known, role=RoomRole.MODERATOR))
    await square.ask(JoinRoom(square.room.id), DAVE)

    def asked(whom: Actor) -> Message[Any]:
        if act == "mute":
            return UpdateMember.of(room_id=square.room.id, user_id=whom.known, muted=True)
        where = (square.room.id, whom.known)
        return BanMember(*where) if act == "ban" else RemoveMembers(square.room.id, [whom.known])

    for whom in (ALICE, CAROL):
        refusal = await square.refused(asked(whom), BOB)
        assert isinstance(refusal, Forbidden)
        assert refusal.code == "rank"
    assert (await square.refused(asked(CAROL), DAVE)).code == "role_lacks_permission"
    if act != "remove":
        assert (await square.refused(asked(BOB), BOB)).code == "rank", "oneself"
    await square.ask(asked(DAVE), BOB)
    await square.ask(asked(BOB), ALICE)


async def test_a_direct_or_archived_room_and_somebody_elsewhere(square: Square) -> None:
    direct = (await square.ask(SendDirectMessage(CAROL.known, "hi", square.workspace))).room_id
    for act in (BanMember(direct, CAROL.known), UpdateMember.of(room_id=direct, user_id=CAROL.known, muted=True)):
        assert (await square.refused(act)).code == "role_lacks_permission"
    assert isinstance(await square.refused(BanMember(square.room.id, host_id("nobody"))), NotFound)
    assert isinstance(
        await square.refused(UpdateMember.of(room_id=square.room.id, user_id=DAVE.known, muted=True)), NotFound
    )
    await square.ask(ArchiveRoom(square.room.id))
    for act in (BanMember(square.room.id, CAROL.known),
                UpdateMember.of(room_id=square.room.id, user_id=CAROL.known, muted=True)):  # fmt: skip
        refusal = await square.refused(act)
        assert isinstance(refusal, Conflict)
        assert refusal.code == "room_archived"


PAST = {"muted_until": "2020-01-01T00:00:00Z"}
BAD: list[tuple[dict[str, Any], str, str]] = [
    (PAST, "/muted_until", "past"),
    ({"muted": True, **PAST}, "/muted_until", "past"),
    ({"muted": False, "muted_until": "2099-01-01T00:00:00Z"}, "/muted_until", "not_muted"),
    ({"muted_until": "2099-01-01T00:00:00"}, "/muted_until", "value"),
    ({"muted_until": None}, "/muted", "required"),
    ({"muted": None}, "/muted", "required"),
    ({"role": None}, "/role", "required"),
]


@pytest.mark.parametrize("sent, pointer, code", BAD)
async def test_what_is_wrong_is_named_and_changes_nothing(
    square: Square, sent: dict[str, Any], pointer: str, code: str
) -> None:
    before = await square.told()
    where = {"room_id": str(square.room.id), "user_id": str(CAROL.known)}
    with pytest.raises(Invalid) as error:
        await square.opened.ask("update_member", {**where, **sent})
    assert [(f.pointer, f.code) for f in error.value.faults] == [(pointer, code)]
    assert await square.told() == before


async def test_a_ban_that_is_over_already_is_refused(square: Square) -> None:
    refusal = await square.refused(BanMember(square.room.id, CAROL.known, square.opened.clock.now() - HOUR))
    assert isinstance(refusal, Invalid)
    assert [(f.pointer, f.code) for f in refusal.faults] == [("/until", "past")]
    assert CAROL.known in await square.members()


async def test_who_is_banned_is_not_told_what_was_said_by_the_list_of_channels(square: Square) -> None:
    said = await square.ask(SendMessage(square.room.id, "not for Dave"))

    async def shown(actor: Actor) -> Any:
        (channel,) = (await square.ask(ListChannels(square.workspace), actor)).items
        assert channel.id == square.room.id, "that it is there is no secret"
        return channel.last_message.content if channel.last_message is not None else None, channel.offset

    assert await shown(DAVE) == ("not for Dave", said.offset), "the control: who passes by"
    await square.ban(DAVE, after=HOUR)
    assert await shown(DAVE) == (None, None)
    assert (await shown(CAROL))[0] == "not for Dave"
    square.opened.clock.advance(HOUR)
    assert (await shown(DAVE))[0] == "not for Dave", "a ban that has ended, whoever has noticed"
