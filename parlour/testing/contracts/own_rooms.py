"""What members keep of rooms for themselves."""

import asyncio
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.messages.views import Sent
from ...application.rooms.own import OwnView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId
from ...domain.messages.message import Message
from ...domain.rooms.own import NotificationLevel, OwnRoom, ReadMark
from ...domain.rooms.room import Room, RoomMember, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .people import a_room, a_workspace, draft_in
from .support import House, a_user, later


async def _say(house: House, room: Room, count: int) -> list[Message]:
    """So many messages of the room's owner."""

    async def send(unit: Work) -> list[Sent]:
        return [await house.message_log(unit).append(draft_in(room, f"n {n}")) for n in range(count)]

    said = await house.done(send)
    async with house.store.snapshot() as snapshot:
        messages = [await house.messages(snapshot).get(sent.view.id) for sent in said]
    return [m for m in messages if m is not None]


async def _own(house: House, room: Room, user_id: UserId | None = None) -> OwnRoom:
    async with house.store.snapshot() as snapshot:
        found = await house.own_reader(snapshot).standing(room.id, user_id or room.owner_id or a_user())
    assert found is not None
    assert found.own is not None
    return found.own


async def _mark(house: House, own: OwnRoom, number: int) -> ReadMark:
    return await house.done(lambda unit: house.own_rooms(unit).move_mark(own, number))


async def _join(house: House, room: Room, joined: float = 1.0) -> UserId:
    user_id = a_user()
    member = RoomMember(room.workspace_id, room.id, user_id, RoomRole.MEMBER, later(joined))
    assert await house.done(lambda unit: house.rooms(unit).add_member(member)) is not None
    return user_id


