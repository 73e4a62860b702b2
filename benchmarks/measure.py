"""What a measure is, and how one is taken: in rounds that alternate with the baseline's, so that both see the same
weather; the median counts."""

import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from attrs import frozen


@frozen
class Result:
    """What came out. `wanted` is what must hold of `found`, in words; `passed` whether it does."""

    name: str
    what: str
    found: str
    wanted: str
    passed: bool


Measure = Callable[[], Coroutine[Any, Any, Result]]


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """How many seconds some work takes."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def alternating(
    rounds: int, baseline: Callable[[], Awaitable[object]], measured: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """The median seconds of the baseline and of what is measured, after one round that does not count."""
    pairs = [(await timed(baseline), await timed(measured)) for _ in range(rounds + 1)][1:]
    return statistics.median(b for b, _ in pairs), statistics.median(m for _, m in pairs)


def at_least(name: str, what: str, ratio: float, wanted: float, details: str) -> Result:
    """A ratio that must not be smaller."""
    return Result(name, what, f"{ratio:.1f}x ({details})", f">= {wanted:g}x", ratio >= wanted)


def at_most(name: str, what: str, value: float, wanted: float, unit: str, details: str) -> Result:
    """A value that must not be larger."""
    return Result(name, what, f"{value:.3g}{unit} ({details})", f"<= {wanted:.3g}{unit}", value <= wanted)
