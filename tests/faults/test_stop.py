"""SIGTERM under load: nothing is lost, everybody is told to come back, and the server is gone within ten seconds."""

import asyncio
import time
from pathlib import Path

import pytest

from .audit import audit
from .campaign import Campaign, campaign

DEADLINE = 10.0


async def stopped_under_load(running: Campaign, within: float = DEADLINE) -> float:
    """How long stopping took, with the server begun again after it."""
    await running.under_load(100)
    began = time.monotonic()
    await running.server.stop(within)
    took = time.monotonic() - began
    await running.server.start()
    return took


@pytest.mark.row("RT5")
async def test_sigterm_loses_nothing_and_is_quick(tmp_path: Path, database_url: str) -> None:
    """G9, three times over."""
    async with campaign(tmp_path, database_url) as running:
        for _ in range(3):
            assert await stopped_under_load(running) < DEADLINE
        outcome = await running.outcome()
        assert audit(outcome) == []
        told = {code for subscriber in running.subscribers for code in subscriber.codes}
        assert told == {1001}, "everybody is told that the server goes away, and comes back"


async def test_a_server_that_dies_of_sigterm_is_seen(tmp_path: Path, database_url: str) -> None:
    async with campaign(tmp_path, database_url, "lose_on_sigterm") as running:
        await stopped_under_load(running)
        assert "G1" in {b.promise for b in audit(await running.outcome(patience=1.5))}


async def test_a_server_that_lingers_is_seen(tmp_path: Path, database_url: str) -> None:
    async with campaign(tmp_path, database_url, "linger") as running:
        with pytest.raises(TimeoutError):
            await stopped_under_load(running, within=3.0)
        await asyncio.sleep(0)
