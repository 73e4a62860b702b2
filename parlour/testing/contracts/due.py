"""What becomes due."""

import asyncio

import pytest

from ...application.kernel.ports import Due
from ...application.kernel.uow import Work
from .store import Broken
from .support import NOW, House, later


async def _schedule(house: House, key: str, seconds: float, **data: object) -> None:
    await house.done(lambda unit: unit.schedule(key, later(seconds), "a_use_case", data))


class DueTableContract:
    """`DueTable` and `UnitOfWork.schedule`. Asks for `house`."""

    async def test_what_is_due_the_longest_overdue_first(self, house: House) -> None:
        for key, seconds in (("b", -10.0), ("c", 10.0), ("a", -20.0), ("now", 0.0)):
            await _schedule(house, key, seconds, n=seconds)
        due = await house.due_table.due(NOW, 10)
        assert [d.key for d in due] == ["a", "b", "now"]
        assert due[0] == Due("a", later(-20), "a_use_case", {"n": -20.0})
        assert [d.key for d in await house.due_table.due(NOW, 1)] == ["a"]

    async def test_the_same_key_again_moves_it(self, house: House) -> None:
        await _schedule(house, "a", -10)
        await _schedule(house, "a", 10)
        assert await house.due_table.due(NOW, 10) == []
        assert [d.key for d in await house.due_table.due(later(10), 10)] == ["a"]

    async def test_proposing_leaves_what_is_there(self, house: House) -> None:
        await house.due_table.propose(Due("a", later(-5), "a_use_case", {}))
        await house.due_table.propose(Due("a", later(5), "another", {}))
        assert await house.due_table.due(NOW, 10) == [Due("a", later(-5), "a_use_case", {})]

    async def test_done_is_forgotten_or_comes_again(self, house: House) -> None:
        await _schedule(house, "once", -10)
        await _schedule(house, "often", -10)
        for due in await house.due_table.due(NOW, 10):
            await house.due_table.done(due, later(60) if due.key == "often" else None)
        assert await house.due_table.due(NOW, 10) == []
        assert [d.key for d in await house.due_table.due(later(60), 10)] == ["often"]

    async def test_what_was_moved_meanwhile_is_left_alone(self, house: House) -> None:
        await _schedule(house, "a", -10)
        (due,) = await house.due_table.due(NOW, 10)
        await _schedule(house, "a", -5)
        await house.due_table.done(due)
        assert [d.due_at for d in await house.due_table.due(NOW, 10)] == [later(-5)]
        await house.due_table.done(due, later(99))
        assert [d.due_at for d in await house.due_table.due(NOW, 10)] == [later(-5)]

    async def test_a_unit_that_fails_schedules_nothing(self, house: House) -> None:
        async def work(unit: Work) -> None:
            await unit.schedule("a", later(-10), "a_use_case", {})
            raise Broken

        with pytest.raises(Broken):
            await house.done(work)
        assert await house.due_table.due(NOW, 10) == []

    async def test_proposals_that_race_make_one_entry(self, house: House) -> None:
        await asyncio.gather(*(house.due_table.propose(Due("a", later(-n), "a_use_case", {"n": n})) for n in range(10)))
        assert len(await house.due_table.due(NOW, 100)) == 1
