"""Use cases in a transaction of the host's: on SQLite its writer's turn, on PostgreSQL a connection of the host's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import parlour
from parlour.adapters.sql.postgres_within import PostgresGround
from parlour.adapters.sql.sqlite_within import SqliteGround
from parlour.domain.messages.events import MessageSent
from parlour.entrypoints.library.chat import LiveEvent

from .hosts import KINDS, ChangedMind, Shop, open_shop, undone

SHOWN_WITHIN = 1.0
UNSEEN_FOR = 0.6  # longer than heads are compared in


@pytest.fixture(params=["sqlite", *(pytest.param(k, marks=pytest.mark.postgres) for k in KINDS if k != "sqlite")])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A kind of host, and where its store is."""
    on_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'shop.db'}" if on_sqlite else request.getfixturevalue("postgres_url")
    return request.param, url


@pytest.fixture
async def shop(place: tuple[str, str]) -> AsyncIterator[Shop]:
    async with open_shop(*place) as made:
        yield made


async def next_event(shop: Shop) -> "asyncio.Task[LiveEvent]":
    """The next event of the room, shown to a follower that has seen one already."""
    room = shop.room
    await shop.chat.execute(shop.said("Before."), shop.ada)
    shown = shop.chat.events(f"room:{room.id}", after=parlour.PositionView(room.epoch, room.offset))
    await anext(shown)
    return asyncio.ensure_future(anext(shown))


async def shown_early(shop: Shop, shown: "asyncio.Task[LiveEvent]") -> bool:
    """Take an order and tell of it; whether a follower was shown it before the commit."""
    async with shop.host.block() as inside:
        await shop.host.order(inside, "tea")
        await inside.execute(shop.said("Tea was ordered."), shop.ada)
        await inside.flush()
        assert await shop.heard() == ["Before."], "a query shows what is not committed"
        return bool((await asyncio.wait({shown}, timeout=UNSEEN_FOR))[0])


@pytest.mark.row("DX1", "TR1")
async def test_they_commit_together_and_are_shown_after_that_and_not_before(shop: Shop):
    shown = await next_event(shop)
    assert not await shown_early(shop, shown), "a follower is shown what is not committed"
    async with asyncio.timeout(SHOWN_WITHIN):
        event = (await shown).event
    assert isinstance(event, MessageSent)
    assert event.content == "Tea was ordered."
    assert await shop.heard() == ["Before.", "Tea was ordered."]
    assert await shop.host.orders() == ["tea"]


@pytest.mark.parametrize("ground", [SqliteGround, PostgresGround])
async def test_a_telling_before_the_commit_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch, ground: Any):
    settled = ground.settled

    async def too_early(self, logged):
        await settled(self, logged)
        shop.chat._hub.committed(logged)

    monkeypatch.setattr(ground, "settled", too_early)
    on_sqlite = shop.host.url.startswith("sqlite")
    shown = await next_event(shop)
    assert await shown_early(shop, shown) is (on_sqlite is (ground is SqliteGround))
    await asyncio.gather(shown, return_exceptions=True)  # a follower that was told too early finds nothing there


@pytest.mark.row("DX1")
async def test_they_are_rolled_back_together(shop: Shop):
    with undone():
        async with shop.host.block() as inside:
            await shop.host.order(inside, "tea")
            await inside.execute(shop.said("Tea was ordered."), shop.ada)
            await inside.flush()
            raise ChangedMind
    assert await shop.heard() == []
    assert await shop.host.orders() == []
    sent = await shop.chat.execute(shop.said("Anybody?"), shop.ada)
    assert (sent.number, sent.offset) == (1, shop.room.offset + 1), "what was rolled back has taken a place"


