"""Signals, caches and rate limits."""

import asyncio
from collections.abc import Callable

import pytest

from ...application.kernel.limits import Rate
from ...application.kernel.ports import Cache, RateLimits, Signals
from .support import SOON


class SignalsContract:
    """`Signals`. Asks for `signals`, and uses channels of its own."""

    async def test_listeners_hear_their_channel_in_order_until_they_stop(self, signals: Signals) -> None:
        heard, others = list[bytes](), list[bytes]()
        stop = signals.listen("contract:a", heard.append)
        signals.listen("contract:b", others.append)
        for n in range(10):
            signals.publish("contract:a", b"%d" % n)
        await _until(lambda: len(heard) == 10)
        assert heard == [b"%d" % n for n in range(10)]
        assert others == []
        stop()
        stop()
        signals.publish("contract:a", b"too late")
        signals.publish("contract:b", b"end")
        await _until(lambda: others == [b"end"])
        assert len(heard) == 10

    async def test_two_listeners_hear_the_same_and_stop_apart(self, signals: Signals) -> None:
        one, other = list[bytes](), list[bytes]()
        stop = signals.listen("contract:c", one.append)
        signals.listen("contract:c", other.append)
        signals.publish("contract:c", b"first")
        await _until(lambda: one == other == [b"first"])
        stop()
        signals.publish("contract:c", b"second")
        await _until(lambda: len(other) == 2)
        assert one == [b"first"]

    async def test_whether_somebody_listens_is_known(self, signals: Signals) -> None:
        stop = signals.listen("contract:heard", lambda payload: None)
        assert signals.heard("contract:heard")
        stop()

    async def test_who_publishes_to_nobody_is_not_troubled(self, signals: Signals) -> None:
        signals.publish("contract:nobody", b"\x00\xff" * 1000)

    async def test_a_listener_may_stop_while_it_is_called(self, signals: Signals) -> None:
        heard, others, stops = list[bytes](), list[bytes](), list[Callable[[], None]]()

        def once(payload: bytes) -> None:
            heard.append(payload)
            stops[0]()

        stops.append(signals.listen("contract:d", once))
        signals.listen("contract:d", others.append)
        signals.publish("contract:d", b"1")
        await _until(lambda: others == [b"1"])
        signals.publish("contract:d", b"2")
        await _until(lambda: others == [b"1", b"2"])
        assert heard == [b"1"]


class CacheContract:
    """`Cache`. Asks for `cache`, and for `pass_time`, which lets so many seconds go by for it."""

    async def test_what_was_set_is_got_or_nothing(self, cache: Cache) -> None:
        assert await cache.get("contract:a") is None
        await cache.set("contract:a", b"one", 60)
        assert await cache.get("contract:a") in {b"one", None}
        await cache.set("contract:a", b"two", 60)
        assert await cache.get("contract:a") in {b"two", None}, "an older value came back"
        assert await cache.get("contract:b") is None

    async def test_what_was_dropped_is_gone_at_once(self, cache: Cache) -> None:
        for key in ("contract:a", "contract:b"):
            await cache.set(key, b"value", 60)
        cache.drop("contract:a", "contract:b", "contract:never there")
        assert await cache.get("contract:a") is await cache.get("contract:b") is None

    async def test_time_ends_it(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        await cache.set("contract:a", b"value", 60)
        pass_time(59)
        assert await cache.get("contract:a") in {b"value", None}
        pass_time(1)
        assert await cache.get("contract:a") is None


@pytest.mark.row("RT9")
class RateLimitsContract:
    """`RateLimits`. Asks for `rate_limits`."""

    async def test_racing_takers_never_exceed_the_limit(self, rate_limits: RateLimits) -> None:
        rate = Rate("contract", 25, 3600)
        for who in ("one", "another"):
            taken = await asyncio.gather(*(rate_limits.take(rate, who) for _ in range(100)))
            assert sum(t.retry_after == 0 for t in taken) == 25
        assert (await rate_limits.take(rate, "a third")).remaining == 24

    async def test_what_it_says(self, rate_limits: RateLimits) -> None:
        rate = Rate("contract_says", 2, 3600)
        first, second, third = [await rate_limits.take(rate, "one") for _ in range(3)]
        assert (first.limit, first.window, first.remaining, first.retry_after) == (2, 3600, 1, 0.0)
        assert (second.remaining, second.retry_after) == (0, 0.0)
        assert third.retry_after > 0
        assert 0 < third.reset_after <= 3600
        assert third.policy == rate.policy

    async def test_rates_do_not_mix(self, rate_limits: RateLimits) -> None:
        strict, mild = Rate("contract_strict", 1, 3600), Rate("contract_mild", 5, 3600)
        assert (await rate_limits.take(strict, "one")).retry_after == 0
        assert (await rate_limits.take(strict, "one")).retry_after > 0
        assert (await rate_limits.take(mild, "one")).retry_after == 0

    async def test_it_fills_again(self, rate_limits: RateLimits) -> None:
        rate = Rate("contract_fast", 5, 1)
        async with asyncio.timeout(SOON):
            while (await rate_limits.take(rate, "one")).retry_after == 0:
                pass
            while (waiting := (await rate_limits.take(rate, "one")).retry_after) > 0:
                assert waiting <= 1
                await asyncio.sleep(waiting)


async def _until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not so():  # noqa: ASYNC110 - an adapter says nothing when it has delivered
            await asyncio.sleep(0)
