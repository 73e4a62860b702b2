"""What sending costs: many senders at once, and one alone against a bare commit on the same disk."""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from tests.services.server import running_postgres

from .live import load, people, serving
from .measure import Result, at_most

SENDERS, SECONDS, ROUNDS = 100, 3.0, 3
COMMITS = 300


async def many_senders() -> Result:
    """Messages a second over WebSocket by senders who follow nothing, durable and acknowledged, and what one cost."""
    return await asyncio.to_thread(_many, "sending", 5_000)


async def one_sender() -> Result:
    """From sending to acknowledgement, and a bare commit's time beside it."""
    return await asyncio.to_thread(_alone)


async def many_senders_on_postgres() -> Result:
    """The same, on PostgreSQL with fsync."""
    with running_postgres(durable=True) as server, server.database() as url:
        return await asyncio.to_thread(_many, "pg-sending", 8_000, DATABASE_URL=url, JWT_SECRET="bench " * 8)


def _many(name: str, wanted: int, **settings: str) -> Result:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), **settings) as live:
        tokens, room = people(live, SENDERS)
        before = live.cpu()
        measured = [load(live, tokens, room, SECONDS) for _ in range(ROUNDS)]
        spent = live.cpu() - before
    rate = statistics.median(m["a_second"] for m in measured)
    busy = spent / (ROUNDS * (SECONDS + min(1.0, SECONDS / 4)))
    p99 = statistics.median(m["p99_ms"] for m in measured)
    each = busy / rate * 1e6
    found = f"{rate:,.0f}/s (p99 {p99:.0f} ms, the server had {busy:.0%} of a core, {each:.0f} µs a message)"
    what = f"messages over WebSocket by {SENDERS} senders who follow nothing, durable and acknowledged"
    return Result(name, what, found, f">= {wanted:,}/s", rate >= wanted)


def _alone() -> Result:
    commits, sends = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as live:
        tokens, room = people(live, 1)
        for _ in range(ROUNDS):
            commits.append(bare_commit(Path(folder)))
            sends.append(load(live, tokens, room, 1.0)["p50_ms"])
    commit, sent = statistics.median(commits), statistics.median(sends)
    what = "one sender alone, send to acknowledgement, against 2 bare commits and 1 ms"
    return at_most("alone", what, sent, 2 * commit + 1, " ms", f"a bare commit {commit:.2f} ms")


def bare_commit(folder: Path) -> float:
    """The median of BEGIN, INSERT, COMMIT with `synchronous=FULL` beside the store, in milliseconds."""
    path = folder / "bare.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, words TEXT)")
    took = []
    for _ in range(COMMITS):
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO said (words) VALUES (?)", ("x" * 200,))
        connection.execute("COMMIT")
        took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return statistics.median(took)
