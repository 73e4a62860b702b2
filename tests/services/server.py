"""A PostgreSQL of the tests' own: started, stopped, killed and paused as they like."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from .find import WHEEL, WHEEL_PACKAGE, Installation, find_postgres
from .postgres import Postgres
from .process import DidNotStart, Process, environment, folder_for, identity, last_lines, quiet_port, write_for_server

PASSWORD = "parlour-test"
ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",  # in its folder, so that nothing is left in /dev/shm by SIGKILL
    "max_connections": 200,
    "shared_buffers": "64MB",
    "log_checkpoints": "off",
}
HASTY = {"fsync": "off", "full_page_writes": "off"}
"""What only a crash of the machine would notice. synchronous_commit stays on: without it SIGKILL loses commits."""


class PostgresServer(Postgres):
    """A data folder, a port that it keeps, and the processes on them, while there are any.

    A durable one waits for the disk as in production. `settings` are postgresql.conf's.
    """

    def __init__(self, installation: Installation | None = None, *, durable: bool = False, **settings: object) -> None:
        self.installation = installation or find_postgres()
        self.port = quiet_port()
        super().__init__(f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres")
        self.settings = {**ALWAYS, **({} if durable else HASTY), **settings, "port": self.port}
        self.folder = folder_for("pg")
        self._process: Process | None = None
        try:
            self._programs = _programs(self.installation, self.folder)
            self._make_data()
        except BaseException:
            self.close()
            raise

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None, "it was started"
        return self._process.pid

    def start(self) -> "PostgresServer":
        """Start it on its folder and port, and wait until it answers."""
        assert not self.running, "one postmaster at a time"
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self._programs / "postgres", "-D", self.folder / "data", *options]
        self._process = Process(command, self.folder, on_orphaned=signal.SIGINT)
        self._process.wait_until(self._answers)
        return self

    def stop(self) -> None:
        """In order, and without waiting for clients: their transactions are rolled back."""
        if self._process is not None:
            self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its backends: what a power cut is, but for the disk's cache."""
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP to all its processes: connections stay, nothing answers, new ones are accepted by the kernel."""
        if self._process is not None:
            self._process.pause()

    def resume(self) -> None:
        if self._process is not None:
            self._process.resume()

    def log(self) -> str:
        return self._process.log() if self._process is not None else ""

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return self.run("select 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def _make_data(self) -> None:
        secret = write_for_server(self.folder / "password", f"{PASSWORD}\n")
        command: list[str | Path] = [self._programs / "initdb", "--pgdata", self.folder / "data"]
        command += ["--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **identity(),
        )
        if done.returncode:
            raise DidNotStart(f"initdb ended with {done.returncode}:\n{last_lines(done.stdout)}")


@contextlib.contextmanager
def running_postgres(
    installation: Installation | None = None, *, durable: bool = False, **settings: object
) -> Iterator[PostgresServer]:
    """A server of one's own for as long as the block lasts; what became of it in between does not matter."""
    server = PostgresServer(installation, durable=durable, **settings)
    try:
        yield server.start()
    finally:
        server.close()


def _programs(installation: Installation, folder: Path) -> Path:
    """The programs where whoever runs the server can reach them: an environment in root's home is closed to others."""
    there = installation.folder.resolve()
    if installation.origin != WHEEL or os.geteuid() != 0 or all(p.stat().st_mode & 0o001 for p in there.parents):
        return there
    packages = there.parents[2]
    for part in (WHEEL_PACKAGE, f"{WHEEL_PACKAGE}.libs"):  # they find each other by where they lie
        if (packages / part).exists():
            shutil.copytree(packages / part, folder / "programs" / part, symlinks=True)
    return folder / "programs" / there.relative_to(packages)
