"""A real server process on a store of its own: started, killed, started again on the same port."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import httpx

from ..server import SECRET

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "RATE_DEFAULT_PER_MINUTE": "0",
    "RATE_SEND_PER_MINUTE": "0",
    "RATE_SIGN_UP_PER_HOUR": "0",
    "RATE_FOLLOW_PER_MINUTE": "0",
    "CONNECTIONS_PER_USER": "1000",
    "CONNECTIONS_PER_ADDRESS": "1000",
    "PASSWORDS_QUEUE": "1000",
    "LOG_LEVEL": "error",
    "JWT_SECRET": SECRET,
}
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Server:
    """`parlour serve` on the store that a URL names. With `sabotage` a fault of that name is planted in it, see `sabotage`.
    `up` is set while it serves."""

    sabotaging = "tests.faults.sabotage"

    def __init__(self, folder: Path, database: str, sabotage: str | None = None, **settings: str) -> None:
        self.folder, self.sabotage, self.port = folder, sabotage, free_port()
        self.up = asyncio.Event()
        self.kills = 0
        self._settings = {**SETTINGS, **settings, "PORT": str(self.port), "DATABASE_URL": database}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def _spawn(self, *arguments: str) -> asyncio.subprocess.Process:
        module = [self.sabotaging, self.sabotage] if self.sabotage else ["parlour"]
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV"}}
        with (self.folder / "server.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", *module, *arguments,
                cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=log,
                env={**kept, **self._settings, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    async def start(self) -> None:
        self._process = await self._spawn("serve")
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                assert self._process.returncode is None, (self.folder / "server.log").read_text()
                await asyncio.sleep(0.02)
        self.up.set()

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def kill(self) -> None:
        """SIGKILL, at once."""
        self.kills += 1
        await self._end(signal.SIGKILL, PATIENCE)

    async def stop(self, within: float = PATIENCE) -> int:
        """SIGTERM; the exit status. `TimeoutError` when it takes longer than `within` seconds, and it is killed then."""
        return await self._end(signal.SIGTERM, within)

    async def _end(self, number: signal.Signals, within: float) -> int:
        self.up.clear()
        process = self._process
        assert process is not None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            async with asyncio.timeout(within):
                return await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    async def doctor(self) -> str:
        """What `parlour doctor` says of the store; empty when all is well."""
        process = await self._spawn("doctor")
        said, _ = await process.communicate()
        return "" if process.returncode == 0 else said.decode()

    def memory(self) -> int:
        """Resident memory in bytes."""
        assert self._process is not None
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise LookupError("no VmRSS")

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.http, headers=headers, timeout=PATIENCE)
