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
from .services.postgres import Postgres  # noqa: E402

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
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of the test's own, on each engine."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'parlour.db'}"
    url: str = request.getfixturevalue("emptied_url")
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
