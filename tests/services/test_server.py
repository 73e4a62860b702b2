"""A PostgreSQL of one's own: what may be done to it, and that it goes when the tests do."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from tests.server import ROOT
from tests.services.find import Installation
from tests.services.process import DidNotStart, children, is_there
from tests.services.server import PostgresServer, running_postgres


@pytest.fixture(scope="module")
def own(postgres_installation: Installation) -> Iterator[PostgresServer]:
    with running_postgres(postgres_installation, durable=True) as server:
        server.run("create table notes (words text)")
        yield server


def test_a_durable_one_waits_for_the_disk(own: PostgresServer):
    assert own.run("show fsync") == [("on",)]
    assert own.run("show full_page_writes") == [("on",)]


def test_what_was_committed_is_there_after_a_kill(own: PostgresServer):
    family = [own.pid, *children(own.pid)]
    assert len(family) > 4
    own.run("insert into notes values ('acknowledged')")
    own.kill()
    assert not own.running
    assert not any(is_there(pid) for pid in family)
    with pytest.raises(psycopg.OperationalError):
        own.run("select 1")
    own.start()
    assert ("acknowledged",) in own.run("select * from notes")
    assert "not properly shut down" in own.log()


def test_a_restart_ends_connections_and_keeps_the_port(own: PostgresServer):
    with psycopg.connect(own.url) as before:
        before.execute("select 1")
        own.restart()
        with pytest.raises(psycopg.OperationalError):
            before.execute("select 1")
    assert own.run("select 1") == [(1,)]


def test_while_it_is_paused_nothing_answers_and_nothing_ends(own: PostgresServer):
    with closing(psycopg.connect(own.url)) as connection:
        own.pause()
        connection.pgconn.send_query(b"select 1")
        assert select.select([connection.fileno()], [], [], 0.3)[0] == []
        own.resume()
        assert select.select([connection.fileno()], [], [], 10)[0]


def test_what_does_not_start_says_what_its_log_says(postgres_installation: Installation):
    server = PostgresServer(postgres_installation, shared_buffers="much")
    try:
        with pytest.raises(DidNotStart, match="shared_buffers"):
            server.start()
    finally:
        server.close()
    assert not server.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_shared_one_goes_with_the_run(number: signal.Signals, tmp_path: Path, postgres_installation: Installation):
    """Ctrl-C tells the run and its workers, as a terminal does; the others only the one that leads."""
    told, said = tmp_path / "postmaster", tmp_path / "said"
    command = [sys.executable, "-m", "pytest", "-n1", "-p", "no:cacheprovider", "tests/services/lingering.py"]
    command.append(f"--postgres={postgres_installation.major}")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "TEST_DATABASE_URL"))}
    run = subprocess.Popen(
        command, cwd=ROOT, env={**environment, "LINGERING": str(told)}, start_new_session=True,
        stdout=said.open("w"), stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait(lambda: told.exists() or run.poll() is not None)
        assert run.poll() is None, said.read_text()
        pid, folder = told.read_text().split()
        assert is_there(int(pid))
        os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)
        run.wait(90)
        wait(lambda: not is_there(int(pid)))
        assert Path(folder).exists() == (number == signal.SIGKILL)
        shutil.rmtree(Path(folder).parent, ignore_errors=True)
    finally:
        with suppress(ProcessLookupError):  # the worker of a run that was killed
            os.killpg(run.pid, signal.SIGKILL)
        run.wait(10)


def wait(holds: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
