"""Messages over WebSocket to a server process: many senders, and one alone beside a bare commit on the same disk."""

import asyncio
import sqlite3
import statistics
import time

from .measure import Result, alternating, at_most
from .server import Talk, send, talk

USERS, SOCKETS, MESSAGES, ROUNDS = 10, 10, 100, 5
ALONE = 50
TEXT = "x" * 200


async def many_senders() -> Result:
    async with talk(USERS, SOCKETS) as talking:
        await _together(talking)
        before = talking.cpu()
        rates = [await _together(talking) for _ in range(ROUNDS)]
        cpu = (talking.cpu() - before) / (ROUNDS * USERS * SOCKETS * MESSAGES)
    rate = statistics.median(rates)
    what = f"messages sent over WebSocket by {USERS * SOCKETS} senders who follow nothing, durable and acknowledged"
    return Result(
        "sending",
        what,
        f"{rate:,.0f}/s (best {max(rates):,.0f}, server {cpu * 1e6:.0f} µs CPU each)",
        ">= 5,000",
        rate >= 5_000,
    )


async def _together(talking: Talk) -> float:
    async def sender(n: int) -> None:
        for _ in range(MESSAGES):
            await send(talking, talking.sockets[n], TEXT)

    begun = time.perf_counter()
    await asyncio.gather(*(sender(n) for n in range(USERS * SOCKETS)))
    return USERS * SOCKETS * MESSAGES / (time.perf_counter() - begun)


async def one_sender() -> Result:
    async with talk(1, 1) as talking:
        bare = sqlite3.connect(talking.folder / "bare.db", isolation_level=None)
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "create table said (text text)"):
            bare.execute(statement)

        async def commits() -> None:
            for _ in range(ALONE):
                bare.execute("begin immediate")
                bare.execute("insert into said values (?)", (TEXT,))
                bare.execute("commit")

        async def sends() -> None:
            for _ in range(ALONE):
                await send(talking, talking.sockets[0], TEXT)

        commit, sent = await alternating(ROUNDS, commits, sends)
        bare.close()
    commit, sent = commit / ALONE * 1e3, sent / ALONE * 1e3
    what = "one sender alone, send to acknowledgement, against 2 bare commits and 1 ms"
    return at_most("alone", what, sent, 2 * commit + 1, " ms", f"a bare commit {commit:.2f} ms")
