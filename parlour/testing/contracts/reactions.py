"""Reactions: each of one person once, counted rightly however many come at once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.messages.views import Reaction
from ...domain.kernel.errors import Conflict
from ...domain.kernel.ids import MessageId, UserId
from ...domain.messages.message import Message, Reacted
from ...domain.messages.reactions import with_reaction, without_reaction
from .messages import say
from .people import a_room
from .races import given_a_start
from .support import NOW, House, a_user, later, outcome

MOST = 5


async def a_message(house: House) -> MessageId:
    (view,) = await say(house, await a_room(house), "hello")
    return view.id


async def react(house: House, message_id: MessageId, user_id: UserId, emoji: str, at: datetime = NOW) -> bool:
    """As the use case does."""

    async def work(unit: Work) -> bool:
        message = await house.messages(unit).held(message_id)
        assert message is not None
        added = await house.reactions(unit).add(message, emoji, user_id, at)
        if added:
            await house.messages(unit).save(with_reaction(message, emoji, MOST))
        return added

    return await house.done(work)


async def take_back(house: House, message_id: MessageId, user_id: UserId, emoji: str) -> bool:
    async def work(unit: Work) -> bool:
        message = await house.messages(unit).held(message_id)
        assert message is not None
        removed = await house.reactions(unit).remove(message, emoji, user_id)
        if removed:
            await house.messages(unit).save(without_reaction(message, emoji))
        return removed

    return await house.done(work)


async def as_it_is(house: House, message_id: MessageId) -> Message:
    async with house.store.snapshot() as snapshot:
        message = await house.messages(snapshot).get(message_id)
    assert message is not None
    return message


async def who(house: House, message: Message, emoji: str) -> list[UserId]:
    """By pages of two, forwards."""
    found, cursor = list[UserId](), None
    async with house.store.snapshot() as snapshot:
        reader = house.reaction_reader(snapshot)
        while True:
            page = await reader.who(message, emoji, cursor, 2)
            found += [r.user_id for r in page.items]
            if page.next is None:
                return found
            cursor = page.next


@pytest.mark.row("MS4")
class ReactionsContract:
    """`Reactions`, `ReactionReader`, and `Messages.held`. Asks for `house`."""

    async def test_twice_is_once_and_what_is_not_there_is_not_taken_back(self, house: House) -> None:
        message_id, ann, ben = await a_message(house), a_user(), a_user()
        assert await react(house, message_id, ann, "👍")
        assert not await react(house, message_id, ann, "👍")
        assert await react(house, message_id, ann, "🌴")
        assert await react(house, message_id, ben, "👍")
        message = await as_it_is(house, message_id)
        assert message.reactions == (Reacted("👍", 2), Reacted("🌴", 1))
        assert await take_back(house, message_id, ann, "👍")
        assert not await take_back(house, message_id, ann, "👍")
        assert not await take_back(house, message_id, ben, "🌴")
        assert (await as_it_is(house, message_id)).reactions == (Reacted("👍", 1), Reacted("🌴", 1))
        assert await who(house, message, "👍") == [ben]

    async def test_what_one_reacted_with_oneself(self, house: House) -> None:
        ids = [await a_message(house) for _ in range(3)]
        ann, ben = a_user(), a_user()
        for message_id, user_id, emoji in ((ids[0], ann, "👍"), (ids[0], ann, "🌴"), (ids[1], ben, "👍")):
            await react(house, message_id, user_id, emoji)

        async def own(user_id: UserId, asked: Sequence[MessageId]) -> dict[MessageId, set[str]]:
            found: dict[MessageId, set[str]] = {}
            for message_id in asked:
                room = (await as_it_is(house, message_id)).workspace_id
                async with house.store.snapshot() as snapshot:
                    mine = await house.reaction_reader(snapshot).own(room, user_id, asked)
                found |= {m: set(emoji) for m, emoji in mine.items()}
            return found

        assert await own(ann, ids) == {ids[0]: {"👍", "🌴"}}
        assert await own(ben, ids) == {ids[1]: {"👍"}}
        assert await own(a_user(), ids) == {}
        assert await own(ann, ids[1:]) == {}

    async def test_who_reacted_first_comes_first(self, house: House) -> None:
        message_id, people = await a_message(house), sorted(a_user() for _ in range(5))
        for number, user_id in enumerate(reversed(people)):
            await react(house, message_id, user_id, "👍", later(number))
        await react(house, message_id, people[0], "🌴")
        message = await as_it_is(house, message_id)
        assert await who(house, message, "👍") == people[::-1]
        assert await who(house, message, "🚀") == []
        async with house.store.snapshot() as snapshot:
            page = await house.reaction_reader(snapshot).who(message, "🌴", None, 10)
        assert (page.items, page.next, page.prev) == ([Reaction(people[0], NOW)], None, None)

    async def test_what_is_cleared_is_gone_and_the_rest_is_not(self, house: House) -> None:
        one, other, ann = await a_message(house), await a_message(house), a_user()
        for message_id in (one, other):
            await react(house, message_id, ann, "👍")
        message = await as_it_is(house, one)
        await house.done(lambda unit: house.reactions(unit).clear(message))
        assert await who(house, message, "👍") == []
        assert await who(house, await as_it_is(house, other), "👍") == [ann]

    async def test_however_many_react_at_once_all_are_counted(self, house: House) -> None:
        message_id, people = await a_message(house), [a_user() for _ in range(12)]
        added = await asyncio.gather(*(react(house, message_id, u, "👍🌴"[n % 2]) for n, u in enumerate(people * 2)))
        assert sum(added) == 12
        message = await as_it_is(house, message_id)
        assert sorted((r.emoji, r.count) for r in message.reactions) == sorted([("👍", 6), ("🌴", 6)])
        await asyncio.gather(*(take_back(house, message_id, u, "👍🌴"[n % 2]) for n, u in enumerate(people * 2)))
        assert (await as_it_is(house, message_id)).reactions == ()

    async def test_of_those_at_once_no_more_kinds_stay_than_may(self, house: House) -> None:
        message_id = await a_message(house)
        answers = await asyncio.gather(
            *(react(house, message_id, a_user(), emoji) for emoji in "👍🌴🎉🚀🍕🐍🍎🍏"), return_exceptions=True
        )
        refused = [a for a in answers if isinstance(a, BaseException)]
        assert [a.code for a in refused if isinstance(a, Conflict)] == ["too_many_reactions"] * 3 == [
            "too_many_reactions" for _ in refused
        ]  # fmt: skip
        assert len((await as_it_is(house, message_id)).reactions) == MOST

    async def test_a_message_that_is_held_stays_as_it_is(self, house: House) -> None:
        message_id = await a_message(house)

        async def work(unit: Work) -> "asyncio.Task[object]":
            message = await house.messages(unit).held(message_id)
            assert message is not None
            gone = message.deleted(NOW)
            other = asyncio.create_task(house.done(lambda unit: house.messages(unit).save(gone)))
            assert await given_a_start(other), "a message was changed while it was held"
            assert await house.messages(unit).get(message_id) == message
            return other

        deleted = await outcome(await house.done(work))
        assert isinstance(deleted, Message)
        assert deleted == evolve(await as_it_is(house, message_id), version=2)
