"""A room in a list is the room as it is shown alone: what a page joins to its rooms is what each of them has."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

import parlour
from parlour.application.messages.retention import AGAIN

from .desk import ALICE, BOB, office
from .home import CAROL, DAY, DOCTOR, Home, moved_in

pytestmark = pytest.mark.row("RM3")


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    async with office(database_url, start=False, modules=[DOCTOR]) as opened:
        yield await moved_in(opened)


async def listed(home: Home, query: Any, actor: parlour.Actor = BOB) -> Any:
    (room,) = [room for room in (await home.ask(query, actor)).items if room.id == home.room]
    return room


async def as_alone(home: Home, actor: parlour.Actor = BOB) -> Any:
    """The room as its member has it, which all three ways show alike."""
    alone = await home.shown(actor)
    assert await listed(home, parlour.ListRooms(home.workspace), actor) == alone
    assert await listed(home, parlour.ListChannels(home.workspace), actor) == alone
    return alone


async def test_with_all_that_waits_and_a_part_of_it_gone(home: Home) -> None:
    assert (await as_alone(home)).unread == 0
    await home.said("one", "two", "three @bob")
    (first,) = await home.said("four")
    await home.ask(parlour.SendMessage(home.room, "an answer", reply_to=first.id), BOB)
    await home.said("what do you mean, @bob?", reply_to=first.id)
    await home.ask(parlour.MarkRead(home.room, number=1), BOB)
    alone = await as_alone(home)
    assert (alone.unread, alone.mentions, alone.threads, alone.gone_to) == (5, 2, 1, 0), "the control: nothing is gone"
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    home.goes_by(2 * DAY + AGAIN - timedelta(hours=1))
    await home.said("five")
    home.goes_by(timedelta(hours=2))
    await home.upkeep()
    alone = await as_alone(home)
    assert (alone.gone_to, alone.read_number, alone.unread, alone.mentions, alone.threads) == (6, 1, 1, 0, 0)
    assert alone.last_message.content == "five"
    home.goes_by(3 * DAY)
    await home.upkeep()
    alone = await as_alone(home)
    assert (alone.gone_to, alone.unread, alone.last_message) == (7, 0, None)


async def test_with_what_a_member_is_and_keeps(home: Home) -> None:
    await home.said("@bob", "and @bob")
    await home.ask(parlour.PutFavourite(home.room), BOB)
    await home.ask(parlour.SetNotifications(home.room, parlour.NotificationLevel.MENTIONS), BOB)
    until = home.office.clock.now() + DAY
    await home.ask(parlour.UpdateMember.of(room_id=home.room, user_id=BOB.known, muted_until=until))
    alone = await as_alone(home)
    assert (alone.favourite, alone.muted, alone.muted_until, alone.mentions) == (0, True, until, 2)
    await home.ask(parlour.BlockUser(ALICE.known), BOB)
    assert (await as_alone(home)).mentions == 0, "whom one blocks calls nobody"
    assert (await as_alone(home, ALICE)).muted is False, "the control: it is Bob's own"


async def test_who_is_not_in_it_sees_what_a_guest_may(home: Home) -> None:
    await home.said("hello")
    channels = parlour.ListChannels(home.workspace)
    alone = await home.shown(CAROL)
    seen = await listed(home, channels, CAROL)
    assert seen == alone
    assert (seen.role, seen.unread, seen.mentions, seen.muted) == (None, None, None, None)
    await home.ask(parlour.BanMember(home.room, CAROL.known, home.office.clock.now() + DAY))
    shut = evolve(alone, epoch=None, offset=None, last_message=None)
    assert await listed(home, channels, CAROL) == shut
    home.goes_by(DAY)
    again = await listed(home, channels, CAROL)
    assert again.last_message == alone.last_message
    assert again.offset is not None
