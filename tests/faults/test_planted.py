"""Every check of the faults sees the fault it is there for, planted in the server."""

from pathlib import Path

import pytest

from .audit import audit
from .campaign import campaign
from .process import Server

PLANTED = {
    "acknowledge_before_commit": "G1",
    "forget_keys": "G3",
    "burn_offsets": "G4",
    "skip_gaps": "G5",
    "skip_events": "G5",
    "show_twice": "G2",
}


@pytest.mark.parametrize("fault, promise", PLANTED.items())
async def test_a_planted_fault_is_seen(fault: str, promise: str, tmp_path: Path, database_url: str) -> None:
    async with campaign(tmp_path, database_url, fault) as running:
        await running.kill(2)
        broken = audit(await running.outcome(patience=1.5))
        assert promise in {b.promise for b in broken}, broken


class Careless(Server):
    """A server in which a fault of `sabotage_doings` is planted."""

    sabotaging = "tests.faults.sabotage_doings"


DOINGS = {
    "react_twice": "reactions",
    "count_what_was_taken_back": "threads",
    "forget_pins": "pins",
    "forget_marks": "marks",
    "send_later_twice": "scheduled",
    "forget_bans": "order",
}
"""None hides another, so one server has them all."""


async def broken_by(faults: str, folder: Path, database: str) -> set[str]:
    async with campaign(folder, database, faults, lanes=1, kind=Careless) as running:
        await running.under_load(200)
        return {b.promise for b in audit(await running.outcome(patience=3.0))}


async def test_every_fault_in_what_else_is_done_is_seen(tmp_path: Path, database_url: str) -> None:
    found = await broken_by("+".join(DOINGS), tmp_path, database_url)
    assert set(DOINGS.values()) <= found, found


async def test_what_is_never_sent_is_seen(tmp_path: Path, database_url: str) -> None:
    assert "scheduled" in await broken_by("never_send_later", tmp_path, database_url)


async def test_a_count_that_is_not_right_is_seen_by_the_doctor(tmp_path: Path, database_url: str) -> None:
    async with campaign(tmp_path, database_url, "burn_offsets") as running:
        await running.under_load(50)
        assert "drift" in {b.promise for b in audit(await running.outcome(patience=1.5))}


@pytest.mark.row("RT4")
async def test_what_gets_lost_on_its_way_is_filled_from_the_store(tmp_path: Path, database_url: str) -> None:
    """Every third live event is lost, the last one too: the store is asked, and nobody misses anything."""
    async with campaign(tmp_path, database_url, "lose_signals") as running:
        await running.under_load(300)
        assert audit(await running.outcome(patience=5.0)) == []