@pytest.mark.row("DX1")
async def test_offsets_are_given_by_the_flush(shop: Shop):
    async with shop.host.block() as inside:
        first = await inside.execute(shop.said("One."), shop.ada)
        second = await inside.execute(shop.said("Two."), shop.bob)
        room = await inside.execute(
            parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "teas", workspace_id=shop.team.id), shop.ada
        )
        assert (first.offset, first.number, second.offset, room.offset) == (None, None, None, None)
        await inside.flush()
        found = [await inside.execute(parlour.GetMessage(m.id), shop.ada) for m in (first, second)]
        assert [(m.number, m.author_id) for m in found] == [(1, shop.ada.known), (2, shop.bob.known)]
        assert (await inside.execute(parlour.GetRoom(room.id), shop.ada)).offset is not None
        third = await inside.execute(shop.said("Three."), shop.ada)
        assert third.number is None
    assert await shop.heard() == ["One.", "Two.", "Three."]
    shown = shop.chat.events(f"room:{shop.room.id}", after=parlour.PositionView(shop.room.epoch, shop.room.offset))
    authors = [(await anext(shown)).actor_id for _ in range(3)]
    assert authors == [shop.ada.known, shop.bob.known, shop.ada.known]


@pytest.mark.row("DX1")
async def test_it_sees_what_the_host_has_done_before_in_it(shop: Shop):
    with pytest.raises(parlour.DomainError):
        async with shop.host.block() as inside:
            await inside.execute(shop.said("Am I in?"), shop.carl)
    async with shop.host.block() as inside:
        await inside.execute(parlour.AddMembers(shop.room.id, [shop.carl.known]), shop.ada)
        await inside.execute(shop.said("Now I am."), shop.carl)
    assert await shop.heard() == ["Now I am."]


@pytest.mark.row("DX1", "MS2")
async def test_keys_are_good_inside(shop: Shop):
    named = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "teas", workspace_id=shop.team.id)
    async with shop.host.block() as inside:
        first = await inside.execute(shop.said("Once."), shop.ada, key="order 1")
        again = await inside.execute(shop.said("Once."), shop.ada, key="order 1")
        room = await inside.execute(named, shop.ada, key="room")
        assert (await inside.execute(named, shop.ada, key="room")).id == room.id
        with pytest.raises(parlour.DomainError, match="another body"):
            await inside.execute(shop.said("Twice."), shop.ada, key="order 1")
    assert again.id == first.id
    assert (await shop.chat.execute(shop.said("Once."), shop.ada, key="order 1")).id == first.id
    assert (await shop.chat.execute(named, shop.ada, key="room")).id == room.id
    async with shop.host.block() as inside:
        assert (await inside.execute(shop.said("Once."), shop.ada, key="order 1")).id == first.id
        assert (await inside.execute(named, shop.ada, key="room")).id == room.id
    assert await shop.heard() == ["Once."]


@pytest.mark.row("DX1")
async def test_a_key_is_free_again_when_its_transaction_was_rolled_back(shop: Shop):
    named = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "teas", workspace_id=shop.team.id)
    with undone():
        async with shop.host.block() as inside:
            lost = await inside.execute(named, shop.ada, key="room")
            raise ChangedMind
    assert (await shop.chat.execute(named, shop.ada, key="room")).id != lost.id


@pytest.mark.row("DX1")
async def test_an_error_undoes_its_use_case_and_nothing_else(shop: Shop):
    async with shop.host.block() as inside:
        await shop.host.order(inside, "tea")
        await inside.execute(shop.said("Kept."), shop.ada)
        with pytest.raises(parlour.DomainError) as refused:
            await inside.execute(shop.said("Let me in."), shop.carl)
        assert refused.value.code == "not_found"
        await shop.host.order(inside, "rice")
    assert await shop.heard() == ["Kept."]
    assert await shop.host.orders() == ["rice", "tea"]


@pytest.mark.row("DX1")
async def test_reactions_in_the_unit_are_a_part_of_it(shop: Shop):
    """Who is removed from the workspace leaves its rooms by a reaction: there inside, and gone with a roll-back."""
    removed = parlour.RemoveWorkspaceMember(shop.team.id, shop.bob.known)
    for committed in (False, True):
        with undone():
            async with shop.host.block() as inside:
                await inside.execute(removed, shop.ada)
                members = await inside.execute(parlour.ListMembers(shop.room.id), shop.ada)
                assert [m.user_id for m in members.items] == [shop.ada.known]
                if not committed:
                    raise ChangedMind
        members = await shop.chat.execute(parlour.ListMembers(shop.room.id), shop.ada)
        assert len(members.items) == (1 if committed else 2)


