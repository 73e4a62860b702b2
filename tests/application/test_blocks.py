"""Blocking a person: no direct messages between the two, in any workspace, and nothing else."""

from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.application.identity.blocks import BlockUser, ListBlocks, UnblockUser
from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.messages.commands import EditMessage, SendDirectMessage, SendMessage
from parlour.application.messages.queries import ListMessages
from parlour.application.rooms.commands import CreateRoom, UpdateRoom
from parlour.application.rooms.members import JoinRoom
from parlour.application.rooms.moderation import BanMember, UnbanMember
from parlour.application.rooms.queries import GetRoom, ListRooms
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.identity.blocks import BLOCKS
from parlour.domain.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from parlour.domain.kernel.ids import UserId, WorkspaceId, host_id
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, Office

CAROL, DAVE = Actor(host_id("carol")), Actor(host_id("dave"))


@frozen
class Two:
    """Alice and Bob, who share two workspaces with Carol."""

    opened: Office
    here: WorkspaceId
    there: WorkspaceId

    async def ask(self, message: Message[Any], actor: Actor = ALICE) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def refused(self, message: Message[Any], actor: Actor = ALICE) -> DomainError:
        with pytest.raises(DomainError) as error:
            await self.ask(message, actor)
        return error.value

    async def blocked(self, actor: Actor = ALICE) -> list[UserId]:
        return [b.user_id for b in (await self.ask(ListBlocks(), actor)).items]


@pytest_asyncio.fixture
async def two(desk_office: Office) -> Two:
    chat, homes = desk_office.instance.chat, []
    for name in ("here", "there"):
        homes.append((await chat.execute(CreateWorkspace(name), ALICE)).id)
        for actor in (BOB, CAROL):
            await chat.execute(AddWorkspaceMember(homes[-1], actor.known), ALICE)
    return Two(desk_office, *homes)


@pytest.mark.parametrize("blocker, other", [(ALICE, BOB), (BOB, ALICE)], ids=["alice", "bob"])
async def test_neither_writes_to_the_other_in_any_workspace_while_it_holds(
    two: Two, blocker: Actor, other: Actor
) -> None:
    said = await two.ask(SendDirectMessage(BOB.known, "hi", two.here))
    for _ in range(3):  # what is remembered of a right holds no longer than the right
        await two.ask(SendMessage(said.room_id, "well?"), BOB)
    await two.ask(BlockUser(other.known), blocker)
    for actor, to in ((ALICE, BOB), (BOB, ALICE)):
        for act in (
            SendMessage(said.room_id, "hello?"),
            SendDirectMessage(to.known, "hello?", two.here),
            SendDirectMessage(to.known, "hello?", two.there),
            CreateRoom(RoomKind.DIRECT, member_ids=[to.known], workspace_id=two.there),
        ):
            refusal = await two.refused(act, actor)
            assert isinstance(refusal, Forbidden)
            assert refusal.code == "blocked"
        assert (await two.ask(GetRoom(said.room_id), actor)).id == said.room_id, "what was said can be read"
        assert len((await two.ask(ListMessages(said.room_id), actor)).items) == 4
    assert (await two.refused(EditMessage(said.id, "otherwise"))).code == "blocked"
    assert (await two.ask(ListRooms(two.there))).items == []
    await two.ask(UnblockUser(other.known), blocker)
    await two.ask(SendMessage(said.room_id, "again"), BOB)
    await two.ask(SendDirectMessage(ALICE.known, "there too", two.there), BOB)


async def test_it_concerns_nobody_else_and_no_other_room(two: Two) -> None:
    group = await two.ask(CreateRoom(RoomKind.GROUP, member_ids=[BOB.known, CAROL.known], workspace_id=two.here))
    await two.ask(BlockUser(BOB.known))
    await two.ask(SendMessage(group.id, "to all"), BOB)
    await two.ask(SendDirectMessage(CAROL.known, "hi", two.here), BOB)
    await two.ask(SendDirectMessage(CAROL.known, "hi", two.here))
    asked = CreateRoom(RoomKind.GROUP, member_ids=[BOB.known, CAROL.known], workspace_id=two.there)
    assert (await two.ask(asked)).kind == "group"


