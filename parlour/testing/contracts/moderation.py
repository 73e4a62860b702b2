"""Members who are muted, and those who are kept out of a room."""

from typing import Any

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.rooms.views import RoomStanding
from ...domain.kernel.ids import UserId
from ...domain.rooms.moderation import RoomBan, returned
from ...domain.rooms.room import Room, RoomKind, RoomMember, RoomRole
from .people import a_room, a_workspace, draft_in, keep_room, room_in
from .support import NOW, House, a_user, later

LONG_GONE, LONG = later(-(10**6)), later(10**8)


def ban_from(room: Room, user_id: UserId, **other: Any) -> RoomBan:
    return evolve(RoomBan(room.workspace_id, room.id, user_id, room.owner_id or a_user(), NOW, LONG), **other)


@pytest.mark.row("RM4")
class ModerationContract:
    """`Bans`, and what `Rooms`, `RoomStandings` and `RoomReader` know of mutes and bans. Asks for `house`, whose clock is
    between `LONG_GONE` and `LONG`."""

    async def test_a_ban_is_read_as_kept_replaced_and_lifted(self, house: House) -> None:
        room, other, user = await a_room(house), await a_room(house), a_user()
        ban = ban_from(room, user, reason="loud")
        for kept in (ban, ban_from(room, user, until=None)):

            async def work(unit: Work, kept: RoomBan = kept) -> None:
                await house.bans(unit).ban(kept)
                assert await house.bans(unit).of(room, [a_user(), user]) == [kept]
                assert await house.bans(unit).of(other, [user]) == []

            await house.done(work)
        await house.done(lambda unit: house.bans(unit).lift(ban))
        async with house.store.snapshot() as snapshot:
            assert await house.bans(snapshot).of(room, [user]) == []
            assert await house.bans(snapshot).of(room, []) == []

    async def test_bans_in_pages_but_those_that_ended(self, house: House) -> None:
        room = await a_room(house)
        bans = [ban_from(room, a_user(), banned_at=later(n), until=LONG if n % 2 else None) for n in range(3)]
        over = ban_from(room, a_user(), until=NOW)

        async def work(unit: Work) -> None:
            for ban in (*bans[::-1], over):
                await house.bans(unit).ban(ban)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            first = await reader.bans_page(room, None, 2, NOW)
            rest = await reader.bans_page(room, first.next, 2, NOW)
        assert [*first.items, *rest.items] == bans

    @pytest.mark.parametrize("until, holds", [(LONG, True), (None, True), (LONG_GONE, False)])
    async def test_who_is_kept_out_is_shown_no_last_message_in_the_list(
        self, house: House, until: Any, holds: bool
    ) -> None:
        workspace, user = await a_workspace(house), a_user()
        room, members = room_in(workspace, workspace.owner_id, kind=RoomKind.PUBLIC_CHANNEL)
        await keep_room(house, room, members)

        async def work(unit: Work) -> None:
            await house.message_log(unit).append(draft_in(room, "not for everybody"))
            await house.bans(unit).ban(ban_from(room, user, until=until))

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            (seen,) = (await reader.channels(room.workspace_id, user, None, 9)).items
            (others,) = (await reader.channels(room.workspace_id, a_user(), None, 9)).items
        assert (seen.id, seen.last_message is None) == (room.id, holds)
        assert others.last_message is not None, "the control"

    @pytest.mark.parametrize("until, holds", [(LONG, True), (None, True), (LONG_GONE, False)])
    async def test_a_standing_knows_of_a_mute_and_a_ban_until_its_end(
        self, house: House, until: Any, holds: bool
    ) -> None:
        room, member, outside = await a_room(house), a_user(), a_user()

        async def work(unit: Work) -> None:
            rooms = house.rooms(unit)
            joined = RoomMember(room.workspace_id, room.id, member, RoomRole.MEMBER, NOW)
            await rooms.add_member(joined)
            await rooms.save_member(evolve(joined, muted=True, muted_until=until))
            await house.bans(unit).ban(ban_from(room, outside, until=until))

        await house.done(work)

        async def standings(unit: Work) -> list[RoomStanding | None]:
            asked = house.room_standings(unit)
            return [await ask(room.id, u) for ask in (asked.recent, asked.standing) for u in (member, outside)]

        for _ in range(2):  # what is remembered of it is no other
            found = await house.done(standings)
            assert [(s.muted, s.banned) for s in found if s is not None] == [(holds, False), (False, holds)] * 2
        async with house.store.snapshot() as snapshot:
            there = await house.room_standings(snapshot).standing(room.id, member)
        assert there is not None
        assert there.member is not None
        assert (there.muted, there.member.muted, there.member.muted_until) == (holds, True, until)

    @pytest.mark.parametrize("until, comes_back_muted", [(LONG, True), (None, True), (LONG_GONE, False)])
    async def test_who_went_muted_comes_back_muted(self, house: House, until: Any, comes_back_muted: bool) -> None:
        room, user = await a_room(house), a_user()
        joined = RoomMember(room.workspace_id, room.id, user, RoomRole.MEMBER, NOW)

        async def work(unit: Work) -> tuple[RoomMember, RoomMember]:
            rooms = house.rooms(unit)
            await rooms.add_member(joined)
            muted = await rooms.save_member(evolve(joined, muted=True, muted_until=until))
            await rooms.remove_member(muted)
            went, later_on = await rooms.returning(joined), await rooms.returning(joined)
            assert (went.muted, went.muted_until) == (True, until)
            again = returned(went)
            await rooms.add_member(again)
            assert await rooms.member(room, user) == again
            await rooms.remove_member(again.unmuted())
            return again, later_on

        again, later_on = await house.done(work)
        assert (again.muted, again.muted_until) == (comes_back_muted, until if comes_back_muted else None)
        assert later_on == joined, "it is taken once"
