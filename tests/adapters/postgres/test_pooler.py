"""Through pgbouncer in transaction mode: the suites that strain transactions most, and what needs a session of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from parlour.testing import contracts
from parlour.testing.contracts import House
from tests.house import house_on, postgres_store
from tests.services.pgbouncer import PgBouncer, running_pgbouncer
from tests.services.postgres import Postgres, at_port

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def pooler(postgres: Postgres) -> Iterator[PgBouncer]:
    with running_pgbouncer(postgres) as running:
        yield running


@pytest.fixture
async def house(pooler: PgBouncer, postgres_url: str) -> AsyncIterator[House]:
    store = postgres_store(at_port(postgres_url, pooler.port), direct_url=postgres_url, pooled=True)
    await store.open()
    yield house_on(store)
    await store.close()


class TestStoreThroughPooler(contracts.StoreContract):
    """`Store` and `UnitOfWork`."""


class TestKeysThroughPooler(contracts.KeysContract):
    """Idempotency keys."""


class TestMessagesThroughPooler(contracts.MessagesContract):
    """`Messages` and `MessageLog`."""


async def test_nothing_is_left_in_a_session_of_the_poolers(house: House, pooler: PgBouncer, postgres_url: str) -> None:
    await house.note(contracts.support.a_stream(), "a")
    left = pooler.run(
        "select current_setting('parlour.owners', true), current_setting('statement_timeout')",
        dsn=at_port(postgres_url, pooler.port),
    )
    assert left == [(left[0][0], "0")]
    assert not left[0][0]
    assert pooler.run("select count(*) from pg_prepared_statements", dsn=at_port(postgres_url, pooler.port)) == [(0,)]