@pytest.mark.row("DX1")
async def test_who_loses_the_right_by_it_is_shown_nothing_more(shop: Shop):
    shown = shop.chat.events(f"room:{shop.room.id}", actor=shop.bob)
    following = asyncio.ensure_future(anext(shown))
    await asyncio.sleep(0)
    async with shop.host.block() as inside:
        await inside.execute(parlour.RemoveMembers(shop.room.id, [shop.bob.known]), shop.ada)
    with pytest.raises(parlour.DomainError):
        async with asyncio.timeout(2 * SHOWN_WITHIN):
            await following
            while True:
                await anext(shown)


@pytest.mark.row("DX1")
@pytest.mark.parametrize(
    "message",
    [parlour.SignUp("eve", "eve@example.org", "correct horse"), parlour.Batch("each", [])],
    ids=lambda m: type(m).__name__,
)
async def test_what_is_slow_or_runs_others_has_no_place_in_it(shop: Shop, message):
    async with shop.host.block() as inside:
        with pytest.raises(parlour.DomainError) as refused:
            await inside.execute(message, shop.chat.system)
        assert refused.value.code == "not_within"
        await inside.execute(shop.said("Still here."), shop.ada)
    assert await shop.heard() == ["Still here."]


@pytest.mark.row("DX1")
async def test_nothing_is_done_after_its_end(shop: Shop):
    async with shop.host.block() as inside:
        await inside.execute(shop.said("One."), shop.ada)
    with pytest.raises(parlour.TransactionUnfit, match="over"):
        await inside.execute(shop.said("Two."), shop.ada)
    with pytest.raises(parlour.TransactionUnfit, match="over"):
        await inside.flush()
    assert await shop.heard() == ["One."]


@pytest.mark.row("DX1", "MS4")
async def test_of_what_is_changed_in_it_only_the_newest_event_carries_the_words(shop: Shop):
    at = datetime(2126, 1, 1, tzinfo=UTC)
    before = (await shop.chat.execute(parlour.ListScheduled(shop.room.workspace_id), shop.ada)).position
    async with shop.host.block() as inside:
        kept, gone = [
            await inside.execute(parlour.ScheduleMessage(shop.room.id, words, at), shop.ada)
            for words in ("kept", "gone")
        ]
        await inside.execute(parlour.ChangeScheduled.of(scheduled_id=kept.id, content="other words"), shop.ada)
        await inside.execute(parlour.CancelScheduled(gone.id), shop.ada)
    told: list[tuple[str | None, Any]] = []
    async with asyncio.timeout(5):
        async for live in shop.chat.events(f"user:{shop.ada.user_id}", after=before, actor=shop.ada):
            told.append((getattr(live.event, "tag", None), getattr(live.event, "content", None)))
            if len(told) == 4:
                break
    assert told == [
        ("message_scheduled", None), ("message_scheduled", None), ("scheduled_changed", "other words"),
        ("scheduled_cancelled", None),
    ]  # fmt: skip


@pytest.mark.row("DX1")
async def test_consumers_have_its_events(shop: Shop):
    handled: asyncio.Queue[str] = asyncio.Queue()

    async def note(event, logged):
        if logged.tag == "text":
            await handled.put(event.content)

    shop.chat.consume("notes", note)
    async with shop.host.block() as inside:
        await inside.execute(shop.said("For the record."), shop.ada)
    async with asyncio.timeout(2 * SHOWN_WITHIN):
        assert await handled.get() == "For the record."


@pytest.mark.row("DX1")
async def test_many_at_once_each_keep_theirs_together(shop: Shop):
    async def one(n: int) -> None:
        with undone():
            async with shop.host.block() as inside:
                await shop.host.order(inside, f"order {n:02}")
                await inside.execute(shop.said(f"order {n:02}"), shop.ada)
                if n % 3 == 0:
                    raise ChangedMind

    others = [shop.chat.execute(shop.said("by the way"), shop.bob) for _ in range(10)]
    await asyncio.gather(*(one(n) for n in range(12)), *others)
    told = [text for text in await shop.heard() if text != "by the way"]
    assert sorted(told) == await shop.host.orders() == [f"order {n:02}" for n in range(12) if n % 3]
    numbers = [m.number for m in (await shop.chat.execute(parlour.ListMessages(shop.room.id), shop.ada)).items]
    assert numbers == list(range(1, len(numbers) + 1))
