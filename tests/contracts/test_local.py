"""The suites of what works in one process."""

from collections.abc import Callable

import pytest

from parlour.adapters.inprocess.cache import LocalCache
from parlour.adapters.inprocess.presence import LocalPresence
from parlour.adapters.inprocess.rate_limits import LocalRateLimits
from parlour.adapters.inprocess.signals import LocalSignals
from parlour.adapters.inprocess.world import RandomIds, SystemClock
from parlour.testing import contracts


class TestSystemClock(contracts.ClockContract):
    """`Clock`."""

    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestRandomIds(contracts.IdsContract):
    """`Ids`."""

    @pytest.fixture
    def ids(self) -> RandomIds:
        return RandomIds()


class TestLocalSignals(contracts.SignalsContract):
    """`Signals`."""

    @pytest.fixture
    def signals(self) -> LocalSignals:
        return LocalSignals()


class TestLocalPresence(contracts.PresenceStoreContract):
    """`PresenceStore`."""

    @pytest.fixture
    def presence_store(self) -> LocalPresence:
        return LocalPresence()


class TestLocalRateLimits(contracts.RateLimitsContract):
    """`RateLimits`."""

    @pytest.fixture
    def rate_limits(self) -> LocalRateLimits:
        return LocalRateLimits()


class TestLocalCache(contracts.CacheContract):
    """`Cache`, on a clock that the test moves."""

    @pytest.fixture
    def time(self) -> list[float]:
        return [0.0]

    @pytest.fixture
    def pass_time(self, time: list[float]) -> Callable[[float], None]:
        def wait(seconds: float) -> None:
            time[0] += seconds

        return wait

    @pytest.fixture
    def cache(self, time: list[float]) -> LocalCache:
        return LocalCache(lambda: time[0])

    async def test_what_was_used_last_stays(self) -> None:
        cache = LocalCache(lambda: 0.0, size=2)
        for key in ("a", "b", "c"):
            await cache.set(key, b"value", 60)
            await cache.get("a")
        assert await cache.get("a") == b"value"
        assert await cache.get("b") is None
