"""What all tests may use: real servers."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("parlour.testing.contracts")

from .house import postgres_store  # noqa: E402 - after pytest was told
from .server import Server, serving  # noqa: E402
from .services.postgres import Postgres, as_role  # noqa: E402

pytest_plugins = ["tests.services.plugin"]


ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database to make others from. It has no epoch yet: each gets its own."""

    def make(url: str) -> None:
        asyncio.run(postgres_store(url).database.prepare())
        postgres.run("delete from meta", dsn=url)

    with postgres.template(make) as name:
        yield name


@pytest.fixture
def postgres_url(postgres: Postgres, template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own."""
    with postgres.database(template) as url:
        yield url


@pytest.fixture(scope="session")
def walled(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database whose tables are a plain role's, with the roles that keep tenants apart."""

    def make(url: str) -> None:
        postgres.run("alter schema public owner to parlour_test_owner", dsn=url)
        asyncio.run(postgres_store(as_role(url, "parlour_test_owner")).database.prepare())
        asyncio.run(postgres_store(url).database.make_roles())
        postgres.run("delete from meta", dsn=url)

    postgres.role("parlour_test_owner")
    with postgres.template(make) as name:
        postgres.role("parlour_test_app", member_of="parlour_app")
        yield name


@pytest.fixture
def owner_url(postgres: Postgres, walled: str) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own with its roles, as the plain role that owns the tables."""
    with postgres.database(walled) as url:
        postgres.run("insert into meta values ('epoch', gen_random_uuid())", dsn=url)
        yield as_role(url, "parlour_test_owner")


@pytest.fixture
def app_url(owner_url: str) -> str:
    """The same database, for a server whose role is a member of parlour_app: the wall holds for it."""
    return as_role(owner_url, "parlour_test_app")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file of the test's own, not made yet."""
    return f"sqlite:///{tmp_path / 'parlour.db'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty store of the test's own, on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that does no harm to it. Rate limits are off."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def make_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Makes servers with settings of one's own, each on an empty store: `make_server(heartbeat_seconds=0.2)`."""
    made: list[Server] = []

    def make(**settings: object) -> Server:
        made.append(Server(tmp_path_factory.mktemp("server"), **settings))
        return made[-1].start()

    yield make
    for one in made:
        one.kill()
