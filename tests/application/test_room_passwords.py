"""Channels with a password: who reads them, who joins them, and what changing it does."""

from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.application.kernel.actor import Actor
from parlour.application.kernel.batch import Batch, BatchItem
from parlour.application.kernel.catalogue import Message
from parlour.application.kernel.ports import Passwords
from parlour.application.messages.commands import SendMessage
from parlour.application.messages.queries import ListMessages
from parlour.application.rooms.commands import CreateRoom, UpdateRoom
from parlour.application.rooms.members import JoinRoom
from parlour.application.rooms.moderation import BanMember
from parlour.application.rooms.queries import GetRoom, ListChannels, ListEvents, ListMembers
from parlour.application.rooms.views import RoomView
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from parlour.domain.kernel.ids import RoomId, WorkspaceId, host_id
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind
from parlour.domain.workspaces.workspace import WorkspaceRole

from .desk import ALICE, BOB, Office

pytestmark = pytest.mark.row("RM2")

CAROL = Actor(host_id("carol"))
PUBLIC, PRIVATE = RoomKind.PUBLIC_CHANNEL, RoomKind.PRIVATE_CHANNEL


@frozen
class Home:
    """A workspace of Alice's, in which Carol is a member and Bob an administrator."""

    opened: Office
    id: WorkspaceId

    async def ask(self, message: Message[Any], actor: Actor = ALICE) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def channel(self, kind: RoomKind = PUBLIC, password: str | None = "sesame") -> RoomView:
        asked = CreateRoom(kind, "cave", workspace_id=self.id, topic="gold", password=password)
        room: RoomView = await self.ask(asked)
        return room

    async def refused(self, message: Message[Any], actor: Actor = CAROL) -> DomainError:
        with pytest.raises(DomainError) as error:
            await self.ask(message, actor)
        return error.value


@pytest_asyncio.fixture
async def home(desk_office: Office) -> Home:
    made = await desk_office.instance.chat.execute(CreateWorkspace("home"), ALICE)
    await desk_office.instance.chat.execute(AddWorkspaceMember(made.id, BOB.known, WorkspaceRole.ADMIN), ALICE)
    await desk_office.instance.chat.execute(AddWorkspaceMember(made.id, CAROL.known), ALICE)
    return Home(desk_office, made.id)


async def test_a_public_channel_is_joined_with_its_password_and_not_read_before(home: Home) -> None:
    room = await home.channel()
    assert (room.has_password, room.topic) == (True, "gold")
    said = await home.ask(SendMessage(room.id, "between those in it"))
    assert room.epoch is not None
    for look in (GetRoom(room.id), ListMessages(room.id), ListMembers(room.id), ListEvents(room.id, room.epoch, 0)):
        refusal = await home.refused(look)
        assert isinstance(refusal, Forbidden)
        assert refusal.code == "password_required"
    (listed,) = (await home.ask(ListChannels(home.id), CAROL)).items
    assert (listed.name, listed.topic, listed.has_password, listed.last_message) == ("cave", "gold", True, None)
    assert (await home.refused(JoinRoom(room.id))).code == "password_required"
    assert (await home.refused(JoinRoom(room.id, "open!"))).code == "wrong_password"
    assert (await home.ask(JoinRoom(room.id, "sesame"), CAROL)).role == "member"
    assert (await home.ask(ListMessages(room.id), CAROL)).items == [said]
    (listed,) = (await home.ask(ListChannels(home.id), CAROL)).items
    assert listed.last_message == said


async def test_who_administers_the_workspace_needs_no_password_for_its_public_channels(home: Home) -> None:
    public, private = await home.channel(), await home.channel(PRIVATE)
    assert (await home.ask(GetRoom(public.id), BOB)).has_password
    assert (await home.ask(JoinRoom(public.id), BOB)).role == "member"
    assert isinstance(await home.refused(JoinRoom(private.id), BOB), NotFound)


async def test_a_private_channel_is_joined_with_its_password_and_hidden_from_who_does_not_know_it(home: Home) -> None:
    room, without = await home.channel(PRIVATE), await home.channel(PRIVATE, None)
    missing = await home.refused(JoinRoom(RoomId(host_id("no room")), "open!"))
    for asked in (JoinRoom(room.id), JoinRoom(room.id, "open!"), JoinRoom(without.id, "sesame"), GetRoom(room.id)):
        refusal = await home.refused(asked)
        assert isinstance(refusal, NotFound)
        assert (refusal.code, refusal.message) == (missing.code, missing.message)
    assert (await home.ask(JoinRoom(room.id, "sesame"), CAROL)).role == "member"


