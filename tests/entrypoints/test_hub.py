"""The hub and a socket's following, without any network: what ends, ends at once."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from attrs import define, field

import parlour
from parlour.domain.kernel.errors import Unavailable
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.domain.kernel.streams import Position, Topic, TopicKind
from parlour.entrypoints.library.chat import Chat
from parlour.entrypoints.realtime.followers import Follower

TEXTS = ("before", "while", "it", "is away", "after")


@define
class Slow:
    """A sink that reads nothing until it is let."""

    shown: list[str] = field(factory=list)
    ends: list[str] = field(factory=list)
    go: asyncio.Event = field(factory=asyncio.Event)
    waits: asyncio.Event = field(factory=asyncio.Event)

    def show(self, frame: str) -> None:
        self.shown.append(frame)

    def whispered(self, frame: str) -> None:
        self.shown.append(frame)

    def ended(self, topic: Topic, reason: str) -> None:
        self.ends.append(reason)

    async def room(self) -> None:
        self.waits.set()
        await self.go.wait()


@pytest.fixture
async def chat(database_url: str) -> AsyncIterator[Chat]:
    async with parlour.open(database_url) as opened:
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

    async with parlour.open(database_url) as chat:
        topic, _ = await a_room(chat)
        following = asyncio.create_task(follow(chat, str(topic)))
        while not chat._hub.topics:
            await asyncio.sleep(0)
    error = await told.get()
    await following
    assert isinstance(error, parlour.DomainError)
    assert error.code == "closed"


async def a_follower(chat: Chat) -> tuple[Topic, Follower, Slow]:
    topic, _ = await a_room(chat)
    sink = Slow()
    sink.go.set()
    follower = chat._hub.join(topic, chat.actor(parlour.host_id("ada")), sink)
    await chat._hub.open(follower, None, lambda found: None)
    return topic, follower, sink


async def say(chat: Chat, topic: Topic, text: str) -> None:
    await chat.execute(parlour.SendMessage(RoomId(topic.id), text), chat.actor(parlour.host_id("ada")))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.mark.row("RT4")
@pytest.mark.parametrize("reason", [None, "not_found"])
async def test_who_cannot_be_looked_at_is_held_until_the_store_is_back(
    reason: str | None, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is shown to whoever may have lost the right meanwhile; nobody is sent away; who has it misses nothing."""
    topic, follower, sink = await a_follower(chat)
    away = True

    async def refusal(topic: Topic, actor: object) -> str | None:
        if away:
            raise Unavailable("It is away.")
        return reason

    monkeypatch.setattr(chat._hub._followings, "refusal", refusal)
    await say(chat, topic, "before")
    await until(lambda: len(sink.shown) == 1)
    chat._hub.recheck_topic(str(topic))
    await until(lambda: follower.held)
    for text in ("while", "it", "is away"):
        await say(chat, topic, text)
    await until(lambda: chat._hub.heads([topic])[str(topic)] == follower.cursor + 3)
    assert (len(sink.shown), sink.ends) == (1, [])
    away = False
    await until(lambda: len(sink.shown) == 4 or bool(sink.ends))
    await say(chat, topic, "after")
    if reason is None:
        await until(lambda: len(sink.shown) == 5)
        assert [text in frame for text, frame in zip(TEXTS, sink.shown, strict=True)] == [True] * 5
        assert sink.ends == []
    else:
        assert (len(sink.shown), sink.ends) == (1, [reason])


@pytest.mark.row("RT4")
@pytest.mark.parametrize("held", [True, False], ids=["held", "the control: not held"])
async def test_who_is_not_looked_at_soon_is_shown_nothing_until_then(
    held: bool, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a thousand followers are looked at one by one, nobody who lost the right sees what came much later."""
    topic, follower, sink = await a_follower(chat)
    go = asyncio.Event()

    async def refusal(topic: Topic, actor: object) -> str | None:
        await go.wait()
        return "not_found"

    monkeypatch.setattr(chat._hub._followings, "refusal", refusal)
    monkeypatch.setattr("parlour.entrypoints.realtime.hub.SOON", 0.01 if held else 60)
    chat._hub.recheck_topic(str(topic))
    if held:
        await until(lambda: follower.held)
    await say(chat, topic, "too late")
    await until(lambda: chat._hub.heads([topic])[str(topic)] == 8)
    go.set()
    await until(lambda: bool(sink.ends))
    assert (len(sink.shown), sink.ends) == (0 if held else 1, ["not_found"])


@pytest.mark.row("RT4")
async def test_many_are_looked_at_a_few_at_a_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, _ = await a_room(chat)
    sinks = [Slow() for _ in range(40)]
    for sink in sinks:
        follower = chat._hub.join(topic, chat.actor(parlour.host_id("ada")), sink)
        await chat._hub.open(follower, None, lambda found: None)
    at_once, most = 0, 0

    async def refusal(topic: Topic, actor: object) -> str | None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return "not_found"

    monkeypatch.setattr(chat._hub._followings, "refusal", refusal)
    chat._hub.recheck_topic(str(topic))
    await until(lambda: all(sink.ends for sink in sinks))
    assert most == 8


@pytest.mark.row("RT4")
async def test_who_was_looked_at_is_not_held_for_those_who_are_not_yet(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is shown what it missed while the store fails again for another: it is not held, as nobody would look again."""
    topic, first, sink = await a_follower(chat)
    other = Slow()
    other.go.set()
    second = chat._hub.join(topic, chat.actor(parlour.host_id("ada")), other)
    await chat._hub.open(second, None, lambda found: None)
    sink.go.clear()
    sink.waits.clear()
    away, fails = True, 1

    async def refusal(topic: Topic, actor: object) -> str | None:
        nonlocal fails
        if not away and actor is second.actor and fails:
            await sink.waits.wait()
            fails -= 1
            raise Unavailable("It is away once more.")
        if away:
            raise Unavailable("It is away.")
        return None

    monkeypatch.setattr(chat._hub._followings, "refusal", refusal)
    monkeypatch.setattr(chat._hub, "_every", 0.01)
    chat._hub.recheck_topic(str(topic))
    await until(lambda: first.held and second.held)
    await say(chat, topic, "while")
    await until(lambda: chat._hub.heads([topic])[str(topic)] == first.cursor + 1)
    away = False
    await until(lambda: second.live and not second.held)
    sink.go.set()
    await until(lambda: first.live)
    await say(chat, topic, "after")
    await until(lambda: len(sink.shown) == 2)
    assert ["while" in sink.shown[0], "after" in sink.shown[1]] == [True, True]
