"""A migration changes the rows of all tenants, though row-level security holds for the role that owns the tables."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.migrations import Migration, migrations_of
from parlour.adapters.sql.postgres_transaction import SQL as OWN
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in
from tests.house import postgres_house
from tests.services.postgres import Postgres

from .test_batch import sent

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8")]

FEW, MANY = 3, 120
ONLINE = migrations_of("tried", Path(__file__).parent / "online", "postgres")
AT_ONCE = [
    Migration(
        "tried", 1, "letters",
        "alter table messages add column letters integer; update messages set letters = length(content);",
    )
]  # fmt: skip
BLIND = Query(
    "migrating_bounds",
    "",
    "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '500', false)",
)


async def two_tenants(house: House) -> None:
    for many in (FEW, MANY):
        room = await a_room(house)
        for n in range(many):
            await sent(house, draft_in(room, f"{n}"))


async def changed(url: str, postgres: Postgres, steps: list[Migration]) -> tuple[int, int]:
    """How many messages were changed, and how many should have been."""
    async with postgres_house(url) as house:
        await two_tenants(house)
        await house.store.database.migrate(steps)  # type: ignore[attr-defined]  # it is PostgreSQL's
    everybody = postgres.dsn(urlsplit(url).path[1:])
    meant = "number % 50 = 0" if steps is ONLINE else "true"
    ((done, all_of_them),) = postgres.run(
        f"select count(letters), count(*) filter (where {meant}) from messages", dsn=everybody
    )
    return int(done), int(all_of_them)


@pytest.mark.parametrize("steps", [ONLINE, AT_ONCE], ids=["online", "at once"])
async def test_all_rows_are_changed_by_their_plain_owner(
    steps: list[Migration], owner_url: str, postgres: Postgres
) -> None:
    done, meant = await changed(owner_url, postgres, steps)
    assert done == meant > 0


@pytest.mark.parametrize("steps", [ONLINE, AT_ONCE], ids=["online", "at once"])
async def test_the_control_behind_the_wall_none_is_changed(
    steps: list[Migration], owner_url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OWN, "migrating_bounds", BLIND)
    assert (await changed(owner_url, postgres, steps))[0] == 0


async def test_units_stay_behind_the_wall_after_a_migration(owner_url: str) -> None:
    """What a migration is let see is let on its own connection."""
    async with postgres_house(owner_url) as house:
        await two_tenants(house)
        await house.store.database.migrate(AT_ONCE)  # type: ignore[attr-defined]  # it is PostgreSQL's
        async with house.store.link._pool.connection() as connection:  # type: ignore[attr-defined]  # ours, in a test
            rows = await (await connection.execute("select count(*) from messages")).fetchone()
    assert rows == (0,)
