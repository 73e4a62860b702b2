"""Who blocks whom."""

import asyncio

import pytest

from ...application.kernel.uow import Work
from ...domain.identity.blocks import Block
from ...domain.kernel.ids import UserId
from ...domain.rooms.room import RoomKind
from .people import a_workspace, keep_room, member_of, room_in
from .races import given_a_start
from .support import NOW, House, a_user, later, outcome


def block_of(owner_id: UserId, blocked_id: UserId, seconds: float = 0) -> Block:
    return Block(owner_id, blocked_id, later(seconds))


class BlocksContract:
    """`Blocks`, `BlockReader`, and what `RoomStandings` knows of blocks. Asks for `house`."""

    async def test_a_block_is_its_owners_and_is_removed(self, house: House) -> None:
        ann, ben, cyd = (a_user() for _ in range(3))
        block = block_of(ann, ben)

        async def work(unit: Work) -> None:
            blocks = house.blocks(unit)
            await blocks.add(block)
            await blocks.add(block_of(ann, ben, 5))
            assert await blocks.get(ann, ben) == block, "the first stays"
            assert await blocks.get(ben, ann) is None
            assert (await blocks.count(ann), await blocks.count(ben)) == (1, 0)
            for pair, found in (((ann, ben), True), ((ben, ann), True), ((ann, cyd), False)):
                assert await blocks.between(*pair) == found
            assert await blocks.blocked_by([ann, ben, cyd], ben) == {ann}
            assert await blocks.blocked_by([ann, ben, cyd], ann) == set()
            assert await blocks.blocked_by([], ben) == set()
            await blocks.remove(block)
            assert not await blocks.between(ann, ben)

        await house.done(work)

    async def test_blocks_in_pages_and_who_shares_a_workspace(self, house: House) -> None:
        workspace, ben = await a_workspace(house), a_user()
        ann, others = workspace.owner_id, [a_user() for _ in range(2)]
        await house.done(lambda unit: house.workspaces(unit).add_member(member_of(workspace, ben)))
        blocks = [block_of(ann, user, n) for n, user in enumerate((others[0], ben, others[1]))]

        async def work(unit: Work) -> None:
            for block in (*blocks[::-1], block_of(ben, ann)):
                await house.blocks(unit).add(block)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            reader = house.block_reader(snapshot)
            first = await reader.blocks_of(ann, None, 2)
            rest = await reader.blocks_of(ann, first.next, 2)
        found = [*first.items, *rest.items]
        assert [one.block for one in found] == blocks
        assert [one.acquainted for one in found] == [False, True, False]

    @pytest.mark.row("RM1")
    async def test_a_standing_in_a_direct_room_knows_whether_one_of_the_two_blocks_the_other(
        self, house: House
    ) -> None:
        workspace, ben = await a_workspace(house), a_user()
        ann = workspace.owner_id
        direct, pair = room_in(workspace, ann, ben, name=None, kind=RoomKind.DIRECT)
        group, three = room_in(workspace, ann, ben, a_user(), kind=RoomKind.GROUP)
        await keep_room(house, direct, pair)
        await keep_room(house, group, three)

        async def blocked(unit: Work) -> list[bool]:
            ask = house.room_standings(unit).standing
            found = [await ask(room.id, who) for room in (direct, group) for who in (ann, ben)]
            return [s.blocked for s in found if s is not None]

        assert await house.done(blocked) == [False] * 4
        await house.done(lambda unit: house.blocks(unit).add(block_of(ann, ben)))
        assert await house.done(blocked) == [True, True, False, False]

    async def test_who_is_told_that_there_is_none_comes_before_it(self, house: House) -> None:
        ann, ben = a_user(), a_user()

        async def work(unit: Work) -> "asyncio.Task[object]":
            assert not await house.blocks(unit).between(ben, ann)
            blocking = house.done(lambda unit: house.blocks(unit).add(Block(ann, ben, NOW)))
            other: asyncio.Task[object] = asyncio.create_task(blocking)
            assert await given_a_start(other), "somebody was blocked while it was relied on that they are not"
            assert not await house.blocks(unit).between(ben, ann)
            return other

        assert await outcome(await house.done(work)) is None
        async with house.store.snapshot() as snapshot:
            assert await house.blocks(snapshot).between(ann, ben)
