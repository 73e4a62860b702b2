"""Following a topic in the library: only some events of it, with nothing lost count of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from parlour.application.kernel.page import PositionView
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.commands import CreateRoom, UpdateRoom
from parlour.application.rooms.views import RoomView
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.domain.kernel.errors import Invalid
from parlour.domain.rooms.room import RoomKind
from parlour.entrypoints.library.chat import Chat, LiveEvent

from .desk import ALICE, Office, office

pytestmark = pytest.mark.row("RT3", "DX1")


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url, heartbeat=0.05) as opened:
        yield opened


async def a_room(chat: Chat) -> RoomView:
    team = await chat.execute(CreateWorkspace("Team"), ALICE)
    return await chat.execute(CreateRoom(RoomKind.PRIVATE_CHANNEL, "Room", workspace_id=team.id), ALICE)


def place_of(room: RoomView) -> PositionView:
    assert room.epoch is not None
    assert room.offset is not None
    return PositionView(room.epoch, room.offset)


async def until(events: Any, offset: int) -> list[LiveEvent]:
    """What comes up to a position."""
    seen: list[LiveEvent] = []
    async with asyncio.timeout(5):
        while not seen or seen[-1].position.offset < offset:
            seen.append(await anext(events))
    return seen


def said(seen: list[LiveEvent]) -> list[tuple[str | None, int]]:
    return [(type(s.event).__name__ if s.event is not None else None, s.position.offset) for s in seen]


async def test_only_what_was_asked_for_is_shown_and_how_far_was_looked_is_told(opened: Office) -> None:
    chat = opened.instance.chat
    room = await a_room(chat)
    start = place_of(room)
    first = start.offset + 1
    for name in ("one", "two"):
        await chat.execute(UpdateRoom.of(room_id=room.id, name=name), ALICE)
    topic = f"room:{room.id}"
    async with aclosing(chat.events(topic, after=start, actor=ALICE, only={"text"})) as events:  # type: ignore[type-var]
        assert said(await until(events, first + 1)) == [(None, first + 1)], "what was passed over before it was live"
        await chat.execute(SendMessage(room.id, "said"), ALICE)
        assert said(await until(events, first + 2)) == [("MessageSent", first + 2)]
        await chat.execute(UpdateRoom.of(room_id=room.id, name="three"), ALICE)
        (at,) = await until(events, first + 3)
        assert (at.event, at.recovered, at.position) == (None, True, PositionView(start.epoch, first + 3))
    await chat.execute(SendMessage(room.id, "missed"), ALICE)
    async with aclosing(chat.events(topic, after=at.position, actor=ALICE, only={"text"})) as events:  # type: ignore[type-var]
        assert said(await until(events, first + 4)) == [("MessageSent", first + 4)]


async def test_the_control_without_it_all_is_shown_and_nothing_said_beside(opened: Office) -> None:
    chat = opened.instance.chat
    room = await a_room(chat)
    start = place_of(room)
    await chat.execute(UpdateRoom.of(room_id=room.id, name="one"), ALICE)
    async with aclosing(chat.events(f"room:{room.id}", after=start, actor=ALICE)) as events:  # type: ignore[type-var]
        assert said(await until(events, start.offset + 1)) == [("RoomUpdated", start.offset + 1)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(events)


@pytest.mark.parametrize("only", [{"nonsense"}, {"text", "typing"}, "text", []])
async def test_what_is_no_event_of_the_log_is_refused(opened: Office, only: Any) -> None:
    with pytest.raises(Invalid) as error:
        await anext(opened.instance.chat.events(f"user:{ALICE.user_id}", actor=ALICE, only=only))
    assert [f.pointer for f in error.value.faults] == ["/only"]
    assert opened.instance.hub.topics == 0
