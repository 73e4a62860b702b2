"""Rooms and their members."""

import asyncio
from uuid import uuid4

import pytest

from ...application.kernel.uow import Work
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId
from ...domain.rooms.own import ReadMark
from ...domain.rooms.room import Room, RoomKind, RoomMember, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .people import a_room, a_workspace, draft_in, keep_room, member_of, room_in
from .support import NOW, House, a_user, later


def _member(room: Room, user_id: UserId, joined: float = 1.0) -> RoomMember:
    return RoomMember(room.workspace_id, room.id, user_id, RoomRole.MEMBER, later(joined))


@pytest.mark.row("RM3")
class RoomsContract:
    """`Rooms` and `RoomStandings`. Asks for `house`."""

    async def test_a_room_is_read_as_kept_until_it_is_deleted(self, house: House) -> None:
        room = await a_room(house)
        async with house.store.snapshot() as snapshot:
            assert await house.rooms(snapshot).get(room.id) == room
            assert await house.rooms(snapshot).get(RoomId(uuid4())) is None
        assert (await house.done(lambda unit: house.rooms(unit).save(room.deleted(NOW)))).version == 2
        async with house.store.snapshot() as snapshot:
            assert await house.rooms(snapshot).get(room.id) is None
            assert await house.room_standings(snapshot).standing(room.id, room.owner_id or a_user()) is None

    async def test_of_racing_changes_one_wins(self, house: House) -> None:
        room = await a_room(house)

        async def describe(name: str) -> Room:
            return await house.done(lambda unit: house.rooms(unit).save(room.described(name, None, NOW)))

        answers = await asyncio.gather(*(describe(f"name {n}") for n in range(5)), return_exceptions=True)
        assert sum(isinstance(a, Raced) for a in answers) == 4
        async with house.store.snapshot() as snapshot:
            assert await house.rooms(snapshot).get(room.id) in answers

    async def test_those_who_hold_a_room_first_wait_for_each_other_and_all_count(self, house: House) -> None:
        room = await a_room(house)

        async def enlarge(unit: Work) -> None:
            held = await house.rooms(unit).hold(room)
            assert held is not None
            await house.rooms(unit).save(held.with_members(1))

        await asyncio.gather(*(house.done(enlarge) for _ in range(5)))
        async with house.store.snapshot() as snapshot:
            found = await house.rooms(snapshot).get(room.id)
        assert found is not None
        assert found.members_count == room.members_count + 5
        await house.done(lambda unit: house.rooms(unit).save(found.deleted(NOW)))
        assert await house.done(lambda unit: house.rooms(unit).hold(room)) is None

    @pytest.mark.row("RM1")
    async def test_a_pair_has_one_direct_room_for_ever(self, house: House) -> None:
        workspace = await a_workspace(house)
        other = await a_workspace(house, "other")
        pair = (a_user(), a_user())
        racing = [room_in(workspace, *pair[:: 1 - 2 * (n % 2)], name=None, kind=RoomKind.DIRECT) for n in range(10)]
        answers = await asyncio.gather(*(keep_room(house, *new) for new in racing), return_exceptions=True)
        assert answers.count(None) == 1
        assert sum(isinstance(a, Raced) for a in answers) == 9
        first, _ = racing[answers.index(None)]
        async with house.store.snapshot() as snapshot:
            assert first.direct_key is not None
            assert await house.rooms(snapshot).direct(workspace.id, first.direct_key) == first
            assert await house.rooms(snapshot).direct(other.id, first.direct_key) is None
            assert {m.user_id for m in await house.rooms(snapshot).members(first)} == set(pair)
        elsewhere = room_in(other, *pair, name=None, kind=RoomKind.DIRECT)
        await house.done(lambda unit: house.rooms(unit).add(*elsewhere))

    @pytest.mark.row("RM4")
    async def test_members_come_change_and_go(self, house: House) -> None:
        room, user = await a_room(house), a_user()
        member = _member(room, user)

        async def work(unit: Work) -> None:
            rooms = house.rooms(unit)
            assert await rooms.add_member(member)
            moderator = await rooms.save_member(member.with_role(RoomRole.MODERATOR))
            assert not await rooms.add_member(member), "a member who is there stays as they are"
            assert await rooms.member(room, user) == moderator
            assert [m.user_id for m in await rooms.members(room)] == [room.owner_id, user]
            with pytest.raises(Raced):
                await rooms.save_member(member)
            assert [r.id for r in await rooms.of_member(room.workspace_id, user)] == [room.id]
            await rooms.remove_member(moderator)
            assert await rooms.member(room, user) is None
            assert await rooms.of_member(room.workspace_id, user) == []

        await house.done(work)

    @pytest.mark.row("RM4")
    async def test_of_racing_joins_one_counts(self, house: House) -> None:
        room = await a_room(house)
        member = _member(room, a_user())
        joins = (house.done(lambda unit: house.rooms(unit).add_member(member)) for _ in range(5))
        assert sorted(map(bool, await asyncio.gather(*joins))) == [False] * 4 + [True]

    async def test_what_somebody_is_in_a_room(self, house: House) -> None:
        workspace, colleague = await a_workspace(house), a_user()
        room = await a_room(house, workspace)
        await house.done(lambda unit: house.workspaces(unit).add_member(member_of(workspace, colleague)))
        async with house.store.snapshot() as snapshot:
            standings = house.room_standings(snapshot)
            owner = await standings.standing(room.id, workspace.owner_id)
            beside = await standings.standing(room.id, colleague)
            stranger = await standings.standing(room.id, a_user())
        assert owner is not None
        assert owner.room == room
        assert owner.member == RoomMember(workspace.id, room.id, workspace.owner_id, RoomRole.OWNER, NOW)
        assert owner.workspace_role is WorkspaceRole.OWNER
        assert beside is not None
        assert (beside.member, beside.workspace_role) == (None, WorkspaceRole.MEMBER)
        assert stranger is not None
        assert (stranger.member, stranger.workspace_role) == (None, None)
        await house.done(lambda unit: house.workspaces(unit).save(workspace.deleted(NOW)))
        async with house.store.snapshot() as snapshot:
            assert await house.room_standings(snapshot).standing(room.id, workspace.owner_id) is None


