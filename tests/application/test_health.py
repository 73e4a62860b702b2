"""What `/health` says: a store that is busy works, one that is away does not."""

import pytest
from attrs import define

from parlour.adapters.inprocess.world import SystemClock
from parlour.application.kernel.health import Health
from parlour.domain.kernel.errors import Unavailable

pytestmark = pytest.mark.row("OP1")


@define
class Looked:
    """A check with what it finds."""

    error: Exception | None
    vital: bool = True
    name: str = "db"

    async def check(self) -> None:
        if self.error is not None:
            raise self.error


BUSY, AWAY = Unavailable("Busy.", code="store_busy"), Unavailable("Away.", code="store_unavailable")


@pytest.mark.parametrize(
    "error, vital, part, whole, ready",
    [
        (None, True, "ok", "ok", True),
        (BUSY, True, "degraded", "degraded", True),
        (BUSY, False, "degraded", "degraded", True),
        (AWAY, True, "down", "down", False),
        (AWAY, False, "down", "degraded", True),
        (OSError(), True, "down", "down", False),
    ],
)
async def test_a_busy_store_gets_requests_and_one_that_is_away_does_not(
    error: Exception | None, vital: bool, part: str, whole: str, ready: bool
) -> None:
    report = await Health([Looked(error, vital)], SystemClock()).report()
    assert (report.parts["db"].status, report.status, report.ready) == (part, whole, ready)
