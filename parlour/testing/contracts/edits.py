"""What messages said before: every version once, in order, and nothing of what was deleted."""

import asyncio

import pytest

from ...application.kernel.uow import Work
from ...application.messages.views import EditView
from ...domain.kernel.ids import MessageId
from ...domain.messages.message import Message
from .messages import say
from .people import a_room
from .support import NOW, House, later


async def edit(house: House, message_id: MessageId, content: str, minute: int) -> None:
    """As the use case does."""

    async def work(unit: Work) -> None:
        before = await house.messages(unit).get(message_id)
        assert before is not None
        await house.messages(unit).save(before.edited(content, later(minute), 100))
        await house.edits(unit).add(before)

    await house.done(work)


async def edits_of(house: House, message_id: MessageId, limit: int = 50) -> list[EditView]:
    found, cursor = list[EditView](), None
    async with house.store.snapshot() as snapshot:
        message = await house.messages(snapshot).get(message_id)
        assert message is not None
        while True:
            page = await house.edit_reader(snapshot).edits(message, cursor, limit)
            found += page.items
            if page.next is None:
                return found
            cursor = page.next


@pytest.mark.row("MS4")
class EditsContract:
    """`Edits` and `EditReader`. Asks for `house`."""

    async def test_every_version_stands_there_with_since_when_it_was_said(self, house: House) -> None:
        one, other = await say(house, await a_room(house), "first", "another")
        assert await edits_of(house, one.id) == []
        for number, words in enumerate(("second", "third", "fourth")):
            await edit(house, one.id, words, number + 1)
        await edit(house, other.id, "changed", 1)
        versions = [EditView(1, "first", NOW), EditView(2, "second", later(1)), EditView(3, "third", later(2))]
        assert await edits_of(house, one.id) == await edits_of(house, one.id, limit=1) == versions
        assert await edits_of(house, other.id) == [EditView(1, "another", NOW)]

    async def test_what_is_cleared_is_gone_and_the_rest_is_not(self, house: House) -> None:
        one, other = await say(house, await a_room(house), "first", "another")
        for view in (one, other):
            await edit(house, view.id, "changed", 1)

        async def work(unit: Work) -> Message:
            message = await house.messages(unit).held(one.id)
            assert message is not None
            await house.edits(unit).clear(message)
            return message

        await house.done(work)
        assert await edits_of(house, one.id) == []
        assert len(await edits_of(house, other.id)) == 1

    async def test_edits_at_once_lose_no_version(self, house: House) -> None:
        (view,) = await say(house, await a_room(house), "0")
        await asyncio.gather(*(edit(house, view.id, str(n), n) for n in range(1, 4)))
        async with house.store.snapshot() as snapshot:
            now = await house.messages(snapshot).get(view.id)
        assert now is not None
        before = await edits_of(house, view.id)
        assert [e.version for e in before] == [1, 2, 3]
        assert sorted([*(e.content for e in before), now.content]) == ["0", "1", "2", "3"]