@pytest.mark.row("MS4")
async def test_whoever_blocks_the_author_is_not_called_by_name(two: Two) -> None:
    group = await two.ask(CreateRoom(RoomKind.GROUP, member_ids=[BOB.known, CAROL.known], workspace_id=two.here))
    await two.ask(BlockUser(BOB.known))

    async def called(actor: Actor, content: str, *mentions: UserId) -> tuple[list[UserId], bool]:
        said = await two.ask(SendMessage(group.id, content, mentions=list(mentions)), actor)
        return said.mentions, said.mentions_room

    assert await called(BOB, "@alice @carol") == ([CAROL.known], False)
    assert await called(BOB, "you too", ALICE.known) == ([], False), "nor by their id, and nobody is told"
    assert await called(BOB, "@room") == ([], True), "everybody is everybody"
    assert await called(ALICE, "@bob") == ([BOB.known], False), "the control: who blocks still calls"
    inbox = [e.tag for e in await two.opened.log(Stream.of_user(ALICE.known))]
    assert "mentioned" not in inbox
    await two.ask(UnblockUser(BOB.known))
    assert await called(BOB, "@alice") == ([ALICE.known], False)


@pytest.mark.row("MS4")
async def test_nobody_is_called_into_a_channel_that_they_cannot_read(two: Two) -> None:
    square = await two.ask(CreateRoom(RoomKind.PUBLIC_CHANNEL, "square", workspace_id=two.here))
    await two.ask(JoinRoom(square.id), CAROL)

    async def called() -> list[UserId]:
        mentions: list[UserId] = (await two.ask(SendMessage(square.id, "@bob @carol"))).mentions
        return mentions

    assert await called() == [BOB.known, CAROL.known], "the control: a public channel"
    await two.ask(BanMember(square.id, BOB.known))
    assert await called() == [CAROL.known]
    await two.ask(UnbanMember(square.id, BOB.known))
    await two.ask(UpdateRoom(square.id, password="sesame", fields=frozenset({"password"})))
    assert await called() == [CAROL.known]


async def test_blocks_are_listed_for_oneself_alone_and_the_same_again_is_one(two: Two) -> None:
    first = await two.ask(BlockUser(BOB.known))
    assert await two.ask(BlockUser(BOB.known)) == first
    await two.ask(BlockUser(DAVE.known))
    assert (await two.blocked(), await two.blocked(BOB)) == ([BOB.known, DAVE.known], [])
    people = [b.user for b in (await two.ask(ListBlocks())).items]
    assert [p.username if p is not None else None for p in people] == ["bob", None], "of no workspace of hers"
    assert isinstance(await two.refused(UnblockUser(ALICE.known), BOB), NotFound)
    await two.ask(UnblockUser(BOB.known))
    assert await two.blocked() == [DAVE.known]
    inbox = [e.tag for e in await two.opened.log(Stream.of_user(ALICE.known))]
    assert [tag for tag in inbox if "block" in tag] == ["user_blocked", "user_blocked", "user_unblocked"]
    assert "user_blocked" not in [e.tag for e in await two.opened.log(Stream.of_user(BOB.known))]


async def test_nobody_blocks_themselves_or_thousands(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = await two.refused(BlockUser(ALICE.known))
    assert isinstance(refusal, Invalid)
    assert [(f.pointer, f.code) for f in refusal.faults] == [("/user_id", "oneself")]
    assert BLOCKS == 1_000
    monkeypatch.setattr("parlour.domain.identity.blocks.BLOCKS", 2)
    for name in ("one", "two"):
        await two.ask(BlockUser(host_id(name)))
    refusal = await two.refused(BlockUser(host_id("three")))
    assert isinstance(refusal, Conflict)
    assert refusal.code == "too_many_blocks"
    await two.ask(BlockUser(host_id("two")))
