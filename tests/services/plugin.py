"""What pytest has to know of the services: who starts them, who is told of them, who needs them.

The process that leads a run (the only one, or that of pytest-xdist) starts the shared PostgreSQL and ends it. Workers are
given its address. A test that uses it carries the mark `postgres`, by itself when it names the fixture.
"""

import os
from typing import Any, NoReturn

import pytest

from .postgres import Postgres
from .shared import SharedPostgres

SHARED = pytest.StashKey[SharedPostgres]()
ALLOWED = "ALLOW_MISSING_SERVICES"


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


def pytest_report_header(config: pytest.Config) -> str:
    return f"services: {config.stash[SHARED]}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is about to be started: it is told what the leader has."""
    node.workerinput["postgres"] = node.config.stash[SHARED].answer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    """The PostgreSQL of this run. Others use it too: tests work in databases of their own, and do it no harm."""
    told = getattr(pytestconfig, "workerinput", None)
    answer = told["postgres"] if told is not None else pytestconfig.stash[SHARED].answer
    if "url" not in answer:
        refuse("postgresql", answer)
    return Postgres(answer["url"])


def refuse(service: str, answer: dict[str, str]) -> NoReturn:
    """Fail for want of a service. Only one that is not there, and is allowed not to be, skips the test instead."""
    if "missing" in answer and service in allowed():
        pytest.skip(f"{ALLOWED}: {answer['missing']}")
    pytest.fail(answer.get("missing") or answer["failed"], pytrace=False)


def allowed() -> set[str]:
    return {name.strip() for name in os.environ.get(ALLOWED, "").split(",")} - {""}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if allowed():
        skipped = [r for r in terminalreporter.stats.get("skipped", ()) if ALLOWED in str(r.longrepr)]
        names = ", ".join(sorted(allowed()))
        terminalreporter.section("missing services")
        terminalreporter.line(f"{ALLOWED} lets {names} be missing: {len(skipped)} tests were skipped for it")
