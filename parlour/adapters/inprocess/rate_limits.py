"""Rate limits within one process."""

from datetime import timedelta

from throttled.asyncio import MemoryStore, Throttled
from throttled.asyncio.rate_limiter import per_duration

from ...application.kernel.actor import Allowance
from ...application.kernel.limits import Rate


class LocalRateLimits:
    """`RateLimits` by throttled-py's generic cell rate algorithm, for the `callers` seen last."""

    def __init__(self, callers: int = 100_000) -> None:
        self._store = MemoryStore(options={"MAX_SIZE": callers})
        self._limiters: dict[Rate, Throttled] = {}

    async def take(self, rate: Rate, who: str) -> Allowance:
        limiter = self._limiters.get(rate)
        if limiter is None:
            quota = per_duration(timedelta(seconds=rate.seconds), rate.count)
            limiter = Throttled(using="gcra", quota=quota, store=self._store)
            self._limiters[rate] = limiter
        result = await limiter.limit(f"{rate.name}:{who}")
        return Allowance(
            policy=rate.policy,
            limit=rate.count,
            window=rate.seconds,
            remaining=result.state.remaining,
            reset_after=result.state.reset_after,
            retry_after=max(result.state.retry_after, 0.001) if result.limited else 0.0,
        )