@pytest.mark.row("RM3")
class RoomReaderContract:
    """`RoomReader`. Asks for `house`."""

    async def test_my_rooms_by_name_with_their_last_message(self, house: House) -> None:
        workspace = await a_workspace(house)
        rooms = [await a_room(house, workspace, name) for name in ("charlie", "Alpha", "bravo")]
        deleted = await a_room(house, workspace, "aardvark")
        await house.done(lambda unit: house.rooms(unit).save(deleted.deleted(NOW)))
        await a_room(house, await a_workspace(house, "another"))

        async def send(unit: Work) -> None:
            await house.message_log(unit).append(draft_in(rooms[1], "first"))
            await house.message_log(unit).append(draft_in(rooms[1], "last"))

        await house.done(send)
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            first = await reader.rooms_of(workspace.id, workspace.owner_id, None, 2)
            rest = await reader.rooms_of(workspace.id, workspace.owner_id, first.next, 2)
            nobodys = await reader.rooms_of(workspace.id, a_user(), None, 2)
            head, last, own = await reader.details(rooms[1], workspace.owner_id)
            silent = await reader.details(rooms[0], a_user())
        assert [r.name for r in [*first.items, *rest.items]] == ["Alpha", "bravo", "charlie"]
        assert nobodys.items == []
        alpha = first.items[0]
        assert (alpha.role, alpha.offset, alpha.epoch) == (RoomRole.OWNER, 3, head.epoch)
        assert alpha.last_message == last
        assert last is not None
        assert (last.content, last.number) == ("last", 2)
        assert head.offset == 3
        assert own is not None
        assert (own.unread, own.mark) == (2, ReadMark())
        assert silent[1:] == (None, None)

    async def test_channels_with_the_role_somebody_has(self, house: House) -> None:
        workspace, user = await a_workspace(house), a_user()
        for name in ("bravo", "alpha"):
            room, members = room_in(workspace, workspace.owner_id, name=name, kind=RoomKind.PUBLIC_CHANNEL)
            await keep_room(house, room, members)
        await a_room(house, workspace, "private")
        await house.done(lambda unit: house.rooms(unit).add_member(_member(room, user)))
        async with house.store.snapshot() as snapshot:
            page = await house.room_reader(snapshot).channels(workspace.id, user, None, 9)
        assert [(r.name, r.role) for r in page.items] == [("alpha", RoomRole.MEMBER), ("bravo", None)]

    @pytest.mark.row("RM4")
    async def test_members_in_pages_who_came_first_at_the_front(self, house: House) -> None:
        room, users = await a_room(house), [a_user() for _ in range(5)]

        async def work(unit: Work) -> None:
            for n, user in enumerate(users):
                await house.rooms(unit).add_member(_member(room, user, joined=10 - n))

        await house.done(work)
        seen, cursor = list[UserId](), None
        async with house.store.snapshot() as snapshot:
            while True:
                page = await house.room_reader(snapshot).members_page(room, cursor, 2)
                seen += [m.user_id for m in page.items]
                if (cursor := page.next) is None:
                    break
        assert seen == [room.owner_id, *reversed(users)]

    @pytest.mark.row("WS4")
    async def test_who_of_some_is_in_a_workspace(self, house: House) -> None:
        workspace, other = await a_workspace(house), await a_workspace(house, "other")
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            asked = [workspace.owner_id, other.owner_id, a_user()]
            assert await reader.in_workspace(workspace.id, asked) == [workspace.owner_id]
            assert await reader.in_workspace(workspace.id, []) == []
