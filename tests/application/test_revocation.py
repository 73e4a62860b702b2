"""Whoever loses the right to a room, by whatever cause, is shown nothing more of it, while it is busy (G6)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import pytest
from attrs import define, field

from parlour.application.kernel.actor import Actor
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.commands import CreateRoom, DeleteRoom, UpdateRoom
from parlour.application.rooms.members import JoinRoom, LeaveRoom, RemoveMembers
from parlour.application.rooms.moderation import BanMember
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace, RemoveWorkspaceMember
from parlour.domain.kernel.errors import Forbidden
from parlour.domain.kernel.ids import RoomId, WorkspaceId, host_id
from parlour.domain.messages.events import MessageSent
from parlour.domain.rooms.room import RoomKind
from parlour.entrypoints.library.chat import Chat

from .desk import ALICE, BOB, Office

pytestmark = pytest.mark.row("RT5", "RM4")

CAROL = Actor(host_id("carol"))
SOON = 1.0


@define
class Busy:
    """A public channel of Alice's in which she talks and talks. Bob is in it, Carol follows it from outside."""

    chat: Chat
    workspace: WorkspaceId
    room: RoomId
    said: int = 0
    talking: "asyncio.Task[None] | None" = None
    seen: list[int] = field(factory=list)

    async def ask(self, message: Any, actor: Actor = ALICE) -> Any:
        return await self.chat.execute(message, actor)

    async def talk(self) -> None:
        while True:
            self.said += 1
            await self.ask(SendMessage(self.room, f"{self.said}"))

    async def follow(self, actor: Actor) -> str:
        """Follow the room until that is ended; why it was."""
        try:
            async with aclosing(self.chat.events(f"room:{self.room}", actor=actor)) as events:  # type: ignore[type-var]
                async for live in events:
                    if isinstance(live.event, MessageSent):
                        self.seen.append(int(live.event.content))
        except Forbidden as error:
            return error.code
        return ""

    async def until_seen(self) -> None:
        while not self.seen:
            await asyncio.sleep(0)


@pytest.fixture
async def busy(desk_office: Office) -> AsyncIterator[Busy]:
    chat = desk_office.instance.chat
    home = await chat.execute(CreateWorkspace("home"), ALICE)
    for actor in (BOB, CAROL):
        await chat.execute(AddWorkspaceMember(home.id, actor.known), ALICE)
    room = await chat.execute(CreateRoom(RoomKind.PUBLIC_CHANNEL, "square", workspace_id=home.id), ALICE)
    await chat.execute(JoinRoom(room.id), BOB)
    made = Busy(chat, home.id, room.id)
    made.talking = asyncio.create_task(made.talk())
    yield made
    made.talking.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await made.talking


Cause = Callable[[Busy, Actor], Awaitable[Any]]


async def banned(busy: Busy, actor: Actor) -> None:
    await busy.ask(BanMember(busy.room, actor.known))


async def locked(busy: Busy, actor: Actor) -> None:
    await busy.ask(UpdateRoom.of(room_id=busy.room, password="sesame"))


async def out_of_the_workspace(busy: Busy, actor: Actor) -> None:
    await busy.ask(RemoveWorkspaceMember(busy.workspace, actor.known))


async def room_deleted(busy: Busy, actor: Actor) -> None:
    await busy.ask(DeleteRoom(busy.room))


async def kicked_out_of_a_locked_room(busy: Busy, actor: Actor) -> None:
    await locked(busy, actor)
    await busy.ask(RemoveMembers(busy.room, [actor.known]))


async def left_a_locked_room(busy: Busy, actor: Actor) -> None:
    await locked(busy, actor)
    await busy.ask(LeaveRoom(busy.room), actor)


CAUSES = [
    (banned, BOB, "banned"),
    (banned, CAROL, "banned"),
    (locked, CAROL, "password_required"),
    (kicked_out_of_a_locked_room, BOB, "password_required"),
    (left_a_locked_room, BOB, "password_required"),
    (out_of_the_workspace, CAROL, "not_found"),
    (room_deleted, CAROL, "not_found"),
]


@pytest.mark.parametrize("cause, who, reason", CAUSES, ids=lambda part: getattr(part, "__name__", None))
async def test_a_subscription_of_the_library_ends_and_says_why(
    busy: Busy, cause: Cause, who: Actor, reason: str
) -> None:
    following = asyncio.create_task(busy.follow(who))
    async with asyncio.timeout(10):
        await busy.until_seen()
    await cause(busy, who)
    assert await asyncio.wait_for(following, SOON) == reason
    seen = len(busy.seen)
    with pytest.raises(Exception) as refused:
        await busy.chat.events(f"room:{busy.room}", actor=who).__anext__()
    assert getattr(refused.value, "code", None) == reason
    assert len(busy.seen) == seen


@pytest.mark.parametrize("cause, who", [(locked, BOB), (locked, ALICE)], ids=["member", "owner"])
async def test_the_control_who_keeps_the_right_goes_on_following(busy: Busy, cause: Cause, who: Actor) -> None:
    following = asyncio.create_task(busy.follow(who))
    async with asyncio.timeout(10):
        await busy.until_seen()
        await cause(busy, who)
        goal = busy.said + 5
        while not busy.seen or busy.seen[-1] < goal:
            await asyncio.sleep(0)
    assert not following.done()
    following.cancel()
