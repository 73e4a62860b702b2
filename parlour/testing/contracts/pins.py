"""Pins: no more in a room than may be, whoever pins at once."""

import asyncio

import pytest

from ...application.kernel.uow import Work
from ...domain.kernel.errors import Conflict
from ...domain.kernel.ids import MessageId
from ...domain.messages.message import Message, Pin
from ...domain.messages.pins import pinned, unpinned
from .messages import say
from .people import a_room, a_workspace
from .support import House, a_user, later

MOST = 3


async def pin(house: House, message_id: MessageId, minute: int = 0) -> Message:
    """As the use case does."""

    async def work(unit: Work) -> Message:
        messages = house.messages(unit)
        before = await messages.get(message_id)
        assert before is not None
        there = await messages.pins(before)
        held = await messages.held(message_id)
        assert held is not None
        return await messages.save(pinned(held, Pin(later(minute), a_user()), there, MOST))

    return await house.done(work)


@pytest.mark.row("MS4")
class PinsContract:
    """`Messages.pins` and `MessageReader.pinned`. Asks for `house`."""

    async def test_those_pinned_first_come_first(self, house: House) -> None:
        workspace = await a_workspace(house)
        room, other = await a_room(house, workspace), await a_room(house, workspace, "another")
        one, two, three = await say(house, room, "one", "two", "three")
        (elsewhere,) = await say(house, other, "elsewhere")
        kept = {n: await pin(house, m.id, n) for n, m in enumerate((three, elsewhere, one))}

        async def shown(limit: int = 10, cursor: str | None = None) -> tuple[list[MessageId], str | None]:
            async with house.store.snapshot() as snapshot:
                page = await house.message_reader(snapshot).pinned(room, cursor, limit)
            for view in page.items:
                (message,) = [m for m in kept.values() if m.id == view.id]
                assert view.pinned is not None
                assert message.pin is not None
                assert (view.pinned.at, view.pinned.by) == (message.pin.at, message.pin.by)
            return [v.id for v in page.items], page.next

        assert await shown() == ([three.id, one.id], None)
        first, after = await shown(1)
        assert (first, (await shown(1, after))[0]) == ([three.id], [one.id])

        async def out(unit: Work) -> Message:
            held = await house.messages(unit).held(three.id)
            assert held is not None
            assert await house.messages(unit).pins(held) == 2
            return await house.messages(unit).save(unpinned(held))

        assert (await house.done(out)).pin is None
        assert await shown() == ([one.id], None)
        assert two.id not in (await shown())[0]

    async def test_of_those_at_once_no_more_stay_than_may(self, house: House) -> None:
        room = await a_room(house)
        said = await say(house, room, *map(str, range(MOST + 3)))
        answers = await asyncio.gather(*(pin(house, m.id) for m in said), return_exceptions=True)
        refused = [a for a in answers if isinstance(a, BaseException)]
        assert [a.code for a in refused if isinstance(a, Conflict)] == ["too_many_pins"] * len(refused)
        assert len(refused) == 3
        async with house.store.snapshot() as snapshot:
            assert len((await house.message_reader(snapshot).pinned(room, None, 10)).items) == MOST
