"""What all tests may use: real servers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

pytest.register_assert_rewrite("parlour.testing.contracts")

from .engines import ENGINES, Databases, empty, tables_of  # noqa: E402 - after pytest was told
from .house import postgres_store  # noqa: E402 - after pytest was told
from .server import BESIDE, Server, serving  # noqa: E402
from .services.postgres import Postgres, as_role  # noqa: E402

pytest_plugins = ["tests.services.plugin"]


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Whoever uses it runs on each engine; a test that is marked `on_sqlite`, on that one."""
    name: str = request.param
    return name


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


@pytest.fixture(scope="session")
def reused(postgres: Postgres, template: str) -> Iterator[tuple[str, set[str]]]:
    """A PostgreSQL database that one test after another is given, emptied; and its own tables."""
    with postgres.database(template) as url:
        yield url, tables_of(url)


@pytest.fixture
def emptied_url(reused: tuple[str, set[str]]) -> str:
    """A migrated PostgreSQL database without rows: much quicker than one of the test's own."""
    url, own = reused
    empty(url, own)
    return url


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest) -> str:
    """An empty store of the test's own, on each engine."""
    url: str = request.getfixturevalue("sqlite_url" if engine == "sqlite" else "emptied_url")
    return url


@pytest.fixture(scope="session")
def databases(engine: str, request: pytest.FixtureRequest) -> Databases:
    """Makes stores for servers, on each engine."""
    if engine == "sqlite":
        return lambda: nullcontext(BESIDE)
    postgres, template = (request.getfixturevalue(name) for name in ("postgres", "template"))
    return lambda: postgres.database(template)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    """One server on each engine for every test that does no harm to it. Rate limits are off."""
    with databases() as url, serving(tmp_path_factory.mktemp("server"), url) as running:
        yield running


@pytest.fixture
def make_server(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Callable[..., Server]]:
    """Makes servers with settings of one's own, each on an empty store: `make_server(heartbeat_seconds=0.2)`."""
    with ExitStack() as made:

        def make(**settings: object) -> Server:
            one = Server(tmp_path_factory.mktemp("server"), made.enter_context(databases()), **settings)
            made.callback(one.kill)
            return one.start()

        yield make
