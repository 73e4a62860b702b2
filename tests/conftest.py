"""What all tests may use: real servers."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("parlour.testing.contracts")

from .house import postgres_store  # noqa: E402 - after pytest was told
from .server import Server, serving  # noqa: E402
from .services.postgres import Postgres  # noqa: E402

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


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of the test's own, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parlour.db'}"
    url: str = request.getfixturevalue("postgres_url")
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
