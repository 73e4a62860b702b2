"""The hub and a socket's following, without any network: what ends, ends at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import define, field

import parlour
from parlour.domain.kernel.ids import WorkspaceId
from parlour.domain.kernel.streams import Position, Topic, TopicKind
from parlour.entrypoints.library.chat import Chat

from ..opening import open_at


@define
class Slow:
    """A sink that reads nothing until it is let."""

    shown: list[str] = field(factory=list)
    ends: list[str] = field(factory=list)
    go: asyncio.Event = field(factory=asyncio.Event)
    waits: asyncio.Event = field(factory=asyncio.Event)

    def show(self, frame: str) -> None:
        self.shown.append(frame)

    def ended(self, topic: Topic, reason: str) -> None:
        self.ends.append(reason)

    async def room(self) -> None:
        self.waits.set()
        await self.go.wait()


@pytest.fixture
async def chat(database_url: str) -> AsyncIterator[Chat]:
    async with open_at(database_url) as opened:
        yield opened


async def a_room(chat: Chat) -> tuple[Topic, Position]:
    ada = chat.actor(parlour.host_id("ada"))
    team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
    made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "room", workspace_id=WorkspaceId(team.id))
    room = await chat.execute(made, ada)
    for n in range(5):
        await chat.execute(parlour.SendMessage(room.id, str(n)), ada)
    assert room.epoch is not None
    return Topic(TopicKind.ROOM, room.id), Position(room.epoch, 0)


@pytest.mark.row("RT4")
async def test_who_leaves_during_a_replay_is_shown_nothing_more_and_is_gone(chat: Chat) -> None:
    hub, slow = chat._hub, Slow()
    topic, start = await a_room(chat)
    follower = hub.join(topic, chat.system, slow)
    replay = asyncio.create_task(hub.open(follower, start, lambda found: None))
    await slow.waits.wait()
    hub.leave(follower)
    slow.go.set()
    await replay
    assert slow.shown == []
    assert hub.topics == 0, "nobody follows, and nothing is kept of it"


@pytest.mark.row("RT4")
async def test_who_follows_again_at_once_sees_each_event_once(chat: Chat) -> None:
    hub, first, second = chat._hub, Slow(), Slow()
    topic, start = await a_room(chat)
    left = hub.join(topic, chat.system, first)
    replay = asyncio.create_task(hub.open(left, start, lambda found: None))
    await first.waits.wait()
    hub.leave(left)
    first.go.set()
    second.go.set()
    await hub.open(hub.join(topic, chat.system, second), start, lambda found: None)
    await replay
    assert (len(first.shown), len(second.shown)) == (0, 7)


async def test_an_iteration_ends_with_its_instance(database_url: str) -> None:
    told = asyncio.Queue[BaseException]()

    async def follow(chat: Chat, topic: str) -> None:
        try:
            async for _ in chat.events(topic):
                pass
        except parlour.DomainError as error:
            told.put_nowait(error)

    async with open_at(database_url) as chat:
        topic, _ = await a_room(chat)
        following = asyncio.create_task(follow(chat, str(topic)))
        while not chat._hub.topics:
            await asyncio.sleep(0)
    error = await told.get()
    await following
    assert isinstance(error, parlour.DomainError)
    assert error.code == "closed"
