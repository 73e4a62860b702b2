"""A pooler between a client and PostgreSQL, in transaction mode: sessions are nobody's own."""

import contextlib
import shutil
import signal
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

import psycopg

from .find import find_pgbouncer
from .missing import needing
from .postgres import Postgres, at_port
from .process import Process, folder_for, quiet_port, write_for_server


class PgBouncer(Postgres):
    """PostgreSQL as it is seen through the pooler; `port` is the pooler's, for `at_port`.

    It lets in the superuser and `users`, by their passwords. `settings` are pgbouncer.ini's.
    """

    def __init__(self, postgres: Postgres, users: Mapping[str, str] | None = None, **settings: object) -> None:
        program = find_pgbouncer()
        self.port = quiet_port()
        super().__init__(at_port(postgres.url, self.port))
        self.folder = folder_for("pgbouncer")
        server = urlsplit(postgres.url)
        known = {unquote(server.username or ""): unquote(server.password or ""), **(users or {})}
        listed = "".join(f'"{name}" "{password}"\n' for name, password in known.items())
        users_file = write_for_server(self.folder / "users.txt", listed)
        all_settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": users_file,
            "pool_mode": "transaction",
            "default_pool_size": 5,
            "max_client_conn": 500,
            **settings,
        }
        lines = ["[databases]", f"* = host={server.hostname} port={server.port or 5432}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in all_settings.items()]
        ini = write_for_server(self.folder / "pgbouncer.ini", "\n".join(lines) + "\n")
        try:
            self._process = Process([program, ini], self.folder, on_orphaned=signal.SIGTERM)
            self._process.wait_until(self._answers)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def log(self) -> str:
        return self._process.log()

    def close(self) -> None:
        """At once, whoever is connected."""
        self._process.stop(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return self.run("select 1") == [(1,)]
        except psycopg.OperationalError:
            return False


@contextlib.contextmanager
def running_pgbouncer(
    postgres: Postgres, users: Mapping[str, str] | None = None, **settings: object
) -> Iterator[PgBouncer]:
    """A pooler for as long as the block lasts, with the parameters of `PgBouncer`."""
    with needing("pgbouncer"):
        pooler = PgBouncer(postgres, users, **settings)
    try:
        yield pooler
    finally:
        pooler.close()
