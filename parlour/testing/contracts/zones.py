"""Times told with an offset: a store compares moments, wherever they were told."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...domain.kernel.ids import TokenId
from ...domain.presence.presence import Availability, Presence
from .access_tokens import token_of
from .messages import say_at
from .people import a_room, a_workspace, draft_in, invitation_to
from .schedule import keep, scheduled_in
from .support import NOW, House, a_user, later

WEST, EAST = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))


def told(seconds: float, zone: timezone) -> datetime:
    return later(seconds).astimezone(zone)


@pytest.mark.row("OP7")
@pytest.mark.parametrize("zone", [WEST, EAST], ids=["west", "east"])
class ZonesContract:
    """Everything that a store compares times for, at the time `NOW`. Asks for `house`."""

    async def test_a_token_is_open_until_its_end(self, house: House, zone: timezone) -> None:
        user_id = a_user()
        open_ = evolve(token_of(user_id), expires_at=told(60, zone), created_at=told(-30, zone))
        older = evolve(token_of(user_id), expires_at=later(60))
        over = evolve(token_of(user_id), id=TokenId(uuid4()), expires_at=told(-60, zone))

        async def work(unit: Work) -> None:
            for token in (older, open_, over):
                await house.access_tokens(unit).add(token)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            assert await house.access_tokens(snapshot).open_of(user_id) == [open_, older]
        await house.done(lambda unit: house.access_tokens(unit).forget_ended(NOW))
        async with house.store.snapshot() as snapshot:
            assert await house.access_tokens(snapshot).get(over.id) is None

    async def test_an_invitation_is_used_until_its_end(self, house: House, zone: timezone) -> None:
        workspace = await a_workspace(house)
        usable, over = (invitation_to(workspace, expires_at=told(s, zone)) for s in (60, -60))

        async def work(unit: Work) -> list[bool]:
            for invitation in (usable, over):
                await house.invitations(unit).add(invitation)
            return [await house.invitations(unit).use(i.id, NOW) for i in (usable, over)]

        assert await house.done(work) == [True, False]
        async with house.store.snapshot() as snapshot:
            listed = await house.workspace_reader(snapshot).invitations(workspace.id, NOW.astimezone(zone))
        assert [i.id for i in listed] == [usable.id]

    async def test_a_choice_ends_at_its_end(self, house: House, zone: timezone) -> None:
        me = a_user()

        async def work(unit: Work) -> list[bool]:
            ended = []
            for seconds in (60, -60):
                await house.presences(unit).choose(Presence(me, Availability.AWAY, told(seconds, zone)))
                assert not await house.presences(unit).choose(Presence(me, Availability.AWAY, later(seconds))), (
                    "the same"
                )
                ended.append(await house.presences(unit).end(me, NOW))
            return ended

        assert await house.done(work) == [False, True]

    async def test_what_is_due_is_due_at_its_time(self, house: House, zone: timezone) -> None:
        for key, seconds in (("b", -60), ("later", 60), ("a", -120)):
            await house.done(lambda unit, k=key, s=seconds: unit.schedule(k, told(s, zone), "a_use_case", {}))  # type: ignore[misc]
        assert [due.key for due in await house.due_table.due(NOW, 10)] == ["a", "b"]
        assert [due.key for due in await house.due_table.due(told(60, zone), 10)] == ["a", "b", "later"]

    async def test_what_is_sent_later_stands_in_the_order_of_its_times(self, house: House, zone: timezone) -> None:
        room, ann = await a_room(house), a_user()
        first, last = scheduled_in(room, ann, 60), scheduled_in(room, ann, 180)
        between = evolve(scheduled_in(room, ann, 120), send_at=told(120, zone))
        await keep(house, last, between, first)
        async with house.store.snapshot() as snapshot:
            listed = await house.schedule_reader(snapshot).of_author(room.workspace_id, ann, None, 10)
        assert [one.id for one in listed.items] == [first.id, between.id, last.id]

    async def test_a_history_is_opened_at_a_time(self, house: House, zone: timezone) -> None:
        room = await a_room(house)
        for seconds in (0, 10, 20):
            await say_at(house, draft_in(room, f"{seconds}"), told(seconds, zone))
        async with house.store.snapshot() as snapshot:
            reader = house.message_reader(snapshot)
            for asked in (NOW.tzinfo, zone):
                found = [await reader.number_at(room, later(s).astimezone(asked)) for s in (-1, 5, 20, 21)]
                assert found == [1, 2, 3, None]
