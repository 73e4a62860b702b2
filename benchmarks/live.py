"""A server process to measure, people on it, and the load of another process."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
UNLIMITED = {
    "RATE_DEFAULT_PER_MINUTE": "0",
    "RATE_SEND_PER_MINUTE": "0",
    "RATE_SIGN_UP_PER_HOUR": "0",
    "RATE_FOLLOW_PER_MINUTE": "0",
    "RATE_CONNECTION_PER_MINUTE": "0",
    "CONNECTIONS_PER_USER": "100000",
    "CONNECTIONS_PER_ADDRESS": "100000",
    "LOG_LEVEL": "error",
}


@frozen
class Live:
    """A running server."""

    port: int
    pid: int

    def post(self, path: str, data: dict[str, Any], token: str | None = None) -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(data).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def cpu(self) -> float:
        """Seconds of CPU the server has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(folder: Path, module: str = "parlour", **settings: str) -> Iterator[Live]:
    """`parlour serve` on an empty store in `folder`, or on the one that `settings` name; no rate limits, one process."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    environment = {**os.environ, **UNLIMITED, "PORT": str(port), "DATABASE_URL": "sqlite:///bench.db", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", module, "serve"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        _await_port(port)
        yield Live(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _await_port(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError("the server does not listen")


def people(live: Live, many: int) -> tuple[list[str], str]:
    """The tokens of so many people, and a public channel that all have joined."""
    told = [
        live.post(
            "/api/signup", {"username": f"sender{n}", "email": f"s{n}@example.org", "password": "correct horse battery"}
        )
        for n in range(many)
    ]
    owner = told[0]["access_token"]
    team = live.post("/api/workspaces", {"name": "Team"}, owner)["id"]
    for one in told[1:]:
        live.post(f"/api/workspaces/{team}/members", {"user_id": one["user"]["id"]}, owner)
    room = live.post("/api/rooms", {"kind": "public_channel", "name": "bench", "workspace_id": team}, owner)["id"]
    others = [one["user"]["id"] for one in told[1:]]
    if others:
        live.post(f"/api/rooms/{room}/members", {"user_ids": others}, owner)
    return [one["access_token"] for one in told], room


def load(live: Live, tokens: list[str], room: str, seconds: float) -> dict[str, float]:
    """What the senders of another process measured; see `senders`."""
    asked = json.dumps({"port": live.port, "tokens": tokens, "room": room, "seconds": seconds})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.senders"], input=asked, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT,
        timeout=seconds + 60,
    )  # fmt: skip
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
