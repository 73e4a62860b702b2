"""What waits for a member: messages that call them, and replies in the threads they follow."""

import asyncio
from uuid import uuid4

import pytest

from ...application.messages.views import FollowedView
from ...application.rooms.own import OwnView
from ...domain.identity.blocks import Block
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import MessageId, UserId
from ...domain.messages.besides import Besides
from ...domain.messages.message import Message
from ...domain.messages.ports import Follower
from ...domain.rooms.own import OwnRoom, ReadMark
from ...domain.rooms.room import Room
from ...domain.workspaces.workspace import Workspace
from .besides import delete, send
from .people import a_workspace, keep_room, room_in
from .support import NOW, House, a_user, later

CALL = Besides(mentions_room=True)


async def a_room_of(house: House, workspace: Workspace, *users: UserId, name: str = "general") -> Room:
    room, members = room_in(workspace, *users, name=name)
    await keep_room(house, room, members)
    return room


async def block(house: House, owner: UserId, blocked: UserId) -> None:
    await house.done(lambda unit: house.blocks(unit).add(Block(owner, blocked, NOW)), owner)


async def mentions(house: House, room: Room, who: UserId, number: int, head: int = 100) -> int:
    """How many call somebody between two numbers."""
    own = OwnRoom(room.workspace_id, room.id, who, ReadMark())
    async with house.store.snapshot() as snapshot:
        return await house.own_reader(snapshot).mentions(own, ReadMark(number), head)


async def own_of(house: House, room: Room, who: UserId) -> OwnView:
    async with house.store.snapshot() as snapshot:
        *_, own = await house.room_reader(snapshot).details(room, who)
    assert own is not None
    return own


async def follow(house: House, first: Message, who: UserId) -> Follower | None:
    return await house.done(lambda unit: house.thread_followers(unit).follow(first, who))


async def follower(house: House, first: Message, who: UserId) -> Follower | None:
    async with house.store.snapshot() as snapshot:
        return await house.thread_followers(snapshot).get(first, who)


async def read(house: House, first: Message, who: UserId, number: int) -> None:
    await house.done(lambda unit: house.thread_followers(unit).read(first, who, number))


async def followed(house: House, room: Room, who: UserId) -> dict[MessageId, FollowedView | None]:
    async with house.store.snapshot() as snapshot:
        page = await house.message_reader(snapshot).followed(room, who, None, 10)
    return {m.id: m.followed for m in page.items}


