"""Rights that are remembered from one message to the next: whoever loses one sends nothing more."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.adapters.sql.sqlite_rooms import Members
from parlour.application.kernel.actor import Actor, Call, Way
from parlour.application.kernel.catalogue import Message
from parlour.application.kernel.ports import People
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.commands import ArchiveRoom, CreateRoom, DeleteRoom
from parlour.application.rooms.members import JoinRoom, LeaveRoom, RemoveMembers, UpdateMember
from parlour.application.rooms.moderation import BanMember
from parlour.application.rooms.views import RoomView
from parlour.application.workspaces.commands import (
    AddWorkspaceMember,
    CreateWorkspace,
    DeleteWorkspace,
    RemoveWorkspaceMember,
)
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import WorkspaceId, host_id
from parlour.domain.rooms.room import RoomKind
from parlour.testing.world import Cast

from ..engines import on_sqlite
from .desk import ALICE, BOB, Office, office

pytestmark = pytest.mark.row("MS1")

CAROL = Actor(host_id("carol"))


@frozen
class Hall:
    """A public channel of Alice's that Bob is in, and has said something in; Carol is of the workspace alone."""

    opened: Office
    workspace: WorkspaceId
    room: RoomView

    async def ask(self, message: Message[Any], actor: Actor = ALICE) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def says(self, actor: Actor = BOB) -> str | None:
        """The code somebody is refused with who says something, if they are."""
        try:
            await self.ask(SendMessage(self.room.id, "hello"), actor)
        except DomainError as error:
            return error.code
        return None


@pytest_asyncio.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    people = Cast({name: host_id(name) for name in ("alice", "bob", "carol")})
    async with office(database_url, start=False, given={People: people}) as opened:
        chat = opened.instance.chat
        home = await chat.execute(CreateWorkspace("home"), ALICE)
        for actor in (BOB, CAROL):
            await chat.execute(AddWorkspaceMember(home.id, actor.known), ALICE)
        room = await chat.execute(CreateRoom(RoomKind.PUBLIC_CHANNEL, "hall", workspace_id=home.id), ALICE)
        made = Hall(opened, home.id, room)
        await made.ask(JoinRoom(room.id), BOB)
        assert await made.says() is None
        yield made


async def mute(hall: Hall) -> None:
    await hall.ask(UpdateMember.of(room_id=hall.room.id, user_id=BOB.known, muted=True))


async def mute_for_an_hour(hall: Hall) -> None:
    until = hall.opened.clock.now() + timedelta(hours=1)
    await hall.ask(UpdateMember.of(room_id=hall.room.id, user_id=BOB.known, muted_until=until))


async def ban(hall: Hall) -> None:
    await hall.ask(BanMember(hall.room.id, BOB.known))


async def remove(hall: Hall) -> None:
    await hall.ask(RemoveMembers(hall.room.id, [BOB.known]))


async def leave(hall: Hall) -> None:
    await hall.ask(LeaveRoom(hall.room.id), BOB)


async def archive(hall: Hall) -> None:
    await hall.ask(ArchiveRoom(hall.room.id))


async def delete(hall: Hall) -> None:
    await hall.ask(DeleteRoom(hall.room.id))


async def remove_from_the_workspace(hall: Hall) -> None:
    await hall.ask(RemoveWorkspaceMember(hall.workspace, BOB.known))


async def delete_the_workspace(hall: Hall) -> None:
    await hall.ask(DeleteWorkspace(hall.workspace))


Change = Callable[[Hall], Awaitable[None]]
CHANGES: dict[Change, str] = {
    mute: "muted",
    mute_for_an_hour: "muted",
    ban: "banned",
    remove: "not_in_room",
    leave: "not_in_room",
    archive: "room_archived",
    delete: "not_found",
    remove_from_the_workspace: "not_found",
    delete_the_workspace: "not_found",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_whoever_loses_a_right_sends_nothing_more(hall: Hall, change: Change) -> None:
    await change(hall)
    assert await hall.says() == CHANGES[change]


@on_sqlite  # elsewhere the versions of rights are looked at again
@pytest.mark.parametrize("change", [mute, remove, archive, remove_from_the_workspace], ids=lambda c: c.__name__)
async def test_forgetting_nothing_would_let_them_send(
    hall: Hall, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Members, "forget", lambda self: None)
    await change(hall)
    assert await hall.says() is None


async def test_what_was_rolled_back_is_not_remembered(hall: Hall) -> None:
    join = {"name": "join_room", "data": {"room_id": str(hall.room.id)}}
    say = {"name": "send_message", "data": {"room_id": str(hall.room.id), "content": "hello"}}
    with pytest.raises(DomainError):
        call = Call(CAROL, Way.LIBRARY)
        await hall.opened.instance.bus.call(
            "batch", {"commands": [join, say, {**say, "data": {}}], "mode": "all"}, call
        )
    assert await hall.says(CAROL) == "not_in_room"
    await hall.ask(JoinRoom(hall.room.id), CAROL)
    assert await hall.says(CAROL) is None
