"""The store and its unit of work: atomic, unseen before the commit, and one order for all."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from ...application.kernel.uow import LoggedEvent, Place, Recorded, Work
from ...domain.kernel.event import Event
from ...domain.kernel.streams import Stream
from .support import SOON, House, Noted, a_stream, a_user


class Broken(Exception):
    """What a unit fails with here."""


class StoreContract:
    """`Store` and `UnitOfWork`. Asks for `house`."""

    @pytest.mark.row("MS3")
    async def test_nothing_is_visible_before_the_commit(self, house: House) -> None:
        stream = a_stream()
        unit, beside = house.store.unit(), house.store.unit()
        try:
            async with unit:
                await unit.record(stream, Noted("secret"))
                await house.users(unit).any()
                assert await house.noted(stream) == []
            assert await house.noted(stream) == [], "seen when the block was left, before the commit"
            assert (await house.stream_log(beside).head(stream)).offset == 0, "seen by a unit that was not opened"
            await unit.commit()
        finally:
            await unit.rollback()
        assert await house.noted(stream) == ["secret"]

    @pytest.mark.row("MS3")
    async def test_who_is_answered_finds_it_committed(self, house: House) -> None:
        stream = a_stream()

        async def one(n: int) -> None:
            await house.note(stream, str(n))
            assert str(n) in await house.noted(stream), "answered before it was committed"

        await asyncio.gather(*(one(n) for n in range(50)))

    async def test_a_unit_that_raises_leaves_nothing(self, house: House) -> None:
        one, other = a_stream(), a_stream()

        async def work(unit: Work) -> None:
            await unit.record(one, Noted("a"))
            await unit.record(other, Noted("b"))
            raise Broken

        with pytest.raises(Broken):
            await house.done(work)
        assert await house.noted(one) == await house.noted(other) == []
        await house.note(one, "after")
        assert await house.noted(one) == ["after"], "the number of a unit that failed was burnt"

    async def test_a_unit_whose_place_cannot_be_written_leaves_nothing(self, house: House) -> None:
        one, other = sorted((a_stream(), a_stream()), key=lambda s: str(s.topic))

        async def write(place: Place) -> Event:
            raise Broken

        async def work(unit: Work) -> None:
            await unit.record(one, Noted("a"))
            await unit.place(other, write, numbered=True)

        with pytest.raises(Broken):
            await house.done(work)
        assert await house.noted(one) == await house.noted(other) == []

    async def test_what_is_recorded_while_a_place_is_written_is_refused_not_lost(self, house: House) -> None:
        stream = a_stream()

        async def work(unit: Work) -> None:
            async def write(place: Place) -> Event:
                await unit.record(stream, Noted("late"))
                return Noted("a")

            await unit.place(stream, write)

        with pytest.raises(RuntimeError):
            await house.done(work)
        assert await house.noted(stream) == []

    async def test_a_unit_that_ended_and_is_not_committed_leaves_nothing(self, house: House) -> None:
        stream = a_stream()
        unit = house.store.unit()
        async with unit:
            await unit.record(stream, Noted("a"))
        await unit.rollback()
        await unit.rollback()
        assert await house.noted(stream) == []
        await house.note(stream, "after")
        assert await house.noted(stream) == ["after"], "an offset was burnt by a unit that was never committed"

    @pytest.mark.row("MS3")
    async def test_a_place_is_known_as_the_unit_ends(self, house: House) -> None:
        stream, places = a_stream(), list[Place]()

        async def write(place: Place) -> Event:
            places.append(place)
            return Noted(f"{place.offset}/{place.number}")

        async def work(unit: Work) -> tuple[Recorded, Recorded]:
            first = await unit.place(stream, write, numbered=True)
            await unit.record(stream, Noted("between"))
            second = await unit.place(stream, write, numbered=True)
            assert first.place is None, "a place is given last of all, so that others do not wait"
            return first, second

        first, second = await house.done(work)
        assert [first.place, second.place] == places
        assert [(p.offset, p.number) for p in places] == [(1, 1), (3, 2)]
        assert await house.noted(stream) == ["1/1", "between", "3/2"]

    @pytest.mark.row("MS3")
    async def test_offsets_have_no_gap_whatever_fails_beside(self, house: House) -> None:
        streams, chance = [a_stream() for _ in range(3)], random.Random(7)
        plans = [(n, chance.sample(streams, chance.randint(1, 3)), chance.random() < 0.3) for n in range(120)]
        answers = await asyncio.gather(*(_write(house, *plan) for plan in plans), return_exceptions=True)
        right: dict[Stream, dict[int, str]] = {stream: {} for stream in streams}
        for (n, used, fails), answer in zip(plans, answers, strict=True):
            assert isinstance(answer, Broken) == fails
            for stream, recorded in zip(used, answer if isinstance(answer, list) else [], strict=False):
                offset = place_of(recorded).offset
                assert offset not in right[stream], "two events have one offset"
                right[stream][offset] = str(n)
        for stream, texts in right.items():
            assert await house.noted(stream) == [texts[offset] for offset in sorted(texts)]

    async def test_observers_hear_each_commit_once_in_order_before_the_answer(self, house: House) -> None:
        streams, heard = [a_stream(), a_stream()], list[LoggedEvent]()
        house.store.on_commit(heard.extend)

        async def one(n: int) -> None:
            recorded = await house.note(streams[n % 2], str(n), f"{n} again")
            there = [e.id for e in heard]
            assert all(r.place is not None and there.count(r.place.id) == 1 for r in recorded), (
                "answered before it was told"
            )

        await asyncio.gather(*(one(n) for n in range(60)))
        for stream in streams:
            assert [e.offset for e in heard if e.stream == stream] == list(range(1, 61))

    async def test_an_observer_that_fails_harms_nobody(self, house: House) -> None:
        stream, heard = a_stream(), list[LoggedEvent]()

        def failing(_: Sequence[LoggedEvent]) -> None:
            raise Broken

        house.store.on_commit(failing)
        house.store.on_commit(heard.extend)
        await house.note(stream, "a")
        assert len(heard) == 1

    async def test_events_keep_who_and_what(self, house: House) -> None:
        actor = a_user()
        stream = Stream.of_user(actor)

        async def work(unit: Work) -> Recorded:
            return await unit.record(stream, Noted("a", loud=True))

        before = house.clock.now()
        recorded = await house.done(work, actor)
        async with house.store.snapshot() as snapshot:
            (logged,) = await house.stream_log(snapshot).after(stream, 0, 10)
        assert (logged.id, logged.offset, logged.stream) == (place_of(recorded).id, 1, stream)
        assert (logged.tag, logged.revision, logged.actor_id) == (Noted.tag, Noted.revision, actor)
        assert before <= logged.at <= house.clock.now()
        assert logged.at.tzinfo is not None

    async def test_a_snapshot_is_of_one_moment(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, "before")
        for slow in (False, True):
            async with house.store.snapshot(slow=slow) as snapshot:
                log = house.stream_log(snapshot)
                seen = await log.head(stream)
                await house.note(stream, "meanwhile")
                assert await log.head(stream) == seen
                assert len(await log.after(stream, 0, 100)) == seen.offset

    async def test_an_event_is_handled_once_by_each_consumer(self, house: House) -> None:
        (recorded,) = await house.note(a_stream(), "a")
        event_id = place_of(recorded).id

        async def work(unit: Work) -> bool:
            return await unit.first_time("one", event_id)

        async def failing(unit: Work) -> None:
            assert await unit.first_time("one", event_id)
            raise Broken

        with pytest.raises(Broken):
            await house.done(failing)
        assert sorted(await asyncio.gather(*(house.done(work) for _ in range(5)))) == [False] * 4 + [True]

        async def another(unit: Work) -> bool:
            return await unit.first_time("another", event_id)

        assert await house.done(another)

    async def test_a_unit_is_opened_once_and_nothing_comes_after_its_end(self, house: House) -> None:
        unit = house.store.unit()
        async with unit:
            assert unit.entered
        with pytest.raises(RuntimeError):
            await unit.__aenter__()
        await unit.commit()
        with pytest.raises(RuntimeError):
            await house.users(unit).any()


async def _write(house: House, n: int, used: list[Stream], fails: bool) -> list[Recorded]:
    async def work(unit: Work) -> list[Recorded]:
        recorded = [await unit.record(stream, Noted(str(n))) for stream in used]
        await asyncio.sleep(0)
        if fails:
            raise Broken
        return recorded

    async with asyncio.timeout(SOON):
        return await house.done(work)


def place_of(recorded: Recorded) -> Place:
    """Where an event came to stand."""
    assert recorded.place is not None, "the unit has ended and an event has no place"
    return recorded.place
