"""A real `parlour serve` process on a real port, with clients for it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import connect

from parlour.adapters.security.keyfile import kept_secret

NO_LIMITS = {
    "RATE_DEFAULT_PER_MINUTE": 0,
    "RATE_SEND_PER_MINUTE": 0,
    "RATE_SIGN_IN_PER_MINUTE": 0,
    "RATE_SIGN_IN_NAME_PER_MINUTE": 0,
    "RATE_SIGN_UP_PER_HOUR": 0,
    "RATE_PASSWORD_PER_MINUTE": 0,
    "RATE_ROOM_PASSWORD_PER_MINUTE": 0,
    "RATE_LETTERS_PER_HOUR": 0,
    "RATE_LETTERS_NAME_PER_HOUR": 0,
    "RATE_FOLLOW_PER_MINUTE": 0,
}
BESIDE = "sqlite:///parlour.db"
"""A SQLite file in the server's own folder."""
SECRET = "what signs tokens in the tests, and nothing else"
COMMAND = (sys.executable, "-m", "parlour")
ROOT = Path(__file__).parents[1]
AS_SYSTEM = """
import json, sys
from parlour.config.program import CommandLine
print(json.dumps(CommandLine("0").run(sys.argv[1], json.loads(sys.argv[2]))))
"""


def environment(**settings: object) -> dict[str, str]:
    """A clean environment with some settings and nothing of whoever runs the tests."""
    kept = {n: os.environ[n] for n in ("PATH", "HOME", "LANG", "TMPDIR") if n in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **{n.upper(): str(v) for n, v in settings.items()}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def parlour(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end in a folder."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


class DidNotStart(AssertionError):
    """The process ended, or did not answer in time; the message is its log."""


class Server:
    """`parlour serve` in a folder of its own, on a port of its own, which it keeps when it is started again.

    `database` is its store's URL. On PostgreSQL it is told the secret that it keeps beside the file otherwise.
    `settings` are upper-case variables, in any case here. Rate limits are off unless they are given.
    """

    def __init__(self, folder: Path, database: str = BESIDE, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.settings = {
            "DATABASE_URL": database,
            **({} if database == BESIDE else {"JWT_SECRET": SECRET}),
            **NO_LIMITS,
            **{n.upper(): v for n, v in settings.items()},
        }
        self.port = int(str(self.settings.pop("PORT", 0))) or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, within: float = 15.0) -> "Server":
        """Start the process and wait until it is well. `DidNotStart` with its log otherwise."""
        assert not self.running, "one process at a time"
        with self._log.open("ab") as log, (self.folder / "server.out").open("ab") as out:
            self._process = subprocess.Popen(
                [*COMMAND, "serve"],
                cwd=self.folder,
                env=environment(PORT=self.port, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.base}/health", timeout=2).status_code == 200:
                    return self
            time.sleep(0.02)
        self.kill()
        raise DidNotStart(self.log())

    def tell(self, number: signal.Signals = signal.SIGTERM) -> None:
        os.kill(self.pid, number)

    def wait(self, within: float = 15.0) -> int:
        """The exit code of the process, once it has ended by itself."""
        assert self._process is not None, "the server was started"
        return self._process.wait(within)

    def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 15.0) -> int:
        """End the process by a signal; its exit code."""
        if self.running:
            self.tell(number)
        return self.wait(within)

    def kill(self) -> None:
        """SIGKILL: no chance to say anything."""
        if self._process is not None:
            self.stop(signal.SIGKILL)

    def restart(self, number: signal.Signals = signal.SIGTERM, within: float = 15.0) -> "Server":
        """End the process by a signal and start another one on the same port and store."""
        self.stop(number, within)
        return self.start(within)

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line beside this server, on its store."""
        return parlour(self.folder, *arguments, **self.settings)

    def system(self, name: str, **data: Any) -> Any:
        """Run a use case as the system, beside this server; what it answers."""
        done = subprocess.run(
            [sys.executable, "-c", AS_SYSTEM, name, json.dumps(data)],
            cwd=self.folder,
            env=environment(**self.settings),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def database(self) -> str:
        """The URL of its store, from wherever one looks."""
        url = str(self.settings["DATABASE_URL"])
        return f"sqlite:///{self.folder / 'parlour.db'}" if url == BESIDE else url

    @property
    def secret(self) -> bytes:
        """What it signs tokens with."""
        told = self.settings.get("JWT_SECRET")
        return str(told).encode() if told else kept_secret(self.folder / "parlour.db.key")

    def memory(self) -> int:
        """Bytes of memory that the process holds now."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    # clients

    def http(self, token: str | None = None, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.base, headers=bearer(token), timeout=20, verify=False, **options)

    def http_now(self, token: str | None = None, **options: Any) -> httpx.Client:
        """A client that blocks."""
        return httpx.Client(base_url=self.base, headers=bearer(token), timeout=20, verify=False, **options)

    def socket(self, token: str | None = None, query: dict[str, str] | None = None, **options: Any) -> connect:
        """A connection to `/ws`, to be used with `async with`; the token goes into the header."""
        address = f"{self.ws}?{urlencode(query)}" if query else self.ws
        given = {"compression": None, "open_timeout": 10, "max_size": None, "proxy": None, **options}
        return connect(address, additional_headers=bearer(token) | given.pop("headers", {}), **given)


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@contextlib.contextmanager
def serving(folder: Path, database: str = BESIDE, **settings: object) -> Iterator[Server]:
    """A server that runs for as long as the block does."""
    server = Server(folder, database, **settings)
    try:
        yield server.start()
    finally:
        server.kill()
