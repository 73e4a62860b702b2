"""A table of a million messages is changed while messages are sent, and nobody waits for longer than a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import psycopg
import pytest
from attrs import define, field

from parlour.adapters.sql import postgres_migrations
from parlour.adapters.sql.migrations import Migration, migrations_of
from parlour.adapters.sql.postgres import PostgresStore
from parlour.adapters.sql.postgres_transaction import SQL as OWN
from parlour.domain.rooms.room import Room
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in
from tests.adapters.million.postgres import Million, copied
from tests.house import house_on, postgres_store
from tests.services.postgres import Postgres

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("million"), pytest.mark.slow, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
SENDERS, PACE = 4, 0.02
LONGEST_WAIT = """
    select coalesce(extract(epoch from max(clock_timestamp() - waitstart)), 0)
    from pg_stat_activity join pg_locks using (pid)
    where datname = current_database() and not granted and locktype <> 'virtualxid'
"""
WANTS_ALL = """
    select count(*) from pg_stat_activity join pg_locks using (pid)
    where datname = current_database() and not granted and mode = 'AccessExclusiveLock'
"""


@define
class Waited:
    """How long sends took at most, and how long anybody was seen to wait for a lock; seconds."""

    sends: list[float] = field(factory=list)
    for_a_lock: float = 0.0


@pytest.fixture
def url(postgres: Postgres, million: Million) -> Iterator[str]:
    with copied(postgres, million) as made:
        yield made


@asynccontextmanager
async def a_house(url: str) -> AsyncIterator[House]:
    store = postgres_store(url, lock=60, statement=60, patience=60)
    await store.open()
    yield house_on(store)
    await store.close()


async def while_sending(url: str, work: Callable[[PostgresStore], Awaitable[object]]) -> Waited:
    """What others notice while `work` is done."""
    waited, over = Waited(), asyncio.Event()
    async with a_house(url) as house:
        room = await a_room(house)
        async with asyncio.TaskGroup() as group:
            for n in range(SENDERS):
                group.create_task(_send(house, room, n, waited, over))
            group.create_task(_watch(url, waited, over))
            try:
                assert isinstance(house.store, PostgresStore)
                await work(house.store)
            finally:
                over.set()
    return waited


async def _send(house: House, room: Room, n: int, waited: Waited, over: asyncio.Event) -> None:
    while not over.is_set():
        begun, unit, draft = perf_counter(), house.store.unit(), draft_in(room, f"by {n}")
        async with unit:
            await house.room_standings(unit).recent(room.id, draft.author_id)
            await house.message_log(unit).append(draft)
        await unit.commit()
        waited.sends.append(perf_counter() - begun)
        await asyncio.sleep(PACE)


async def _watch(url: str, waited: Waited, over: asyncio.Event) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while not over.is_set():
            cursor = await connection.execute(LONGEST_WAIT)
            waited.for_a_lock = max(waited.for_a_lock, float((await cursor.fetchone() or (0,))[0]))
            await asyncio.sleep(PACE)


@pytest.mark.row("OP8")
async def test_nobody_waits_for_an_online_migration(url: str, postgres: Postgres) -> None:
    waited = await while_sending(url, lambda store: store.migrate("tried", HERE / "online"))
    assert len(waited.sends) > 100, "messages were sent all the while"
    assert max(waited.sends) < 1
    assert waited.for_a_lock < 1
    there_before = "select count(*), count(letters) from messages where number % 50 = 0 and content like 'What was%'"
    assert postgres.run(there_before, dsn=url) == [(18_000, 18_000)]
    assert postgres.run(
        "select indisvalid from pg_index where indexrelid = 'messages_by_letters'::regclass", dsn=url
    ) == [(True,)]


async def test_the_control_everybody_waits_for_one_that_is_not_online(url: str) -> None:
    waited = await while_sending(url, lambda store: store.migrate("tried", HERE / "at_once"))
    assert max(waited.sends) > 1
    assert waited.for_a_lock > 1


async def _beside_a_long_reader(url: str, store: PostgresStore) -> None:
    """Add a column while somebody reads the table in a transaction that does not end before two tries have failed."""
    steps = [Migration("tried", 1, "column", "alter table messages add column more text")]
    async with await psycopg.AsyncConnection.connect(url) as reader:
        await reader.execute("select 1 from messages limit 1")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watching:
            migrating = asyncio.create_task(store.database.migrate(steps))
            try:
                async with asyncio.timeout(1.5):
                    for wanted in (1, 0, 1, 0):
                        while await _count(watching) != wanted:
                            await asyncio.sleep(0.01)
            except TimeoutError:
                pass  # it waits on, which is what the control is to show
            await reader.rollback()
            await migrating


async def _count(connection: psycopg.AsyncConnection) -> int:
    row = await (await connection.execute(WANTS_ALL)).fetchone()
    assert row is not None
    return int(row[0])


async def test_who_waits_behind_a_migration_that_waits_gets_on(url: str) -> None:
    waited = await while_sending(url, lambda store: _beside_a_long_reader(url, store))
    assert max(waited.sends) < 1
    assert waited.for_a_lock < 1


async def test_the_control_without_a_bound_they_wait_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OWN, "migrating_bounds", OWN.wait_for_others)
    waited = await while_sending(url, lambda store: _beside_a_long_reader(url, store))
    assert max(waited.sends) > 1


def test_the_file_is_read_as_it_is_meant() -> None:
    (step,) = migrations_of("tried", HERE / "online", "postgres")
    kinds = [(s.text.split()[0], s.in_batches, s.index) for s in postgres_migrations.statements_of(step)]
    assert kinds == [
        ("alter", False, None),
        ("alter", False, None),
        ("update", True, None),
        ("create", False, "messages_by_letters"),
    ]
