"""What all tests may use: real servers."""

from collections.abc import Callable, Iterator

import pytest

from .server import Server, serving

pytest_plugins = ["tests.services.plugin"]


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