@pytest.mark.row("RM5")
class OwnRoomsContract:
    """`OwnRooms` and `OwnReader`. Asks for `house`."""

    async def test_a_mark_stands_at_a_message_and_moves_both_ways(self, house: House) -> None:
        room = await a_room(house)
        said = await _say(house, room, 4)
        own = await _own(house, room)
        assert own.mark == ReadMark(0, 0)
        there = await _mark(house, own, 3)
        assert there == ReadMark(3, said[2].offset)
        own = await _own(house, room)
        assert own.mark == there
        assert await _mark(house, own, 1) == ReadMark(1, said[0].offset)
        assert await _mark(house, await _own(house, room), 0) == ReadMark(0, 0)

    async def test_of_racing_marks_one_moves(self, house: House) -> None:
        room = await a_room(house)
        await _say(house, room, 5)
        own = await _own(house, room)
        answers = await asyncio.gather(*(_mark(house, own, n) for n in range(1, 6)), return_exceptions=True)
        moved = [a for a in answers if isinstance(a, ReadMark)]
        assert len(moved) == 1
        assert sum(isinstance(a, Raced) for a in answers) == 4
        assert (await _own(house, room)).mark == moved[0]

    async def test_who_is_no_member_any_more_keeps_nothing(self, house: House) -> None:
        room = await a_room(house)
        await _say(house, room, 1)
        user_id = await _join(house, room)
        own = await _own(house, room, user_id)
        member = RoomMember(room.workspace_id, room.id, user_id, RoomRole.MEMBER, later(1))
        await house.done(lambda unit: house.rooms(unit).remove_member(member))
        for change in (
            lambda unit: house.own_rooms(unit).move_mark(own, 1),
            lambda unit: house.own_rooms(unit).set_notifications(own, NotificationLevel.NONE),
        ):
            with pytest.raises(Raced):
                await house.done(change)

    async def test_who_joins_has_read_all_so_far(self, house: House) -> None:
        room = await a_room(house)
        said = await _say(house, room, 3)
        user_id = await _join(house, room)
        await _say(house, room, 2)
        assert (await _own(house, room, user_id)).mark == ReadMark(3, said[-1].offset)
        async with house.store.snapshot() as snapshot:
            *_, own = await house.room_reader(snapshot).details(room, user_id)
            *_, nobodys = await house.room_reader(snapshot).details(room, a_user())
        assert own == OwnView(2, ReadMark(3, said[-1].offset))  # nothing calls them, and they follow nothing
        assert nobodys is None

    async def test_what_somebody_is_in_a_room(self, house: House) -> None:
        room = await a_room(house)
        await _say(house, room, 2)
        async with house.store.snapshot() as snapshot:
            reader = house.own_reader(snapshot)
            owner = await reader.standing(room.id, room.owner_id or a_user())
            stranger = await reader.standing(room.id, a_user())
            assert await reader.standing(RoomId(uuid4()), a_user()) is None
        assert owner is not None
        assert (owner.head, owner.kind) == (2, room.kind)
        assert (owner.role, owner.workspace_role) == (RoomRole.OWNER, WorkspaceRole.OWNER)
        assert stranger is not None
        assert (stranger.own, stranger.role, stranger.workspace_role) == (None, None, None)

    async def test_what_is_unread_in_a_workspace(self, house: House) -> None:
        workspace = await a_workspace(house)
        rooms = [await a_room(house, workspace, f"room {n}") for n in range(4)]
        elsewhere, deleted = await a_room(house), await a_room(house, workspace, "deleted")
        for room in (*rooms[1:], elsewhere, deleted):
            await _say(house, room, 2)
        await house.done(lambda unit: house.rooms(unit).save(deleted.deleted(later(1))))
        await _mark(house, await _own(house, rooms[2]), 1)
        await _mark(house, await _own(house, rooms[3]), 2)
        async with house.store.snapshot() as snapshot:
            reader = house.own_reader(snapshot)
            total = await reader.unread_in(workspace.id, workspace.owner_id)
            nobodys = await reader.unread_in(workspace.id, a_user())
            first = await reader.unread_rooms(workspace.id, workspace.owner_id, None, 1)
            rest = await reader.unread_rooms(workspace.id, workspace.owner_id, first.next, 5)
        assert (total.rooms, total.unread) == (2, 3)
        assert (nobodys.rooms, nobodys.unread) == (0, 0)
        listed = {r.room_id: (r.unread, r.read_number) for r in (*first.items, *rest.items)}
        assert listed == {rooms[1].id: (2, 0), rooms[2].id: (1, 1)}
        assert (len(first.items), rest.next) == (1, None)

    async def test_favourites_have_an_order(self, house: House) -> None:
        workspace = await a_workspace(house)
        rooms = [(await a_room(house, workspace, f"room {n}")).id for n in range(3)]
        me = (workspace.id, workspace.owner_id)

        async def keep(unit: Work, after: list[RoomId]) -> list[RoomId]:
            own_rooms = house.own_rooms(unit)
            await own_rooms.save_favourites(*me, await own_rooms.favourites(*me), after)
            return await own_rooms.favourites(*me)

        for order in ([rooms[1]], [rooms[2], rooms[1]], [rooms[0], rooms[1], rooms[2]], [rooms[1]], []):
            assert await house.done(lambda unit, order=order: keep(unit, order)) == order  # type: ignore[misc]
            async with house.store.snapshot() as snapshot:
                assert await house.own_reader(snapshot).favourites_of(*me) == order

    async def test_racing_changes_of_favourites_lose_none(self, house: House) -> None:
        workspace = await a_workspace(house)
        rooms = [(await a_room(house, workspace, f"room {n}")).id for n in range(6)]
        me = (workspace.id, workspace.owner_id)

        async def add(unit: Work, room_id: RoomId) -> None:
            own_rooms = house.own_rooms(unit)
            before = await own_rooms.favourites(*me)
            await own_rooms.save_favourites(*me, before, [*before, room_id])

        await asyncio.gather(*(house.done(lambda unit, r=r: add(unit, r)) for r in rooms))  # type: ignore[misc]
        async with house.store.snapshot() as snapshot:
            reader = house.own_reader(snapshot)
            assert sorted(await reader.favourites_of(*me)) == sorted(rooms)
            kept = await house.own_rooms(snapshot).all_of(*me)
        assert sorted(own.favourite or 0 for own in kept) == list(range(6)), "two have the same place"

    async def test_what_is_kept_of_each_room(self, house: House) -> None:
        workspace = await a_workspace(house)
        quiet, other = await a_room(house, workspace, "quiet"), await a_room(house, workspace, "other")
        own = await _own(house, quiet)
        await house.done(lambda unit: house.own_rooms(unit).set_notifications(own, NotificationLevel.MENTIONS))
        async with house.store.snapshot() as snapshot:
            kept = await house.own_rooms(snapshot).all_of(workspace.id, workspace.owner_id)
        changed = evolve(own, notifications=NotificationLevel.MENTIONS)
        assert {k.room_id: k for k in kept} == {quiet.id: changed, other.id: await _own(house, other)}

    async def test_who_has_read_a_message(self, house: House) -> None:
        room = await a_room(house)
        early, behind, other = [await _join(house, room, joined=-n) for n in (1, 2, 3)]
        said = await _say(house, room, 3)
        late = await _join(house, room, joined=1)
        await _mark(house, await _own(house, room), 3)
        await _mark(house, await _own(house, room, early), 3)
        await _mark(house, await _own(house, room, behind), 1)
        await _mark(house, await _own(house, room, other), 2)
        async with house.store.snapshot() as snapshot:
            reader = house.own_reader(snapshot)
            read = [(await reader.readers(message, None, 10)).items for message in said]
            first = await reader.readers(said[0], None, 2)
            rest = await reader.readers(said[0], first.next, 2)
        expected = [sorted(who) for who in ([behind, other, early], [other, early], [early])]
        assert read == expected, "neither its author nor who came later"
        assert late not in read[0]
        assert [*first.items, *rest.items] == read[0]
        assert rest.next is None
