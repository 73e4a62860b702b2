"""Whether parlour and what it depends on are well."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from attrs import define, frozen

from ...domain.kernel.errors import DomainError, Unavailable
from .ports import Clock

BUSY = "store_busy"  # it works, and more is asked of it than it can do


class Check(Protocol):
    """An adapter's own look at what it depends on. `name` is its key in `/health`; without a `vital` one the server
    takes no requests."""

    name: str
    vital: bool

    async def check(self) -> None:
        """Return when all is well, soon; raise when it is not."""


@frozen
class Part:
    """One dependency: `ok`, `down` or `degraded`, which has more to do than it can; how long it took to find out, and since when it is so."""

    status: str
    latency_ms: float
    since: datetime


@frozen
class Report:
    """All of them: `ok`, `down` without one that is vital, `degraded` when another is down or one has too much to do."""

    status: str
    parts: Mapping[str, Part]

    @property
    def ready(self) -> bool:
        return self.status != "down"


@define
class _Seen:
    status: str
    since: datetime


class Health:
    """Runs the checks, each for `seconds` at most, and remembers since when they say what they say."""

    def __init__(self, checks: list[Check], clock: Clock, seconds: float = 3.0) -> None:
        self._checks, self._clock, self._seconds = checks, clock, seconds
        self._seen: dict[str, _Seen] = {}

    async def report(self) -> Report:
        parts = dict(
            zip([c.name for c in self._checks], await asyncio.gather(*map(self._look, self._checks)), strict=True)
        )
        down = [c for c in self._checks if parts[c.name].status == "down"]
        well = all(part.status == "ok" for part in parts.values())
        status = "down" if any(c.vital for c in down) else "ok" if well else "degraded"
        return Report(status, parts)

    async def _look(self, check: Check) -> Part:
        began = self._clock.now()
        try:
            async with asyncio.timeout(self._seconds):
                await check.check()
            status = "ok"
        except Unavailable as error:
            status = "degraded" if error.code == BUSY else "down"
        except (DomainError, OSError, TimeoutError):
            status = "down"
        now = self._clock.now()
        seen = self._seen.get(check.name)
        if seen is None or seen.status != status:
            seen = self._seen[check.name] = _Seen(status, now)
        return Part(status, round((now - began).total_seconds() * 1000, 2), seen.since)
