"""What parlour does by itself: chores, what is due, retention of events and keys."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from parlour.application.identity.commands import SignUp
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor, Way
from parlour.application.kernel.page import PositionView
from parlour.application.kernel.ports import Due
from parlour.application.kernel.retention import CUT, Retention
from parlour.application.messages.commands import SendMessage
from parlour.application.messages.queries import ListMessages
from parlour.application.rooms.commands import CreateRoom
from parlour.application.rooms.queries import GetRoom, ListEvents
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.domain.kernel.errors import Raced, Unavailable
from parlour.domain.kernel.ids import RoomId, host_id
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, Office, office

FOR_OTHERS = timedelta(hours=1)
"""How long the relay leaves events to the consumers of other processes, on a store that they share."""
DAYS = Retention(days=90, events=1_000_000)
MINE = Stream.of_user(ALICE.known)


@pytest.fixture
async def quiet(database_url: str) -> AsyncIterator[Office]:
    """An office in which the scheduler and the relay are stepped by the test."""
    async with office(database_url, start=False) as opened:
        yield opened


async def keep(opened: Office) -> tuple[int, int]:
    """Let retention do its work, once the relay has done its own."""
    while await opened.instance.relay.once():
        pass
    removed = (await opened.ask("keep_within_bounds", {}, SYSTEM, Way.SYSTEM)).value
    return removed.events, removed.keys


async def noted(opened: Office, actors: Sequence[Actor]) -> None:
    """Each notes something; not more at once than may wait for a connection."""
    for n in range(0, len(actors), 100):
        await asyncio.gather(*(opened.note("x", actor=actor) for actor in actors[n : n + 100]))


async def offsets(opened: Office, stream: Stream = MINE) -> list[int]:
    return [e.offset for e in await opened.log(stream)]


# --- what is due ------------------------------------------------------------------------------------------------------


async def propose(opened: Office, word: str, due_in: float, key: str | None = None) -> None:
    unit: Any = opened.instance.store.unit()
    async with unit:
        at = opened.clock.now() + timedelta(seconds=due_in)
        await unit.schedule(key or word, at, "note_down", {"word": word})
    await unit.commit()


async def test_what_is_due_runs_as_the_system_the_longest_overdue_first(quiet: Office) -> None:
    await propose(quiet, "later", 60)
    await propose(quiet, "second", -1)
    await propose(quiet, "first", -2)
    assert await quiet.instance.scheduler.once() == 2
    assert quiet.desk.done == ["first", "second"]
    assert await quiet.instance.scheduler.once() == 0
    quiet.clock.advance(timedelta(seconds=61))
    await quiet.instance.scheduler.once()
    assert quiet.desk.done == ["first", "second", "later"]


async def test_the_same_key_moves_an_entry(quiet: Office) -> None:
    await propose(quiet, "one", -1, "key")
    await propose(quiet, "two", 60, "key")
    assert await quiet.instance.scheduler.once() == 0
    quiet.clock.advance(timedelta(seconds=61))
    await quiet.instance.scheduler.once()
    assert quiet.desk.done == ["two"]


async def test_an_entry_is_put_there_with_its_unit_or_not_at_all(quiet: Office) -> None:
    unit: Any = quiet.instance.store.unit()
    with pytest.raises(ValueError, match="undone"):
        async with unit:
            await unit.schedule("key", quiet.clock.now(), "note_down", {"word": "one"})
            raise ValueError("undone")
    assert await quiet.instance.scheduler.once() == 0


async def test_what_cannot_be_done_now_comes_again_and_what_never_can_is_let_go(quiet: Office) -> None:
    await propose(quiet, "one", -1)
    quiet.desk.failures = [Raced("busy") for _ in range(5)]
    await quiet.instance.scheduler.once()
    assert quiet.desk.done == ["one"] * 5
    assert await quiet.instance.scheduler.once() == 0, "what comes behind it has its turn first"
    quiet.clock.advance(timedelta(seconds=30))
    await quiet.instance.scheduler.once()
    assert quiet.desk.done == ["one"] * 6
    await propose(quiet, "far too long", -1)
    assert await quiet.instance.scheduler.once() == 1
    assert await quiet.instance.scheduler.once() == 0


async def test_what_the_store_could_not_do_comes_again_when_it_said(quiet: Office) -> None:
    await propose(quiet, "one", -1)
    quiet.desk.failures = [Unavailable("away", retry_after=2)]
    assert await quiet.instance.scheduler.once() == 1
    assert await quiet.instance.scheduler.once() == 0
    quiet.clock.advance(timedelta(seconds=2))
    assert await quiet.instance.scheduler.once() == 1
    assert quiet.desk.done == ["one"] * 2


async def test_a_proposal_leaves_what_is_there(quiet: Office) -> None:
    table = quiet.instance.scheduler._table
    early, late = quiet.clock.now(), quiet.clock.now() + timedelta(days=1)
    await table.propose(Due("key", early, "note_down", {"word": "one"}))
    await table.propose(Due("key", late, "note_down", {"word": "two"}))
    (due,) = await table.due(late, 10)
    assert due.data == {"word": "one"}
    await table.done(due, again_at=late)
    await table.done(due)  # it was moved meanwhile, so this one is too late
    assert [d.due_at for d in await table.due(late, 10)] == [late]


async def test_chores_run_at_the_start_and_again_in_their_time(database_url: str) -> None:
    async with office(database_url) as running:
        table = running.instance.scheduler._table

        async def next_times() -> dict[str, float]:
            now = running.clock.now()
            return {d.name: (d.due_at - now).total_seconds() for d in await table.due(now + timedelta(days=7), 10)}

        async with asyncio.timeout(5):
            while len(times := await next_times()) < 3 or min(times.values()) < 1:
                await asyncio.sleep(0)
        assert {name: round(seconds, -1) for name, seconds in times.items()} == {
            "keep_within_bounds": 600,
            "forget_sessions": 3600,
            "expire_messages": 60,
        }


# --- retention --------------------------------------------------------------------------------------------------------


async def test_events_live_for_their_days_and_the_last_one_stays(quiet: Office) -> None:
    for word in ("one", "two", "three"):
        await quiet.note(word)
    quiet.clock.advance(timedelta(days=89))
    await quiet.note("four")
    assert await keep(quiet) == (0, 0)
    quiet.clock.advance(timedelta(days=2))
    assert await keep(quiet) == (3, 0)
    assert await offsets(quiet) == [4]
    quiet.clock.advance(timedelta(days=99))
    assert await keep(quiet) == (0, 0)
    assert await offsets(quiet) == [4]


async def test_a_stream_keeps_its_newest_events(database_url: str) -> None:
    async with office(database_url, start=False, retention=Retention(events=3)) as opened:
        for n in range(5):
            await opened.note(str(n))
            await opened.note(str(n), actor=BOB) if n < 2 else None
        opened.clock.advance(FOR_OTHERS)
        assert await keep(opened) == (2, 0)
        assert await offsets(opened) == [3, 4, 5]
        assert await offsets(opened, Stream.of_user(BOB.known)) == [1, 2]


async def test_much_goes_in_bounded_steps_until_nothing_is_left_to_do(database_url: str) -> None:
    async with office(database_url, start=False, retention=Retention(events=1)) as opened:
        await noted(opened, [ALICE] * (CUT + 10))
        opened.clock.advance(FOR_OTHERS)
        assert await keep(opened) == (CUT, 0)
        assert await opened.instance.scheduler.once() == 1
        assert await offsets(opened) == [CUT + 10]
        assert await opened.instance.scheduler.once() == 0


async def test_a_thousand_quiet_streams_do_not_hide_what_is_old(quiet: Office) -> None:
    await noted(quiet, [Actor(host_id(str(n))) for n in range(1001)])
    for word in ("one", "two", "three"):
        await quiet.note(word)
    quiet.clock.advance(timedelta(days=91))
    assert await keep(quiet) == (2, 0)
    assert await offsets(quiet) == [3]


async def test_keys_live_a_day_at_least(quiet: Office) -> None:
    await quiet.note("one", key="k")
    quiet.clock.advance(timedelta(hours=23))
    assert await keep(quiet) == (0, 0)
    assert (await quiet.note("one", key="k")).replayed
    quiet.clock.advance(timedelta(hours=2))
    assert await keep(quiet) == (0, 1)
    assert not (await quiet.note("one", key="k")).replayed


async def furnished(opened: Office) -> RoomId:
    chat = opened.instance.chat
    home = await chat.execute(CreateWorkspace("home"), ALICE)
    room = await chat.execute(CreateRoom(RoomKind.PUBLIC_CHANNEL, "room", workspace_id=home.id), ALICE)
    return room.id


@pytest.mark.row("RT4", "MS2")
async def test_messages_and_their_keys_outlive_the_events_and_a_resume_says_so(quiet: Office) -> None:
    chat, room_id = quiet.instance.chat, await furnished(quiet)
    before = await chat.execute(GetRoom(room_id), ALICE)
    first = await chat.execute(SendMessage(room_id, "one"), ALICE, key="k")
    quiet.clock.advance(timedelta(days=91))
    await chat.execute(SendMessage(room_id, "two"), ALICE)
    assert (await keep(quiet))[0] > 0
    said = await chat.execute(ListMessages(room_id), ALICE)
    assert [m.content for m in said.items] == ["one", "two"]
    assert await chat.execute(SendMessage(room_id, "one"), ALICE, key="k") == first
    assert before.epoch is not None
    assert before.offset is not None
    late = await chat.execute(ListEvents(room_id, before.epoch, before.offset), ALICE)
    assert (late.recovered, late.items) == (False, [])
    async for live in chat.events(f"room:{room_id}", after=PositionView(before.epoch, before.offset), actor=ALICE):
        assert (live.recovered, live.event, live.position.offset) == (False, None, late.position.offset)
        break


@pytest.mark.row("ID2")
async def test_sessions_that_are_long_over_are_forgotten(quiet: Office) -> None:
    await quiet.instance.chat.execute(SignUp("dora", "dora@example.org", "correct horse"), STRANGER)
    for days, gone in ((36, 0), (2, 1), (1, 0)):
        quiet.clock.advance(timedelta(days=days))
        forgotten = (await quiet.ask("forget_sessions", {}, SYSTEM, Way.SYSTEM)).value
        assert forgotten.sessions == gone
