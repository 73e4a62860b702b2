"""Whoever is cancelled while waiting for a connection to PostgreSQL learns of it, however late."""

import asyncio

import pytest

from parlour.adapters.sql.postgres_link import Link, Reach

STEPS = 40
"""The loop's turns from giving a connection back until whoever waits for it has it: cancelled at each of them once."""


async def test_a_cancellation_is_not_lost_beside_a_connection_that_comes(postgres_url: str) -> None:
    link = Link(Reach(postgres_url, most=1))
    await link.open()
    cancelled = 0
    try:
        for steps in range(STEPS):
            connection = await link.take()
            waiting = asyncio.create_task(link.take())
            await asyncio.sleep(0.001)
            giving = asyncio.create_task(link.give(connection))
            for _ in range(steps):
                await asyncio.sleep(0)
            if waiting.cancel():
                cancelled += 1
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            else:
                await link.give(waiting.result())
            await giving
        assert 0 < cancelled < STEPS, "some were early, and some too late"
    finally:
        await link.close()
