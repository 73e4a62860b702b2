"""The log of a stream: reading it, resuming in it, overwriting in place, and letting the oldest go."""

from datetime import timedelta

import pytest
from attrs import evolve

from ...application.kernel.uow import Place, Work
from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId
from ...domain.kernel.streams import Head, Position, Stream
from .support import House, Noted, NotedBefore, a_stream, a_user


async def _head(house: House, stream: Stream) -> Head:
    async with house.store.snapshot() as snapshot:
        return await house.stream_log(snapshot).head(stream)


async def _resumes(house: House, stream: Stream, after: Position) -> bool:
    async with house.store.snapshot() as snapshot:
        return await house.stream_log(snapshot).can_resume(stream, after)


async def _cut(house: House, stream: Stream, floor: int, most: int = 1000, *, handed_on: bool = True) -> int:
    if handed_on:
        await house.relay.pass_over(100_000)
    return await house.done(lambda unit: unit.cut(stream, floor, most))


async def _position(house: House, stream: Stream, offset: int) -> Position:
    async with house.store.snapshot() as snapshot:
        (logged,) = await house.stream_log(snapshot).after(stream, offset - 1, 1)
    return Position((await _head(house, stream)).epoch, offset, logged.id)


class StreamLogContract:
    """`StreamLog`, and what a unit does to it. Asks for `house`."""

    async def test_an_empty_stream(self, house: House) -> None:
        stream = a_stream()
        head = await _head(house, stream)
        assert (head.offset, head.id, head.floor) == (0, None, 1)
        assert await house.noted(stream) == []
        assert await _resumes(house, stream, Position(head.epoch, 0))

    async def test_what_comes_after_an_offset(self, house: House) -> None:
        stream, other = a_stream(), a_stream()
        await house.note(other, "not this")
        await house.note(stream, *"abcdef")
        async with house.store.snapshot() as snapshot:
            log = house.stream_log(snapshot)
            assert [e.offset for e in await log.after(stream, 2, 3)] == [3, 4, 5]
            assert [e.offset for e in await log.after(stream, 4, 100)] == [5, 6]
            assert await log.after(stream, 6, 100) == []
            assert await log.after(stream, 600, 100) == []
            assert await log.heads([stream, other, a_stream()]) == {str(stream.topic): 6, str(other.topic): 1}
            assert await log.heads([]) == {}

    @pytest.mark.row("RT4")
    async def test_where_one_can_resume(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abc")
        there = await _position(house, stream, 2)
        head = await _head(house, stream)
        assert await _resumes(house, stream, there)
        assert await _resumes(house, stream, head.position)
        assert await _resumes(house, stream, Position(there.epoch, 2)), "an id is better, but not needed"
        assert await _resumes(house, stream, Position(there.epoch, 0))
        assert not await _resumes(house, stream, evolve(there, epoch="another")), "another epoch"
        assert not await _resumes(house, stream, Position(there.epoch, 4)), "from the future"
        assert not await _resumes(house, stream, evolve(there, id=EventId(house.ids.new()))), "a restored store"
        assert not await _resumes(house, stream, evolve(there, offset=3)), "the id of another place"

    @pytest.mark.row("RT4")
    async def test_the_oldest_go_and_the_floor_rises(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abcdef")
        old, kept = await _position(house, stream, 2), await _position(house, stream, 4)
        assert await _cut(house, stream, 4, most=2) == 2, "in bounded steps"
        assert await house.noted(stream) == [*"cdef"]
        assert await _cut(house, stream, 4, most=2) == 1
        assert await _cut(house, stream, 4, most=2) == 0
        assert await _cut(house, stream, 2) == 0, "a floor never sinks"
        assert (await _head(house, stream)).floor == 4
        assert await house.noted(stream) == [*"def"]
        assert await _resumes(house, stream, kept)
        assert not await _resumes(house, stream, old)
        assert not await _resumes(house, stream, Position(old.epoch, 0)), "what was before the first event is gone"
        await house.note(stream, "g")
        assert await house.noted(stream) == [*"defg"]

    async def test_what_the_relay_has_not_handed_on_stays(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"ab")
        await house.relay.pass_over(100_000)
        await house.note(stream, *"cd")
        assert await _cut(house, stream, 4, handed_on=False) == 2
        assert await house.noted(stream) == [*"cd"]
        assert await _cut(house, stream, 4) == 1, "the control: once it is handed on, it goes"

    async def test_nothing_is_cut_of_other_streams(self, house: House) -> None:
        stream, other = a_stream(), a_stream()
        await house.note(stream, *"abc")
        await house.note(other, *"abc")
        assert await _cut(house, a_stream(), 3) == 0
        assert await _cut(house, stream, 3) == 2
        assert await house.noted(other) == [*"abc"]

    @pytest.mark.row("MS4")
    async def test_overwriting_in_place(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abc")
        before = await _position(house, stream, 2)
        await house.done(lambda unit: unit.rewrite(stream, 2, lambda e: evolve(e, text=e.text + " rewritten")))
        assert await house.noted(stream) == ["a", "b rewritten", "c"]
        assert await _position(house, stream, 2) == before, "it stays where and what it was"
        await _cut(house, stream, 3)
        await house.done(lambda unit: unit.rewrite(stream, 2, lambda e: Noted("from the dead")))
        await house.done(lambda unit: unit.rewrite(stream, 9, lambda e: Noted("of the future")))
        assert await house.noted(stream) == ["c"]

    async def test_an_overwriting_that_fails_changes_nothing(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, "a")

        def change(event: Noted) -> Noted:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await house.done(lambda unit: unit.rewrite(stream, 1, change))
        assert await house.noted(stream) == ["a"]

    async def test_older_revisions_are_lifted(self, house: House) -> None:
        stream = a_stream()

        async def write(place: Place) -> Event:
            return NotedBefore("LOUD")

        async def work(unit: Work) -> None:
            await unit.place(stream, write)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            (logged,) = await house.stream_log(snapshot).after(stream, 0, 1)
        assert logged.revision == 2
        assert house.codec.decode(logged.data, Noted) == Noted("LOUD", loud=True)
        await house.done(lambda unit: unit.rewrite(stream, 1, lambda e: evolve(e, text="still loud")))
        async with house.store.snapshot() as snapshot:
            (logged,) = await house.stream_log(snapshot).after(stream, 0, 1)
        assert house.codec.decode(logged.data, Noted) == Noted("still loud", loud=True)

    async def test_one_unit_writes_several_streams(self, house: House) -> None:
        user = a_user()
        streams = [a_stream(), Stream.of_user(user), a_stream()]

        async def work(unit: Work) -> None:
            for n in range(6):
                await unit.record(streams[n % 3], Noted(str(n)))

        await house.done(work)
        assert [await house.noted(s) for s in streams] == [["0", "3"], ["1", "4"], ["2", "5"]]


class KeepingContract:
    """`Keeping`: what is kept too long. Asks for `house`."""

    async def test_streams_that_are_too_long(self, house: House) -> None:
        long, short = a_stream(), a_stream()
        await house.note(long, *"abcdef")
        await house.note(short, *"abc")
        long_ago = house.clock.now() - timedelta(days=1)
        async with house.store.snapshot() as snapshot:
            (overdue,) = await house.keeping(snapshot).overdue(long_ago, 4)
        assert overdue.stream == long
        await _cut(house, long, overdue.floor)
        assert await house.noted(long) == [*"cdef"]
        async with house.store.snapshot() as snapshot:
            assert await house.keeping(snapshot).overdue(long_ago, 4) == []

    async def test_events_that_are_too_old(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abc")
        between = house.clock.now()
        await house.note(stream, *"de")
        async with house.store.snapshot() as snapshot:
            (overdue,) = await house.keeping(snapshot).overdue(between, 1000)
        assert overdue.stream == stream
        await _cut(house, stream, overdue.floor)
        assert await house.noted(stream) == [*"de"]

    async def test_a_stream_never_becomes_shorter_than_its_head(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abc")
        async with house.store.snapshot() as snapshot:
            (overdue,) = await house.keeping(snapshot).overdue(house.clock.now() + timedelta(days=1), 1000)
        await _cut(house, stream, overdue.floor)
        assert await house.noted(stream) == ["c"]
        assert await _resumes(house, stream, (await _head(house, stream)).position), (
            "who is up to date need not load anew"
        )
