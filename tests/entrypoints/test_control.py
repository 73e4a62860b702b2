"""The socket of the command line, as its server goes away."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from parlour.application.kernel.bus import Answer
from parlour.config.program import _asked
from parlour.entrypoints.cli.program import Refused
from parlour.entrypoints.control import Control
from tests.house import MEANS


class SlowBus:
    """A use case that takes longer than the server lives."""

    def __init__(self) -> None:
        self.reached, self.go_on, self.broken_off = asyncio.Event(), asyncio.Event(), False

    async def call(self, *_: Any) -> Answer:
        self.reached.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.broken_off = True
            raise
        return Answer("done")


@pytest.mark.row("DX4")
@pytest.mark.parametrize("in_time", [True, False])
async def test_whoever_waits_for_a_server_that_stops_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, in_time: bool
) -> None:
    bus: Any = SlowBus()
    control = Control(bus, MEANS.codec)
    path = await control.open(tmp_path / "parlour.db")
    asking = asyncio.create_task(asyncio.to_thread(_asked, path, "export_bundle", {}, None))
    await bus.reached.wait()
    if in_time:
        bus.go_on.set()
        assert await asking == "done", "the control: one that lives answers"
    await control.close()
    if not in_time:
        with pytest.raises(Refused, match="ended before it had answered"):
            await asking
    assert bus.broken_off is not in_time
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
