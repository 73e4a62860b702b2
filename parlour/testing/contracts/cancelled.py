"""Callers that go away: at whichever await it happens, all of the unit is there or nothing, and the store goes on."""

import asyncio

import pytest

from ...application.kernel.uow import Key, Recorded, Work
from ...domain.kernel.streams import Stream
from .support import NOW, Cancelled, House, Noted, a_stream, outcome

MOST = 40


class CancellationContract:
    """A unit that is cancelled at every await, beside others that want to go on. Asks for `house`."""

    @pytest.mark.parametrize("woken", [False, True], ids=["as it waits", "as it is woken"])
    @pytest.mark.parametrize("before, after", [(0, 0), (1, 0), (0, 1), (2, 2)])
    async def test_at_every_await(self, house: House, before: int, after: int, woken: bool) -> None:
        for at in range(1, MOST):
            if not await _once(house, at, before, after, woken=woken):
                assert at > 3, "the unit was never cancelled within"
                return
        raise AssertionError(f"a unit awaits more than {MOST} times")

    async def test_a_key_whose_caller_went_away_has_one_effect(self, house: House) -> None:
        for at in range(1, MOST):
            stream, key = a_stream(), Key("somebody", "note", f"key {at}", b"hash", NOW)

            async def work(unit: Work) -> None:
                await unit.record(stream, Noted("once"))  # noqa: B023 - run within this round
                await asyncio.sleep(0)

            async def call() -> None:
                unit = house.store.unit()
                if await house.store.claim(key) is not None:  # noqa: B023 - run within this round
                    return
                try:
                    async with unit:
                        await work(unit)
                    await unit.remember(key, b"answer", True)  # noqa: B023 - run within this round
                    await unit.commit()
                finally:
                    await unit.rollback()
                    house.store.release(key)  # noqa: B023 - run within this round

            cancelled = Cancelled(call(), at, woken=False)
            await outcome(asyncio.create_task(cancelled.run()))
            await house.note(a_stream(), "whatever was under way is over")
            await outcome(asyncio.create_task(call()))
            assert await house.noted(stream) == ["once"]
            if not cancelled.reached:
                return
        raise AssertionError(f"a keyed unit awaits more than {MOST} times")


async def _beside(house: House, stream: Stream, text: str) -> Recorded:
    """A unit that lets others wait for its turn."""

    async def work(unit: Work) -> Recorded:
        await asyncio.sleep(0)
        return await unit.record(stream, Noted(text))

    return await house.done(work)


async def _once(house: House, at: int, before: int, after: int, *, woken: bool) -> bool:
    """One unit cancelled at its `at`-th await among others; whether it came so far."""
    one, other = a_stream(), a_stream()

    async def work(unit: Work) -> list[Recorded]:
        recorded = [await unit.record(one, Noted("victim"))]
        await asyncio.sleep(0)
        nested = unit.nested()
        async with nested:
            await nested.record(other, Noted("victim"))
            await asyncio.sleep(0)
        recorded.append(await unit.record(other, Noted("victim")))
        await asyncio.sleep(0)
        return recorded

    victim = Cancelled(house.done(work), at, woken=woken)
    others = [asyncio.create_task(_beside(house, one, f"before {n}")) for n in range(before)]
    task = asyncio.create_task(victim.run())
    others += [asyncio.create_task(_beside(house, one, f"after {n}")) for n in range(after)]
    came = await outcome(task)
    assert isinstance(came, list | asyncio.CancelledError), f"not cancelled, but {came!r}"
    for bystander in others:
        assert isinstance(await outcome(bystander), Recorded), "somebody else was harmed"
    await house.note(one, "the store goes on")
    _all_or_nothing(await house.noted(one), await house.noted(other), came, before + after)
    return victim.reached


def _all_or_nothing(one: list[str], other: list[str], came: object, bystanders: int) -> None:
    there = one.count("victim")
    assert other == ["victim", "victim"][: 2 * there], "half of a unit is there"
    assert there == 1 or not isinstance(came, list), "answered and not there"
    assert len(one) == there + bystanders + 1
    assert one[-1] == "the store goes on"
