"""From the log to whoever has effects: the relay, and the bus of events."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from ...application.kernel.ports import EventBus
from ...application.kernel.uow import LoggedEvent
from ...domain.kernel.errors import Unavailable
from .support import SOON, House, Noted, a_stream


class RelayContract:
    """`Relay`. Asks for `house`."""

    async def test_what_waits_in_the_order_of_commits(self, house: House) -> None:
        streams, order = [a_stream() for _ in range(3)], list[tuple[object, int]]()
        house.store.on_commit(lambda events: order.extend((e.stream, e.offset) for e in events))
        await asyncio.gather(*(house.note(streams[n % 3], str(n)) for n in range(30)))
        waiting = await house.relay.waiting(100)
        for stream in streams:
            assert [e.offset for e in waiting if e.stream == stream] == list(range(1, 11))
        assert sorted((str(s), n) for s, n in order) == sorted((str(e.stream), e.offset) for e in waiting)
        assert [e.id for e in await house.relay.waiting(7)] == [e.id for e in waiting[:7]]

    async def test_what_is_marked_waits_no_more(self, house: House) -> None:
        stream = a_stream()
        await house.note(stream, *"abcd")
        waiting = await house.relay.waiting(100)
        await house.relay.mark(waiting[:3])
        assert [e.offset for e in await house.relay.waiting(100)] == [4]
        await house.relay.mark(waiting)
        assert await house.relay.waiting(100) == []
        await house.note(stream, "e")
        assert [e.offset for e in await house.relay.waiting(100)] == [5]

    async def test_nothing_waits_that_is_not_committed(self, house: House) -> None:
        unit = house.store.unit()
        async with unit:
            await unit.record(a_stream(), Noted("a"))
        assert await house.relay.waiting(100) == []
        await unit.rollback()
        assert await house.relay.waiting(100) == []

    async def test_a_dead_letter_is_set_aside_once(self, house: House) -> None:
        await house.note(a_stream(), "a")
        (event,) = await house.relay.waiting(10)
        for error in ("it broke", "it broke again", "x" * 100_000):
            await house.relay.dead("a group", event, error)
        await house.relay.dead("another group", event, "it broke there too")


class EventBusContract:
    """`EventBus`. Asks for `house`, and for `event_bus`, which uses the house's relay, tries at least twice and gives up
    within a few seconds."""

    async def test_each_group_gets_every_event_in_the_order_of_its_stream(
        self, house: House, event_bus: EventBus
    ) -> None:
        streams, one, other = [a_stream(), a_stream()], list[LoggedEvent](), list[LoggedEvent]()
        event_bus.subscribe("one", _into(one))
        event_bus.subscribe("other", _into(other, slowly=True))
        for n in range(20):
            await house.note(streams[n % 2], str(n))
        await self._relayed(house, event_bus)
        for got in (one, other):
            for stream in streams:
                assert [e.offset for e in got if e.stream == stream] == list(range(1, 11))

    async def test_one_that_fails_is_tried_again_in_its_place(self, house: House, event_bus: EventBus) -> None:
        stream, got, failures = a_stream(), list[LoggedEvent](), [1]

        async def consumer(event: LoggedEvent) -> None:
            if event.offset == 2 and failures:
                failures.pop()
                raise ValueError("not yet")
            got.append(event)

        event_bus.subscribe("shaky", consumer)
        await house.note(stream, *"abc")
        await self._relayed(house, event_bus)
        assert [e.offset for e in got] == [1, 2, 3]

    async def test_one_that_fails_for_ever_is_set_aside_and_harms_no_other(
        self, house: House, event_bus: EventBus
    ) -> None:
        stream, got, others = a_stream(), list[LoggedEvent](), list[LoggedEvent]()

        async def consumer(event: LoggedEvent) -> None:
            if event.offset == 2:
                raise ValueError("never")
            got.append(event)

        event_bus.subscribe("broken", consumer)
        event_bus.subscribe("sound", _into(others))
        await house.note(stream, *"abc")
        await self._relayed(house, event_bus)
        assert [e.offset for e in got] == [1, 3]
        assert [e.offset for e in others] == [1, 2, 3]

    async def test_one_whose_store_is_away_waits_for_it(self, house: House, event_bus: EventBus) -> None:
        stream, got, others, away = a_stream(), list[LoggedEvent](), list[LoggedEvent](), 12

        async def consumer(event: LoggedEvent) -> None:
            nonlocal away
            if event.offset == 2 and away:
                away -= 1
                raise Unavailable("The store does not work now.")
            got.append(event)

        event_bus.subscribe("waiting", consumer)
        event_bus.subscribe("sound", _into(others))
        await house.note(stream, *"abc")
        while away:
            with suppress(Unavailable):
                await self._relayed(house, event_bus)
        await self._relayed(house, event_bus)
        assert sorted({e.offset for e in got}) == sorted({e.offset for e in others}) == [1, 2, 3]

    async def test_what_was_not_marked_comes_again(self, house: House, event_bus: EventBus) -> None:
        got = list[LoggedEvent]()
        event_bus.subscribe("one", _into(got))
        await house.note(a_stream(), *"ab")
        events = await house.relay.waiting(10)
        await event_bus.publish(events)
        await self._relayed(house, event_bus)
        seen = [e.id for e in got]
        assert set(seen) == {e.id for e in events}
        assert [i for n, i in enumerate(seen) if i not in seen[:n]] == [e.id for e in events]

    async def test_two_groups_of_one_name_are_refused(self, event_bus: EventBus) -> None:
        event_bus.subscribe("one", _into([]))
        with pytest.raises(ValueError, match="one"):
            event_bus.subscribe("one", _into([]))

    async def _relayed(self, house: House, event_bus: EventBus) -> None:
        async with asyncio.timeout(SOON):
            while events := await house.relay.waiting(7):
                await event_bus.publish(events)
                await house.relay.mark(events)


def _into(got: list[LoggedEvent], *, slowly: bool = False) -> Callable[[LoggedEvent], Awaitable[None]]:
    async def consumer(event: LoggedEvent) -> None:
        if slowly:
            await asyncio.sleep(0)
        got.append(event)

    return consumer
