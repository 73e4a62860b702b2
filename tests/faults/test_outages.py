"""PostgreSQL goes away in all its ways while people work: nothing is lost or doubled, sockets stay, work goes on in time."""

from pathlib import Path
from typing import Any

import pytest

from ..services.server import PostgresServer
from . import outages
from .audit import Broken, audit
from .outages import RESUMES, Fault, place, suffer, working_on

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SUFFERED: dict[str, list[tuple[Fault, int, float]]] = {
    "sessions": [(outages.one_backend_ended, 30, 0), (outages.all_backends_ended, 10, 0)],
    "network": [(outages.connections_cut, 30, 0), (outages.answers_cut, 15, 0), (outages.connections_refused, 3, 0.7)],
    "silence": [(outages.black_hole, 2, 1.5), (outages.everything_late, 1, 3), (outages.server_paused, 3, 1.5)],
    "crashes": [(outages.backend_killed, 4, 0), (outages.server_killed, 3, 0.3)],
    "limits": [(outages.read_only, 2, 0.5), (outages.crowded, 2, 1), (outages.idle_transactions_ended, 1, 0)],
}
TOGETHER = 106


def test_they_are_more_than_a_hundred() -> None:
    assert sum(times for group in SUFFERED.values() for _, times, _ in group) == TOGETHER


@pytest.mark.row("MS2", "MS3", "RT2", "RT4")
@pytest.mark.parametrize("group", SUFFERED)
async def test_nothing_is_lost_or_doubled_and_all_goes_on(group: str, harmed: PostgresServer, tmp_path: Path) -> None:
    """G1 to G5 and G11 through every fault; no socket is closed by any of them."""
    with place(harmed) as there:
        async with working_on(there, tmp_path) as running:
            for fault, times, seconds in SUFFERED[group]:
                waits = await suffer(running, there, fault, times, seconds)
                assert len(waits) == times
                assert max(waits) < RESUMES, f"{fault.__name__}: {waits}"
            assert audit(await running.outcome()) == []
            assert [s.codes for s in running.subscribers] == [[], []], "a socket was closed"


@pytest.mark.row("MS3", "RT4")
async def test_a_server_that_stands_still_for_15_seconds(harmed: PostgresServer, tmp_path: Path) -> None:
    """SIGSTOP for longer than every bound there is by default."""
    usual: dict[str, Any] = {
        "DATABASE_PATIENCE_SECONDS": "2",
        "DATABASE_STATEMENT_SECONDS": "10",
        "HEARTBEAT_TIMEOUT_SECONDS": "10",
    }
    with place(harmed) as there:
        async with working_on(there, tmp_path, **usual) as running:
            assert max(await suffer(running, there, outages.server_paused, 1, 15)) < RESUMES
            assert audit(await running.outcome()) == []
            assert [s.codes for s in running.subscribers] == [[], []], "a socket was closed"


@pytest.mark.parametrize("sabotage, promise, fault", [
    ("answer_before_commit", "G1", outages.all_backends_ended),
    ("forget_keys", "G3", outages.answers_cut),
])  # fmt: skip
async def test_a_planted_fault_is_seen(
    sabotage: str, promise: str, fault: Fault, harmed: PostgresServer, tmp_path: Path
) -> None:
    with place(harmed) as there:
        async with working_on(there, tmp_path, sabotage) as running:
            await suffer(running, there, fault, 8)
            broken: list[Broken] = audit(await running.outcome(patience=1.5))
            assert promise in {b.promise for b in broken}, broken


async def test_a_server_that_does_not_come_back_is_seen(harmed: PostgresServer, tmp_path: Path) -> None:
    with place(harmed) as there:
        async with working_on(there, tmp_path, "never_reconnect") as running:
            with pytest.raises(TimeoutError):
                await suffer(running, there, outages.connections_refused, 1, 1, within=RESUMES)
