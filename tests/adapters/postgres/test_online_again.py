"""An online migration that failed goes on with the next run; two that start at once take turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from parlour.adapters.sql import postgres_migrations
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.migrations import Migration, MigrationError
from parlour.adapters.sql.postgres_migrations import migrate_postgres, statements_of
from parlour.adapters.sql.postgres_transaction import SQL as OWN
from parlour.testing.contracts.support import NOW
from tests.house import postgres_store
from tests.services.postgres import Postgres

pytestmark = pytest.mark.postgres

PEOPLE = "create table people as select n, 0 as times, n / 2 as half from generate_series(1, 1000) as n"
BACKFILL = Migration(
    "tried", 1, "backfill",
    "-- online\n-- in batches\nupdate people set times = times + 1 where n in (\n"
    "    select n from people where times = 0 order by n limit 100\n);\n",
)  # fmt: skip
INDEX = Migration(
    "tried", 1, "index", "-- online\ncreate unique index concurrently if not exists people_by_half on people (half);\n"
)
WAITING = """
    select pid from pg_stat_activity join pg_locks using (pid)
    where datname = current_database() and not granted and locktype in ('transactionid', 'virtualxid', 'tuple')
"""
MIGRATING = """
    select count(*) from pg_stat_activity where datname = current_database()
        and (query like '%_advisory_lock(hash%' or wait_event = 'virtualxid')
"""
VALID = "select indisvalid from pg_index where indexrelid = to_regclass('people_by_half')"


@pytest.fixture
def url(postgres: Postgres, postgres_url: str) -> str:
    postgres.run(PEOPLE, dsn=postgres_url)
    return postgres_url


async def migrated(url: str, *steps: Migration) -> int:
    async with postgres_store(url).database.direct() as connection:
        return len(await migrate_postgres(connection, steps, NOW))


@asynccontextmanager
async def killed_while_it_waits(url: str, step: Migration, held: str) -> AsyncIterator[None]:
    """Its backend is ended while it waits for a transaction that has done `held`, which then is over too."""
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute(held)
        migrating = asyncio.create_task(migrated(url, step))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other, asyncio.timeout(20):
            while not (pids := await (await other.execute(WAITING)).fetchall()):
                await asyncio.sleep(0.01)
            await other.execute("select pg_terminate_backend(%s)", pids[0])
        with pytest.raises(psycopg.OperationalError):
            await migrating
        await holder.rollback()
    yield


async def test_a_backfill_that_was_killed_goes_on(url: str, postgres: Postgres) -> None:
    async with killed_while_it_waits(url, BACKFILL, "select 1 from people where n = 450 for update"):
        assert postgres.run("select count(*) from people where times = 1", dsn=url) == [(400,)], "four batches are kept"
        assert postgres.run("select count(*) from migrations where module = 'tried'", dsn=url) == [(0,)]
    assert await migrated(url, BACKFILL) == 1
    assert postgres.run("select times, count(*) from people group by times", dsn=url) == [(1, 1000)]
    assert await migrated(url, BACKFILL) == 0


async def test_an_index_that_was_left_half_built_is_built_anew(url: str, postgres: Postgres) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        await migrated(url, INDEX)
    assert postgres.run(VALID, dsn=url) == [(False,)]
    postgres.run("delete from people where n % 2 = 1", dsn=url)
    assert await migrated(url, INDEX) == 1
    assert postgres.run(VALID, dsn=url) == [(True,)]


async def test_the_control_with_the_half_built_one_in_its_place_it_would_stay(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        await migrated(url, INDEX)
    postgres.run("delete from people where n % 2 = 1", dsn=url)
    nothing = "select relname from pg_class where false and relname = %(name)s"
    monkeypatch.setattr(OWN, "half_built", Query("half_built", "", nothing))
    assert await migrated(url, INDEX) == 1
    assert postgres.run(VALID, dsn=url) == [(False,)]


async def test_an_index_whose_building_was_killed_is_built_anew(url: str, postgres: Postgres) -> None:
    postgres.run("delete from people where n % 2 = 1", dsn=url)
    async with killed_while_it_waits(url, INDEX, "insert into people values (-9, 0, -9)"):
        assert postgres.run(VALID, dsn=url) == [(False,)]
    assert await migrated(url, INDEX) == 1
    assert postgres.run(VALID, dsn=url) == [(True,)]


async def _two_at_once(url: str) -> list[int]:
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute("insert into people values (-9, 0, -9)")
        both = [asyncio.create_task(migrated(url, INDEX)) for _ in range(2)]
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other, asyncio.timeout(20):
            while not await (await other.execute(WAITING)).fetchall():
                await asyncio.sleep(0.01)
            while await _migrating(other) < 2:
                await asyncio.sleep(0.01)
        await holder.rollback()
    async with asyncio.timeout(20):
        return sorted(await asyncio.gather(*both))


async def _migrating(connection: psycopg.AsyncConnection) -> int:
    row = await (await connection.execute(MIGRATING)).fetchone()
    assert row is not None
    return int(row[0])


async def test_two_that_start_at_once_take_turns(url: str, postgres: Postgres) -> None:
    postgres.run("delete from people where n % 2 = 1", dsn=url)
    assert await _two_at_once(url) == [0, 1]
    assert postgres.run(VALID, dsn=url) == [(True,)]


async def test_the_control_one_that_waits_for_its_turn_in_a_statement_is_waited_for(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index waits for all that have a snapshot, so each waits for the other."""
    postgres.run("delete from people where n % 2 = 1", dsn=url)
    waiting = "select cast(pg_advisory_lock(hashtextextended('parlour:migrate', 7043)) as text) = ''"
    monkeypatch.setattr(OWN, "migrating", Query("migrating", "", waiting))
    with pytest.raises((psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)):
        await _two_at_once(url)


async def test_one_that_broke_off_does_not_count(url: str, postgres: Postgres) -> None:
    text = "-- online\nalter table people add column if not exists more text;\ninsert into nowhere values (1);\n"
    with pytest.raises(psycopg.errors.UndefinedTable):
        await migrated(url, Migration("tried", 1, "broken", text))
    mended = Migration("tried", 1, "broken", text.replace("nowhere", "people"))
    assert await migrated(url, mended) == 1
    assert postgres.run("select count(more) from people", dsn=url) == [(0,)]


async def test_a_table_that_is_never_free_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_migrations, "TRIES", 2)
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute("select 1 from people limit 1")
        with pytest.raises(MigrationError, match=r"001 \(more\) of tried could not have a table for itself in 2 tries"):
            await migrated(url, Migration("tried", 1, "more", "alter table people add column more text"))


@pytest.mark.parametrize("index", ["create index x on y (z);", "create unique index if not exists x on y (z);"])
def test_an_index_that_would_stand_in_the_way_is_refused(index: str) -> None:
    with pytest.raises(MigrationError, match="create index concurrently if not exists"):
        statements_of(Migration("tried", 1, "index", "-- online\n" + index))
