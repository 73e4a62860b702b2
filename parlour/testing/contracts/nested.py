"""Units inside units: they join, and give their events their offsets as they end."""

import asyncio

import pytest

from ...application.kernel.uow import LoggedEvent, Recorded, Work
from ...domain.kernel.streams import Stream
from .store import Broken
from .support import NOW, House, Noted, a_stream


async def _inside(unit: Work, stream: Stream, *texts: str, fail: bool = False) -> list[Recorded]:
    nested = unit.nested()
    async with nested:
        recorded = [await nested.record(stream, Noted(text)) for text in texts]
        if fail:
            await nested.schedule("of a unit that failed", NOW, "a_use_case", {})
            raise Broken
    await nested.commit()
    return recorded


@pytest.mark.row("TR4")
class NestedContract:
    """Nested units of `Work`. Asks for `house`."""

    async def test_they_join_and_have_their_offsets_as_they_end(self, house: House) -> None:
        stream, heard = a_stream(), list[LoggedEvent]()
        house.store.on_commit(heard.extend)

        async def work(unit: Work) -> None:
            await unit.record(stream, Noted("outer"))
            for n, text in enumerate(("first", "second"), 1):
                (recorded,) = await _inside(unit, stream, text)
                assert recorded.place is not None, "a nested unit has ended and its event has no place"
                assert recorded.place.offset == n
            assert await house.noted(stream) == [], "a nested unit was seen before the commit"

        await house.done(work)
        assert await house.noted(stream) == ["first", "second", "outer"]
        assert [e.offset for e in heard] == [1, 2, 3]

    async def test_one_that_fails_is_undone_alone(self, house: House) -> None:
        stream, heard = a_stream(), list[LoggedEvent]()
        house.store.on_commit(heard.extend)

        async def work(unit: Work) -> None:
            await _inside(unit, stream, "kept")
            with pytest.raises(Broken):
                await _inside(unit, stream, "lost", "lost too", fail=True)
            await _inside(unit, stream, "kept too")

        await house.done(work)
        assert await house.noted(stream) == ["kept", "kept too"]
        assert await house.due_table.due(NOW, 10) == [], "what a nested unit wrote before it failed is there"
        assert [e.offset for e in heard] == [1, 2]

    async def test_the_outer_one_undoes_all_within(self, house: House) -> None:
        stream, heard = a_stream(), list[LoggedEvent]()
        house.store.on_commit(heard.extend)

        async def work(unit: Work) -> None:
            await _inside(unit, stream, "a")
            raise Broken

        with pytest.raises(Broken):
            await house.done(work)
        assert await house.noted(stream) == []
        assert heard == []

    async def test_three_deep(self, house: House) -> None:
        stream = a_stream()

        async def work(unit: Work) -> None:
            middle = unit.nested()
            async with middle:
                await _inside(middle, stream, "deepest")
                with pytest.raises(Broken):
                    await _inside(middle, stream, "deep and lost", fail=True)
                await middle.record(stream, Noted("middle"))

        await house.done(work)
        assert await house.noted(stream) == ["deepest", "middle"]

    async def test_many_at_once_do_not_mix(self, house: House) -> None:
        stream = a_stream()

        async def one(n: int) -> None:
            async def work(unit: Work) -> None:
                await _inside(unit, stream, f"{n} first")
                await asyncio.sleep(0)
                if n % 3 == 0:
                    raise Broken
                await _inside(unit, stream, f"{n} second")

            await house.done(work)

        answers = await asyncio.gather(*(one(n) for n in range(30)), return_exceptions=True)
        assert [isinstance(a, Broken) for a in answers] == [n % 3 == 0 for n in range(30)]
        texts = await house.noted(stream)
        assert len(texts) == 40
        for first, second in zip(texts[::2], texts[1::2], strict=True):
            assert first.split()[0] == second.split()[0], "another unit came between"
