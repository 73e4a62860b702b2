"""A stream of 20,000 old events is cut to its floor in steps, each of which looks at a bounded part of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from parlour.adapters.sql.recorder import SQL
from parlour.application.kernel.retention import CUT
from parlour.application.kernel.uow import Work
from parlour.domain.kernel.ids import UserId
from parlour.domain.kernel.streams import Stream
from parlour.testing.contracts import House
from tests.adapters.million.cases import Case
from tests.adapters.million.explained import Plan, explained
from tests.adapters.million.ids import NOW, user
from tests.house import postgres_house

pytestmark = pytest.mark.postgres

OLD_EVENTS = 20_000
LOAD = Path(__file__).parent / "old_events.sql"
MINE = Stream.of_user(UserId(user(1)))
WHERE = {"owner_id": MINE.owner, "topic": str(MINE.topic)}
OLD = NOW - timedelta(days=90)


@pytest.fixture
def url(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(LOAD.read_bytes())
        connection.execute("analyze")
    return postgres_url


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    async with postgres_house(url) as opened:
        yield opened


async def step(house: House) -> int:
    """What retention does in one unit."""

    async def work(unit: Work) -> int:
        return sum([await unit.cut(o.stream, o.floor, CUT) for o in await house.keeping(unit).overdue(OLD, 10**6)])

    return await house.done(work)


@pytest.mark.row("OP8")
async def test_it_is_cut_in_bounded_steps_to_its_floor(house: House) -> None:
    steps = []
    while gone := await step(house):
        steps.append(gone)
    assert max(steps) <= CUT
    assert sum(steps) == OLD_EVENTS
    async with house.store.snapshot() as snapshot:
        log = house.stream_log(snapshot)
        head, left = await log.head(MINE), await log.after(MINE, 0, 100)
    assert [e.offset for e in left] == list(range(OLD_EVENTS + 1, OLD_EVENTS + 11)), "what is young stays"
    assert head.floor == OLD_EVENTS + 1


def _plan(url: str, case: Case, mode: str, *before: str) -> Plan:
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('plan_cache_mode', %s, true)", [mode])
        for statement in before:
            connection.execute(statement.encode())
        plan = explained(connection, case.query, case.given)
        connection.rollback()
    return plan


STEPS = (
    Case("too old", SQL.too_old, {"before": OLD}, 4_000),
    Case("floor by age", SQL.floor_by_age, {**WHERE, "before": OLD, "most": CUT}, 2 * CUT + 10),
    Case("floor", SQL.floor_of, WHERE, 1),
    Case("lowest waiting", SQL.lowest_waiting, {**WHERE, "lowest": 1, "floor": 1 + CUT}, CUT),
    Case("raised", SQL.raise_floor, {**WHERE, "floor": 1 + CUT}, 2),
    Case("cut", SQL.cut, {**WHERE, "floor": 1 + CUT}, 2 * CUT + 10),
)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_each_step_looks_at_a_bounded_part(url: str, mode: str) -> None:
    assert [wrong for case in STEPS if (wrong := _plan(url, case, mode).wrong(case))] == []


def test_the_control_without_its_key_the_log_is_read_from_end_to_end(url: str) -> None:
    cut = STEPS[-1]
    assert _plan(url, cut, "force_custom_plan", "alter table log drop constraint log_pkey cascade").wrong(cut)