async def test_a_password_is_of_no_use_to_who_is_banned_or_elsewhere(home: Home) -> None:
    public, private = await home.channel(), await home.channel(PRIVATE)
    for room in (public, private):
        await home.ask(BanMember(room.id, CAROL.known))
        assert (await home.refused(JoinRoom(room.id, "sesame"))).code == "banned"
        assert isinstance(await home.refused(JoinRoom(room.id, "sesame"), Actor(host_id("dave"))), NotFound)


async def test_a_password_is_changed_and_removed_and_those_inside_stay(home: Home) -> None:
    room = await home.channel(password=None)
    assert (await home.ask(GetRoom(room.id), CAROL)).has_password is False
    await home.ask(JoinRoom(room.id), BOB)
    set_ = await home.ask(UpdateRoom.of(room_id=room.id, password="sesame"))
    assert (set_.has_password, set_.name, set_.topic) == (True, "cave", "gold")
    told = [event.tag for event in await home.opened.log(Stream.of_room(home.id, room.id))]
    assert told[-1] == "room_password_changed"
    assert "room_updated" not in told
    assert (await home.refused(GetRoom(room.id))).code == "password_required"
    await home.ask(SendMessage(room.id, "still in"), BOB)
    await home.ask(UpdateRoom.of(room_id=room.id, password="swordfish", topic="silver"))
    assert (await home.refused(JoinRoom(room.id, "sesame"))).code == "wrong_password"
    gone = await home.ask(UpdateRoom.of(room_id=room.id, password=None))
    assert (gone.has_password, gone.topic) == (False, "silver")
    assert gone == await home.ask(GetRoom(room.id))
    await home.ask(JoinRoom(room.id), CAROL)
    assert (await home.refused(UpdateRoom.of(room_id=room.id, password="mine"))).code == "role_lacks_permission"


async def test_a_password_that_is_changed_while_the_old_one_is_tried_opens_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found out beside the unit: what it opened then may be shut by now."""
    room = await home.channel()
    found: Any = home.opened.instance.ports.find(Passwords)
    right, changed = found.value.verify, list[str]()

    async def verify(password: str, hashed: str | None) -> bool:
        answer: bool = await right(password, hashed)
        if not changed:
            changed.append(password)
            await home.ask(UpdateRoom.of(room_id=room.id, password="swordfish"))
        return answer

    monkeypatch.setattr(found.value, "verify", verify)
    assert (await home.refused(JoinRoom(room.id, "sesame"))).code == "wrong_password"
    assert changed == ["sesame"]


BAD = [
    ({"kind": "group", "member_ids": [str(BOB.known), str(CAROL.known)], "password": "sesame"}, "/password",
     "not_a_channel"),
    ({"kind": "public_channel", "name": "a", "password": "abc"}, "/password", "length"),
    ({"kind": "public_channel", "name": "a", "password": "é" * 65}, "/password", "length"),
    ({"kind": "public_channel", "name": "a", "topic": "x" * 251}, "/topic", "value"),
    ({"kind": "public_channel", "name": "a", "topic": "two\nlines"}, "/topic", "character"),
]  # fmt: skip


@pytest.mark.parametrize("sent, pointer, code", BAD)
async def test_what_is_wrong_is_named_and_makes_nothing(
    home: Home, sent: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as error:
        await home.opened.ask("create_room", {"workspace_id": str(home.id), **sent})
    assert [(f.pointer, f.code) for f in error.value.faults] == [(pointer, code)]
    assert (await home.ask(ListChannels(home.id))).items == []


@pytest.mark.parametrize("password", ["sesame", None])
async def test_what_takes_long_is_no_part_of_a_whole(home: Home, password: str | None) -> None:
    """The control: without a password a room is made in a batch like anything else."""
    asked = {"kind": "public_channel", "name": "a", "workspace_id": str(home.id), "password": password}
    batch = Batch("all", [BatchItem("create_room", asked)])
    if password is None:
        assert len((await home.ask(batch)).results) == 1
    else:
        assert (await home.refused(batch, ALICE)).code == "slow_in_batch"
