"""What sending costs: many senders at once, and one alone against a bare commit on the same disk."""

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from .live import load, people, serving

SENDERS, SECONDS = 100, 5.0
COMMITS = 300


def many(senders: int = SENDERS, seconds: float = SECONDS) -> dict[str, float]:
    """Messages a second over WebSocket by senders who follow nothing, durable and acknowledged, and what one cost."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as live:
        tokens, room = people(live, senders)
        before = live.cpu()
        measured = load(live, tokens, room, seconds)
        spent = live.cpu() - before
        return {**measured, "server_cpu_seconds": spent}


def alone(seconds: float = 3.0) -> dict[str, float]:
    """One sender: milliseconds from sending to acknowledgement, and a bare commit's beside it."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as live:
        bare = bare_commit(Path(folder))
        tokens, room = people(live, 1)
        measured = load(live, tokens, room, seconds)
        bare = min(bare, bare_commit(Path(folder)))
    return {**measured, "bare_commit_ms": bare, "most_ms": 2 * bare + 1}


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


def report() -> list[tuple[str, Any, str]]:
    """Each measure with its value and what it should be."""
    sent, one = many(), alone()
    return [
        ("messages a second, 100 senders", round(sent["a_second"]), "at least 5000"),
        ("one sender, send to acknowledgement, ms", round(one["p50_ms"], 2), f"at most {one['most_ms']:.2f}"),
    ]


if __name__ == "__main__":
    for name, value, wanted in report():
        print(f"{name}: {value} ({wanted})")
