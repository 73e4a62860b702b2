"""kill -9 of the server, again and again under load, and nothing is lost, doubled or out of order."""

from pathlib import Path

import pytest

from .audit import audit
from .campaign import campaign

KILLS = 16


@pytest.mark.slow
@pytest.mark.row("MS2", "MS3", "RT2", "RT4")
@pytest.mark.parametrize("store", range(4))
async def test_what_was_acknowledged_survives_kill_9(store: int, tmp_path: Path, database_url: str) -> None:
    """G1 to G5 and G11: four stores on each engine, each killed sixteen times."""
    async with campaign(tmp_path, database_url) as running:
        await running.kill(KILLS)
        outcome = await running.outcome()
        assert running.server.kills == KILLS
        assert len(outcome.ledger.sent) > KILLS
        assert audit(outcome) == []
