"""Messages that are to be sent later: kept until then, and changed by one at a time."""

import asyncio
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.messages.views import ScheduledView
from ...domain.kernel.ids import ScheduledId, UserId
from ...domain.messages.scheduled import Scheduled
from ...domain.rooms.room import Room
from .people import a_room
from .races import given_a_start
from .support import NOW, House, a_user, later, outcome


def scheduled_in(room: Room, author_id: UserId, minute: int, content: str = "later") -> Scheduled:
    return Scheduled(ScheduledId(uuid4()), room.workspace_id, room.id, author_id, content, later(minute), NOW)


async def keep(house: House, *scheduled: Scheduled) -> None:
    async def work(unit: Work) -> None:
        for one in scheduled:
            await house.schedule(unit).add(one)

    await house.done(work)


@pytest.mark.row("MS4")
class ScheduleContract:
    """`Schedule` and `ScheduleReader`. Asks for `house`."""

    async def test_ones_own_are_listed_and_counted_the_earliest_first(self, house: House) -> None:
        room, elsewhere, ann, ben = await a_room(house), await a_room(house), a_user(), a_user()
        kept = [scheduled_in(room, ann, minute) for minute in (3, 1, 2)]
        await keep(house, *kept, scheduled_in(room, ben, 1), scheduled_in(elsewhere, ann, 1))
        async with house.store.snapshot() as snapshot:
            reader = house.schedule_reader(snapshot)
            first = await reader.of_author(room.workspace_id, ann, None, 2)
            rest = await reader.of_author(room.workspace_id, ann, first.next, 2)
            assert [await reader.words(one) for one in (kept[0].id, ScheduledId(uuid4()))] == ["later", None]
        assert [*first.items, *rest.items] == [ScheduledView.of(kept[n]) for n in (1, 2, 0)]

        async def work(unit: Work) -> int:
            return await house.schedule(unit).count(room.workspace_id, ann)

        assert await house.done(work) == 3

    async def test_all_of_one_author_in_one_workspace_and_where_each_was_told(self, house: House) -> None:
        room, elsewhere, ann, ben = await a_room(house), await a_room(house), a_user(), a_user()
        kept = [scheduled_in(room, ann, minute) for minute in (2, 1)]
        await keep(house, *kept, scheduled_in(room, ben, 1), scheduled_in(elsewhere, ann, 1))

        async def work(unit: Work) -> list[Scheduled]:
            await house.schedule(unit).told(kept[0].id, 7)
            await house.schedule(unit).told(ScheduledId(uuid4()), 8)  # of one that is gone there is nothing to keep
            return await house.schedule(unit).all_of(room.workspace_id, ann)

        assert await house.done(work) == [kept[1], evolve(kept[0], told_offset=7)]

    async def test_one_that_is_held_stays_as_it_is(self, house: House) -> None:
        one = scheduled_in(await a_room(house), a_user(), 1)
        await keep(house, one)

        async def gone(unit: Work) -> Scheduled | None:
            held = await house.schedule(unit).held(one.id)
            if held is not None:
                await house.schedule(unit).remove(held)
            return held

        async def work(unit: Work) -> "asyncio.Task[object]":
            held = await house.schedule(unit).held(one.id)
            assert held == one
            other: asyncio.Task[object] = asyncio.create_task(house.done(gone))
            assert await given_a_start(other), "it was removed while it was held"
            await house.schedule(unit).save(held.changed("other words", later(5), NOW, 100))
            return other

        removed = await outcome(await house.done(work))
        assert isinstance(removed, Scheduled)
        assert (removed.content, removed.send_at, removed.version) == ("other words", later(5), 2)
        assert await house.done(gone) is None
