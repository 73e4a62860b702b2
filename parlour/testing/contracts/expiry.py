"""Messages that go by the rule of their room: which rooms are due, what goes, and that nobody takes the same away twice."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.messages.expiry import Oldest, Watched
from ...application.messages.views import MessageView
from ...domain.kernel.ids import MessageId, RoomId, UserId
from ...domain.kernel.keeping import WorkspaceKeeping
from ...domain.messages.besides import Besides, Quoted
from ...domain.rooms.keeping import cut
from ...domain.rooms.room import Room
from .edits import edit
from .messages import send
from .people import a_room, a_workspace, draft_in
from .support import NOW, House, a_user, later

DAY = 86_400.0


async def _said(house: House, room: Room, *days: float, **beside: object) -> list[MessageView]:
    """A message for each number of days, as old as that."""
    drafts = [draft_in(room, f"{n}") for n, _ in enumerate(days)]
    made = [evolve(d, created_at=later(-n * DAY)) for d, n in zip(drafts, days, strict=True)]
    if beside:
        made = [evolve(d, besides=Besides(**beside)) for d in made]  # type: ignore[arg-type]
    return [(await send(house, d, recent=not beside))[0] for d in made]


async def _oldest(house: House, room: Room, days: float, most: int = 100) -> Oldest:
    return await house.done(lambda unit: house.expiry(unit).oldest(room, later(-days * DAY), most))


async def _cut(house: House, room: Room, most: int, days: float = 1) -> int:
    """As the use case does."""

    async def work(unit: Work) -> int:
        expiry = house.expiry(unit)
        found = await expiry.hold(room.id)
        assert found is not None
        oldest = await expiry.oldest(found[0], later(-days * DAY), most)
        if not oldest.number:
            return 0
        await expiry.going(found[0], oldest.number)
        removed = await expiry.remove(found[0], oldest.number)
        await house.rooms(unit).save(cut(found[0], oldest.number))
        return removed

    return await house.done(work)


async def _numbers(house: House, room: Room) -> list[int | None]:
    async with house.store.snapshot() as snapshot:
        return [m.number for m in (await house.message_reader(snapshot).history(room, None, None, 100)).items]


async def _taken(house: House, at: float, again: float = DAY, most: int = 10) -> list[RoomId]:
    return await house.done(lambda unit: house.expiry(unit).take(later(at), later(again), most))


@pytest.mark.row("MS8")
class ExpiryContract:
    """`Expiry`. Asks for `house`."""

    async def test_rooms_that_are_due_the_longest_overdue_first_and_again_when_nobody_saw_to_them(
        self, house: House
    ) -> None:
        workspace = await a_workspace(house)
        rooms = [await a_room(house, workspace, f"room {n}") for n in range(4)]

        async def watch(room: Room, due_at: datetime) -> None:
            await house.done(lambda unit: house.expiry(unit).watch(room.workspace_id, room.id, due_at))

        for room, at in zip(rooms, (-10, -20, 10, -30), strict=True):
            await watch(room, later(at))
        await watch(rooms[0], later(-5))  # the time named last counts
        await house.done(lambda unit: house.expiry(unit).unwatch(rooms[3]))
        assert await _taken(house, 0, most=1) == [rooms[1].id]
        assert await _taken(house, 0) == [rooms[0].id]
        assert await _taken(house, 0) == []
        assert set(await _taken(house, DAY)) == {rooms[0].id, rooms[1].id, rooms[2].id}
        taken = await asyncio.gather(*(_taken(house, 2 * DAY, 3 * DAY) for _ in range(4)))
        assert sorted(r for some in taken for r in some) == sorted(r.id for r in rooms[:3]), (
            "each by one of those at once"
        )

    async def test_all_rooms_of_a_workspace_or_of_all_begin_to_be_watched_page_by_page(self, house: House) -> None:
        one, other = await a_workspace(house), await a_workspace(house, "another")
        rooms = {(await a_room(house, one, f"room {n}")).id for n in range(5)}
        elsewhere = await a_room(house, other)

        async def watched(workspace_id: object) -> int:
            steps, last = 0, None
            while True:
                after = last

                async def step(unit: Work, after: Watched | None = after) -> Watched | None:
                    return await house.expiry(unit).watch_rooms(workspace_id, after, NOW, 2)  # type: ignore[arg-type]

                last = await house.done(step)
                if last is None:
                    return steps
                steps += 1

        assert await watched(one.id) == 3
        assert set(await _taken(house, 0)) == rooms
        assert await watched(None) >= 3
        assert {*rooms, elsewhere.id} <= set(await _taken(house, 0, most=1000))

    async def test_a_new_room_is_watched_where_a_rule_may_let_its_messages_go(self, house: House) -> None:
        workspace = await a_workspace(house)
        one, other = await a_room(house, workspace), await a_room(house, workspace, "another")

        async def new(room: Room, instance_days: int) -> None:
            await house.done(lambda unit: house.expiry(unit).watch_new(room.workspace_id, room.id, NOW, instance_days))

        await new(one, 0)
        assert await _taken(house, 0) == []
        await new(other, 30)
        assert await _taken(house, 0) == [other.id]
        for_ever = workspace.keeping_for(None, rooms_decide=True)
        await house.done(lambda unit: house.workspaces(unit).save(for_ever))
        await new(one, 30)
        assert await _taken(house, 0) == []
        some = evolve(for_ever, keep_days=7, version=2)
        await house.done(lambda unit: house.workspaces(unit).save(some))
        await new(one, 0)
        assert await _taken(house, 0) == [one.id]
        held = await house.done(lambda unit: house.expiry(unit).hold(one.id))
        assert held is not None
        assert held[1] == WorkspaceKeeping(7, True)

    async def test_the_oldest_and_no_one_behind_a_younger_one(self, house: House) -> None:
        room = await a_room(house)
        assert await _oldest(house, room, 1) == Oldest()
        said = await _said(house, room, 5, 4, 2, 3, 0)
        assert await _oldest(house, room, 6) == Oldest(next_at=later(-5 * DAY))
        assert await _oldest(house, room, 3.5) == Oldest(2, said[1].offset or 0, next_at=later(-2 * DAY))
        assert await _oldest(house, room, 2.5) == Oldest(2, said[1].offset or 0, next_at=later(-2 * DAY))
        assert await _oldest(house, room, 1) == Oldest(4, said[3].offset or 0, next_at=NOW)
        assert await _oldest(house, room, -1) == Oldest(5, said[4].offset or 0)
        assert await _oldest(house, room, 1, most=3) == Oldest(3, said[2].offset or 0, more=True)
        assert await _oldest(house, cut(room, 3), 1) == Oldest(4, said[3].offset or 0, next_at=NOW)

    async def test_what_hangs_on_a_message_counts_for_a_step(self, house: House) -> None:
        room = await a_room(house)
        one, two, _ = await _said(house, room, 5, 4, 3)
        for minute in range(5):
            await edit(house, two.id, f"again {minute}", minute)
        assert (await _oldest(house, room, 1, most=4)).number == 1
        assert (await _oldest(house, room, 1, most=100)).number == 3
        for minute in range(9):
            await edit(house, one.id, f"again {minute}", minute)
        assert await _oldest(house, room, 1, most=4) == Oldest(1, one.offset or 0, more=True), "one goes in any case"

    async def test_a_message_goes_with_all_that_hangs_on_it_and_nothing_else(self, house: House) -> None:
        workspace = await a_workspace(house)
        room, other = await a_room(house, workspace), await a_room(house, workspace, "another")
        somebody = a_user()
        old, young = await _said(house, room, 5, 0, mentions=[somebody])
        (elsewhere,) = await _said(house, other, 5, mentions=[somebody])
        for message in (old, young, elsewhere):
            await edit(house, message.id, "in other words", 1)
            await _react(house, message.id, somebody)
        assert await _cut(house, room, 100) == 1
        assert await _numbers(house, room) == [2]
        assert await _numbers(house, other) == [1]
        async with house.store.snapshot() as snapshot:
            messages, mentions = house.messages(snapshot), house.mention_reader(snapshot)
            assert await messages.get(old.id) is None
            assert await mentions.mentions_since(room, somebody, 0) == 1
            assert await mentions.mentions_since(other, somebody, 0) == 1
            for message in (young, elsewhere):
                kept = await messages.get(message.id)
                assert kept is not None
                assert len((await house.edit_reader(snapshot).edits(kept, None, 10)).items) == 1
                assert len((await house.reaction_reader(snapshot).who(kept, "👍", None, 10)).items) == 1
        (again,) = await _said(house, room, 0)
        assert again.number == 3

    async def test_quotes_of_what_goes_are_without_words_some_at_a_time(self, house: House) -> None:
        workspace = await a_workspace(house)
        room, other = await a_room(house, workspace), await a_room(house, workspace, "another")
        old, young = await _said(house, room, 5, 0)
        of_old, of_young = (
            Quoted(m.id, m.author_id, f"words of {m.number}", m.created_at, m.number) for m in (old, young)
        )
        (dropped,) = await _said(house, room, 0, quote=of_old)
        kept = [(await _said(house, room, 0, quote=of_old))[0] for _ in range(3)]
        others = await _said(house, room, 0, quote=of_young) + await _said(house, other, 0, 0, quote=of_old)

        async def delete(unit: Work) -> None:
            message = await house.messages(unit).get(dropped.id)
            assert message is not None
            await house.messages(unit).save(message.deleted(NOW))

        await house.done(delete)
        steps = [await house.done(lambda unit: house.expiry(unit).empty_quotes(room, 1, 3)) for _ in range(3)]
        assert [len(s) for s in steps] == [3, 1, 0]
        assert {q.id for s in steps for q in s} == {dropped.id, *(m.id for m in kept)}
        assert {q.offset for s in steps for q in s} == {m.offset for m in (dropped, *kept)}
        async with house.store.snapshot() as snapshot:
            for message in kept:
                found = await house.messages(snapshot).get(message.id)
                assert found is not None
                assert found.quote == evolve(of_old, content="", gone=True)
            for message in others:
                found = await house.messages(snapshot).get(message.id)
                assert found is not None
                assert found.quote == message.quote

    async def test_those_who_follow_are_let_go_of_some_at_a_time(self, house: House) -> None:
        room = await a_room(house)
        old, young = await _said(house, room, 5, 0)
        people = sorted(a_user() for _ in range(5))

        async def follow(unit: Work) -> None:
            followers, messages = house.thread_followers(unit), house.messages(unit)
            for message in (old, young):
                first = await messages.get(message.id)
                assert first is not None
                for n, user_id in enumerate(people):
                    await followers.follow(first, user_id, n != 1)

        await house.done(follow)
        steps = [await house.done(lambda unit: house.expiry(unit).let_go(room, 1, 2)) for _ in range(4)]
        assert [len(s) for s in steps] == [2, 2, 1, 0]
        assert sorted((f.user_id, f.number, f.following) for s in steps for f in s) == [
            (user_id, 1, n != 1) for n, user_id in enumerate(people)
        ]
        async with house.store.snapshot() as snapshot:
            followed = await house.message_reader(snapshot).followed(room, people[0], None, 10)
            assert [m.id for m in followed.items] == [young.id]

    async def test_of_those_at_once_each_takes_away_what_the_others_have_not(self, house: House) -> None:
        room = await a_room(house)
        await _said(house, room, *[5.0] * 9, 0.0)
        removed = await asyncio.gather(*(_cut(house, room, 2) for _ in range(4)))
        assert sum(removed) == 8
        assert await _numbers(house, room) == [9, 10]
        found = await house.done(lambda unit: house.expiry(unit).hold(room.id))
        assert found is not None
        assert found[0].gone_to == 8

    async def test_the_rule_of_the_instance_is_another_once(self, house: House) -> None:
        async def changed(days: int) -> bool:
            return await house.done(lambda unit: house.expiry(unit).instance_changed(days))

        assert [await changed(n) for n in (0, 30, 30, 0, 0)] == [False, True, False, True, False]

    async def test_a_room_that_is_not_there(self, house: House) -> None:
        assert await house.done(lambda unit: house.expiry(unit).hold(RoomId(UUID(int=7)))) is None


async def _react(house: House, message_id: MessageId, user_id: UserId) -> None:
    async def work(unit: Work) -> None:
        held = await house.messages(unit).held(message_id)
        assert held is not None
        assert await house.reactions(unit).add(held, "👍", user_id, NOW)

    await house.done(work)
