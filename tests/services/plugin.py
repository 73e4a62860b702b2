"""What pytest has to know of the services: who starts them, who is told of them, who needs them.

The process that leads a run (the only one, or that of pytest-xdist) starts the shared PostgreSQL and ends it. Workers are
given its address. A test that uses it carries the mark `postgres`, by itself when it names a fixture of them.
"""

import signal
from typing import Any

import pytest

from .find import Installation, find_postgres
from .missing import ALLOWED, allowed, needing, refuse
from .postgres import Postgres
from .shared import SharedPostgres

FIXTURES = {"postgres", "postgres_installation"}
SHARED = pytest.StashKey[SharedPostgres]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("services").addoption(
        "--postgres",
        metavar="MAJOR",
        type=int,
        help="the major version of PostgreSQL to test on: 15, 18; otherwise the first that is found",
    )


def pytest_configure(config: pytest.Config) -> None:
    shared = SharedPostgres(config.getoption("--postgres"))
    config.stash[SHARED] = shared
    config.add_cleanup(shared.close)
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends in order, as with Ctrl-C


def pytest_report_header(config: pytest.Config) -> str:
    return f"services: {config.stash[SHARED]}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is about to be started: it is told what the leader has."""
    node.workerinput["postgres"] = node.config.stash[SHARED].answer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    """The PostgreSQL of this run. Others use it too: tests work in databases of their own, and do it no harm."""
    told = getattr(pytestconfig, "workerinput", None)
    answer = told["postgres"] if told is not None else pytestconfig.stash[SHARED].answer
    if "missing" in answer:
        refuse("postgresql", answer["missing"])
    if "failed" in answer:
        pytest.fail(answer["failed"], pytrace=False)
    return Postgres(answer["url"])


@pytest.fixture(scope="session")
def postgres_installation(pytestconfig: pytest.Config) -> Installation:
    """For tests that do harm to a server and start their own: `running_postgres(postgres_installation)`."""
    with needing("postgresql"):
        return find_postgres(pytestconfig.getoption("--postgres"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if allowed():
        skipped = [r for r in terminalreporter.stats.get("skipped", ()) if ALLOWED in str(r.longrepr)]
        names = ", ".join(sorted(allowed()))
        terminalreporter.section("missing services")
        terminalreporter.line(f"{ALLOWED} lets {names} be missing: {len(skipped)} tests were skipped for it")
