"""Messages that come together are written together, and one that is spoiled harms no other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import evolve

from parlour.adapters.sql import postgres_batch, postgres_group
from parlour.adapters.sql.postgres_group import Sending
from parlour.application.kernel.page import Page
from parlour.application.kernel.uow import Work
from parlour.application.messages.views import Draft, MessageView, Sent
from parlour.domain.kernel.errors import Raced
from parlour.domain.kernel.ids import MessageId, RoomId, UserId
from parlour.domain.kernel.streams import Stream
from parlour.domain.messages.besides import Besides
from parlour.domain.rooms.events import MemberLeft
from parlour.domain.rooms.room import Room
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in
from tests.house import postgres_house
from tests.services.postgres import Postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
async def house(postgres_url: str) -> AsyncIterator[House]:
    async with postgres_house(postgres_url) as opened:
        yield opened


async def sent(house: House, draft: Draft) -> Sent:
    """Send once, as a use case does: `Raced` is not tried again."""
    unit = house.store.unit()
    async with unit:
        await house.room_standings(unit).recent(draft.room.id, draft.author_id)
        answer = await house.message_log(unit).append(draft)
    await unit.commit()
    return answer


def transactions(postgres: Postgres, url: str) -> int:
    """How many transactions wrote the messages that are there."""
    counted: int = postgres.run("select count(distinct xmin::text) from messages", dsn=url)[0][0]
    return counted


@pytest.mark.row("MS1")
async def test_those_that_come_together_are_one_transaction(
    house: House, postgres: Postgres, postgres_url: str
) -> None:
    room = await a_room(house)
    await asyncio.gather(*(sent(house, draft_in(room, f"{n}")) for n in range(200)))
    assert transactions(postgres, postgres_url) <= 4


async def test_the_control_one_after_the_other_each_is_its_own(
    house: House, postgres: Postgres, postgres_url: str
) -> None:
    room = await a_room(house)
    for n in range(20):
        await sent(house, draft_in(room, f"{n}"))
    assert transactions(postgres, postgres_url) == 20


async def test_one_that_is_spoiled_harms_no_other(house: House) -> None:
    room = await a_room(house)
    good, bad = [draft_in(room, f"{n}") for n in range(30)], draft_in(room, "no text of PostgreSQL's: \0")
    gone = draft_in(evolve(room, id=RoomId(house.ids.new())), "into a room that is not there")
    answers = await asyncio.gather(
        *(sent(house, d) for d in [*good[:15], bad, gone, *good[15:]]), return_exceptions=True
    )
    assert [a.view.content for a in answers if not isinstance(a, BaseException)] == [d.content for d in good]
    numbers = sorted(a.view.number or 0 for a in answers if not isinstance(a, BaseException))
    assert numbers == list(range(1, 31)), "what failed took no number"
    assert isinstance(answers[16], Raced), "nobody writes to a room that vanished"


@pytest.mark.row("WS4")
async def test_a_right_that_was_lost_meanwhile_is_noticed_though_it_is_remembered(house: House) -> None:
    room = await a_room(house)
    await sent(house, draft_in(room, "remembered from now on"))
    await _owner_leaves(house, room)
    with pytest.raises(Raced):
        await sent(house, draft_in(room, "too late"))
    assert [m.content for m in (await _history(house, room)).items] == ["remembered from now on"]


@pytest.mark.row("WS4", "MS4")
async def test_a_message_that_mentions_somebody_relies_on_the_same_rights(house: House, postgres_url: str) -> None:
    """It is a unit of its own, which decides by what was remembered all the same."""
    room = await a_room(house)
    assert room.owner_id is not None
    await sent(house, draft_in(room, "remembered from now on"))
    calling = evolve(draft_in(room, "hear"), besides=Besides(mentions=[UserId(house.ids.new())]))
    await sent(house, calling)
    lost = MemberLeft(room.id, room.owner_id)

    async def change(unit: Work) -> None:
        await unit.record(Stream.of_room(room.workspace_id, room.id), lost)

    await house.done(change)
    with pytest.raises(Raced):
        await sent(house, evolve(calling, id=MessageId(house.ids.new())))


async def test_the_control_an_event_that_changes_no_right_is_not_noticed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await a_room(house)
    await sent(house, draft_in(room, "remembered from now on"))
    monkeypatch.setattr(MemberLeft, "rights", False)
    await _owner_leaves(house, room)
    assert (await sent(house, draft_in(room, "not noticed"))).new


@pytest.mark.row("WS4")
async def test_rights_of_others_that_change_meanwhile_disturb_nobody(house: House) -> None:
    room = await a_room(house)
    await sent(house, draft_in(room, "remembered from now on"))
    gone = MemberLeft(room.id, UserId(house.ids.new()))

    async def change(unit: Work) -> None:
        await unit.record(Stream.of_room(room.workspace_id, room.id), gone)

    await house.done(change)
    assert (await sent(house, draft_in(room, "looked at anew"))).new


async def _owner_leaves(house: House, room: Room) -> None:
    assert room.owner_id is not None
    user_id = room.owner_id

    async def change(unit: Work) -> None:
        member = await house.rooms(unit).member(room, user_id)
        assert member is not None
        await house.rooms(unit).remove_member(member)
        await unit.record(Stream.of_room(room.workspace_id, room.id), MemberLeft(room.id, user_id))

    await house.done(change)


async def test_a_large_crowd_is_written_in_bounded_groups(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_batch, "MOST", 7)
    room = await a_room(house)
    answers = await asyncio.gather(*(sent(house, draft_in(room, f"{n}")) for n in range(50)))
    assert sorted(a.view.number or 0 for a in answers) == list(range(1, 51))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[list[set[str]]]:
    """The rooms of each group that was in hand as another began, itself included."""
    in_hand, seen = list[set[str]](), list[list[set[str]]]()
    write = postgres_group.write_group

    async def watched(store: Any, group: list[Sending], *, patient: bool) -> Any:
        rooms = {s.topic for s in group}
        in_hand.append(rooms)
        seen.append(list(in_hand))
        try:
            return await write(store, group, patient=patient)
        finally:
            in_hand.remove(rooms)

    monkeypatch.setattr(postgres_batch, "write_group", watched)
    return seen


def _apart(in_hand: list[set[str]]) -> bool:
    return sum(map(len, in_hand)) == len(set[str]().union(*in_hand))


async def _in_their_order(house: House, rooms: list[Room]) -> list[bool]:
    """Whether each room has what was sent to it one after the other, each before the last was answered, in that order."""
    for room in rooms:
        await sent(house, draft_in(room, "remembered from now on"))
    said = [draft_in(room, f"{n}") for n in range(40) for room in rooms]
    await asyncio.gather(*(sent(house, draft) for draft in said))
    found = [[m.content for m in (await _history(house, room)).items] for room in rooms]
    return [contents[1:] == [f"{n}" for n in range(40)] for contents in found]


@pytest.mark.row("MS3")
async def test_two_groups_at_once_have_no_room_in_common_and_each_room_keeps_its_order(
    house: House, seen: list[list[set[str]]]
) -> None:
    for _ in range(3):
        seen.clear()
        assert all(await _in_their_order(house, [await a_room(house) for _ in range(6)]))
        assert max(map(len, seen)) == 2, "they were written at the same time"
        assert all(map(_apart, seen))


async def test_the_control_groups_that_do_not_look_at_each_other_share_rooms(
    house: House, seen: list[list[set[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(Counter[object]):
        def __contains__(self, item: object) -> bool:
            return False

    house.store.batch._taken = Forgetful()  # type: ignore[attr-defined]
    room = await a_room(house)
    monkeypatch.setattr(postgres_batch, "MOST", 10)
    await _in_their_order(house, [room])
    assert not all(map(_apart, seen))


@pytest.mark.row("MS2")
async def test_a_key_used_in_two_rooms_at_once_is_one_message(house: House) -> None:
    here, there = await a_room(house), await a_room(house)
    author = here.owner_id
    assert author is not None
    both = [evolve(draft_in(room, "once"), author_id=author, key="k", body_hash=b"h") for room in (here, there)]
    answers = await asyncio.gather(*(sent(house, draft) for draft in both for _ in range(20)), return_exceptions=True)
    assert len({a.view.id for a in answers if not isinstance(a, BaseException)}) == 1


async def _history(house: House, room: Room) -> Page[MessageView]:
    async with house.store.snapshot() as snapshot:
        return await house.message_reader(snapshot).history(room, None, None, 50)