@pytest.mark.row("MS4", "RM5")
class WaitingContract:
    """`OwnReader`, `RoomReader`, `ThreadFollowers` and `MessageReader`, as far as they know what waits. Asks for `house`."""

    async def test_mentions_are_counted_between_the_mark_and_the_head(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben, owner = a_user(), a_user(), workspace.owner_id
        room, other = await a_room_of(house, workspace, owner), await a_room_of(house, workspace, owner)
        await send(house, room, Besides(mentions=[ann, ben]))
        await send(house, room, Besides())
        second = await send(house, room, Besides(mentions=[ann]))
        everybody = await send(house, room, Besides(mentions=[ann], mentions_room=True))
        await send(house, room, CALL, author=ann)
        await send(house, other, Besides(mentions=[ann]))
        assert [await mentions(house, room, ann, n) for n in range(6)] == [3, 2, 2, 1, 0, 0], "one's own is none"
        assert [await mentions(house, room, ben, n) for n in range(6)] == [3, 2, 2, 2, 1, 0]
        assert [await mentions(house, room, ben, 0, head) for head in range(6)] == [0, 1, 1, 1, 2, 3]
        assert await mentions(house, room, a_user(), 0) == 2
        await delete(house, second.id)
        await delete(house, everybody.id)
        assert (await mentions(house, room, ann, 0), await mentions(house, room, ben, 0)) == (1, 2)

    async def test_who_is_blocked_calls_nobody(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben, cyd = a_user(), a_user(), a_user()
        room = await a_room_of(house, workspace, workspace.owner_id, ann, ben, cyd)
        await send(house, room, Besides(mentions=[ann, ben]), author=cyd)
        await send(house, room, CALL, author=cyd)
        await send(house, room, CALL, author=ben)
        await block(house, ann, cyd)
        assert (await mentions(house, room, ann, 0), await mentions(house, room, ben, 0)) == (1, 2)
        assert [(await own_of(house, room, who)).mentions for who in (ann, ben, cyd)] == [1, 2, 1]
        async with house.store.snapshot() as snapshot:
            assert (await house.own_reader(snapshot).unread_in(workspace.id, ann)).mentions == 1
        await house.done(lambda unit: house.blocks(unit).remove(Block(ann, cyd, NOW)), ann)
        assert await mentions(house, room, ann, 0) == 3

    async def test_what_waits_by_room_and_in_all(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben = workspace.owner_id, a_user()
        rooms = [await a_room_of(house, workspace, ann, ben, name=f"room {n}") for n in range(4)]
        gone = await a_room_of(house, workspace, ann, ben, name="deleted")
        for room, calls, threads in (
            (rooms[0], 1, 1),
            (rooms[1], 0, 2),
            (rooms[2], 2, 0),
            (rooms[3], 0, 0),
            (gone, 1, 1),
        ):
            for _ in range(calls):
                await send(house, room, Besides(mentions=[ann]), author=ben)
            for _ in range(threads):
                first = await send(house, room, Besides(), author=ben)
                await follow(house, first, ann)
                for _ in range(2):
                    await send(house, room, Besides(reply_to=first.id), author=ben)
        await house.done(lambda unit: house.rooms(unit).save(gone.deleted(later(1))))
        expected = {rooms[n].id: waits for n, waits in enumerate([(4, 1, 1), (6, 0, 2), (2, 2, 0), (0, 0, 0)])}
        async with house.store.snapshot() as snapshot:
            reader = house.own_reader(snapshot)
            total = await reader.unread_in(workspace.id, ann)
            behind = await reader.unread_rooms(workspace.id, ann, None, 10)
            listed = await house.room_reader(snapshot).rooms_of(workspace.id, ann, None, 10)
            nobodys = await reader.unread_in(workspace.id, a_user())
        assert {r.id: (r.unread, r.mentions, r.threads) for r in listed.items} == expected
        assert {r.room_id: (r.unread, r.mentions, r.threads) for r in behind.items} == {
            room_id: waits for room_id, waits in expected.items() if waits[0]
        }
        assert (total.rooms, total.unread, total.mentions, total.threads) == (3, 12, 3, 3)
        assert (nobodys.mentions, nobodys.threads) == (0, 0)

    async def test_who_begins_to_follow_has_read_what_was_answered(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben, cyd = workspace.owner_id, a_user(), a_user()
        room = await a_room_of(house, workspace, ann, ben, cyd)
        first = await send(house, room, Besides(), author=ann)
        assert await follow(house, first, cyd) == Follower(cyd, first.number)
        replies = [await send(house, room, Besides(reply_to=first.id), author=ann) for _ in range(3)]
        assert await follow(house, first, cyd) is None, "they did before"
        new = await house.done(lambda unit: house.thread_followers(unit).answered(first.id, ben))
        assert new == [Follower(ben, replies[-1].number), Follower(ann, replies[-1].number)]
        last = await send(house, room, Besides(reply_to=first.id), author=ben)
        waits = {who: (await followed(house, room, who))[first.id] for who in (ann, ben, cyd)}
        assert waits[ann] == FollowedView(1, replies[-1].number)
        assert waits[ben] == FollowedView(0, replies[-1].number), "one's own waits for nobody"
        assert waits[cyd] == FollowedView(4, first.number)
        async with house.store.snapshot() as snapshot:
            followers = house.thread_followers(snapshot)
            assert await followers.last_reply(first) == last.number
            assert await followers.last_reply(last) == last.number, "what has no replies"
        assert await house.done(lambda unit: house.thread_followers(unit).unfollow(first, cyd))
        assert await follower(house, first, cyd) is None
        assert await follow(house, first, cyd) == Follower(cyd, last.number), "what came meanwhile is read"

    async def test_replies_are_read_up_to_a_mark_that_never_goes_back(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben = workspace.owner_id, a_user()
        room = await a_room_of(house, workspace, ann, ben)
        first = await send(house, room, Besides(), author=ann)
        await follow(house, first, ann)
        replies = [await send(house, room, Besides(reply_to=first.id), author=ben) for _ in range(4)]
        await delete(house, replies[3].id)
        numbers = [first.number, *(r.number for r in replies)]
        async with house.store.snapshot() as snapshot:
            reader = house.message_reader(snapshot)
            assert [await reader.replies_after(first, n, ann) for n in numbers] == [3, 2, 1, 0, 0]
            assert await reader.replies_after(first, 0, ben) == 0
        await read(house, first, ann, numbers[2])
        assert await follower(house, first, ann) == Follower(ann, numbers[2])
        assert (await own_of(house, room, ann)).threads == 1
        for number in (numbers[2], numbers[1]):
            with pytest.raises(Raced):
                await read(house, first, ann, number)
        with pytest.raises(Raced):
            await read(house, first, ben, numbers[3])
        await read(house, first, ann, numbers[3])
        assert (await own_of(house, room, ann)).threads == 0
        assert (await followed(house, room, ann))[first.id] == FollowedView(0, numbers[3])

    async def test_of_racing_marks_the_furthest_stays(self, house: House) -> None:
        workspace = await a_workspace(house)
        room = await a_room_of(house, workspace, workspace.owner_id)
        first = await send(house, room, Besides())
        await follow(house, first, workspace.owner_id)
        marks = [first.number + n for n in (3, 1, 5, 2, 4)]
        reading = (read(house, first, workspace.owner_id, n) for n in marks)
        answers = await asyncio.gather(*reading, return_exceptions=True)
        assert {type(a) for a in answers} <= {type(None), Raced}
        assert answers[2] is None
        assert await follower(house, first, workspace.owner_id) == Follower(workspace.owner_id, max(marks))

    async def test_what_is_read_of_a_thread_that_is_nobodys(self, house: House) -> None:
        workspace = await a_workspace(house)
        room = await a_room_of(house, workspace, workspace.owner_id)
        first = await send(house, room, Besides())
        assert await follower(house, first, workspace.owner_id) is None
        assert await followed(house, room, a_user()) == {}
        assert await house.done(lambda unit: house.thread_followers(unit).answered(MessageId(uuid4()), a_user())) == []
