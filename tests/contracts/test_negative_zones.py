"""A store that keeps times as they were told, and compares their texts, turns the suite of offsets red."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from parlour.adapters.sql.db import plain
from parlour.testing.contracts import House, ZonesContract
from parlour.testing.contracts.zones import EAST, WEST
from tests.house import sqlite_house

SUITE = ZonesContract()
Check = Callable[[House, timezone], Awaitable[None]]
CHECKS: list[Check] = [getattr(SUITE, name) for name in dir(SUITE) if name.startswith("test_")]


@pytest.mark.parametrize("zone", [WEST, EAST], ids=["west", "east"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_times_that_are_kept_as_told_are_seen(
    check: Check, zone: timezone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_told(value: Any) -> Any:
        return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else plain(value)

    monkeypatch.setattr("parlour.adapters.sql.sqlite_reads.plain", as_told)
    async with sqlite_house() as house:
        with pytest.raises(AssertionError):
            await check(house, zone)
