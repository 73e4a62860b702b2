"""A server's process: it ends with whoever started it, and never asks for root."""

import contextlib
import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .find import UNPACKED

ORDINARY = "nobody"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class DidNotStart(Exception):
    """A server that is there ended, or did not answer in time; the message has its log's last lines."""


def identity() -> dict[str, Any]:
    """For `subprocess`: who runs a server that refuses root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(ORDINARY)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def environment() -> dict[str, str]:
    """Nothing of whoever runs the tests; the libraries that were unpacked beside a program, see find.UNPACKED."""
    libraries = os.pathsep.join(map(str, (UNPACKED / "usr" / "lib").glob("*-linux-*")))
    given = {"LD_LIBRARY_PATH": libraries} if libraries else {}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **given}


def folder_for(name: str) -> Path:
    """A new folder that belongs to whoever runs the server; a short path that others may enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"parlour-{name}-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ORDINARY)
    return folder


def write_for_server(path: Path, text: str) -> Path:
    """A file that whoever runs the server may read, and nobody else."""
    path.write_text(text)
    path.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(path, ORDINARY)
    return path


def quiet_port() -> int:
    """A free port below those that the kernel gives to clients, so that it is still free for a second start."""
    while True:
        port = random.randint(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Process:
    """A running program that writes its log into its folder. Start it from the main thread: see `_end_with_parent`."""

    def __init__(self, command: Sequence[str | Path], folder: Path, on_orphaned: signal.Signals) -> None:
        # PDEATHSIG is sent when the *thread* that forked ends, not when its process does.
        assert threading.current_thread() is threading.main_thread(), "servers are started from the main thread"
        self.name = Path(command[0]).name
        self._log = folder / f"{self.name}.log"
        parent = os.getpid()

        def end_with_parent() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, int(on_orphaned))
            if os.getppid() != parent:  # it ended before the kernel knew
                os._exit(1)

        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                list(map(str, command)),
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, who then stop it in order
                preexec_fn=end_with_parent,
                **identity(),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], within: float = 30.0) -> None:
        deadline = time.monotonic() + within
        while not ready():
            if not self.running or time.monotonic() > deadline:
                code = self._process.poll()
                self.kill()
                why = f"did not answer within {within:.0f} s" if code is None else f"ended with {code}"
                raise DidNotStart(f"{self.name} {why}. The last lines of its log:\n{last_lines(self.log())}")
            time.sleep(0.01)

    def stop(self, number: signal.Signals, within: float = 20.0) -> None:
        """End it in its own way; by force when that takes too long."""
        if self.running:
            self.resume()
            self._process.send_signal(number)
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL to it and its children, at one instant as far as they can tell."""
        family = self.pause()
        for pid in family:
            _tell(pid, signal.SIGKILL)
        self._process.wait()
        _until(lambda: not any(_state(pid) for pid in family))

    def pause(self) -> list[int]:
        """SIGSTOP to it and its children; their ids, its own first."""
        if not self.running:
            return []
        _tell(self.pid, signal.SIGSTOP)
        _until(lambda: _state(self.pid) in {"T", None})  # from here on it makes no more children
        family = [self.pid, *children(self.pid)]
        for pid in family:
            _tell(pid, signal.SIGSTOP)
        _until(lambda: all(_state(pid) in {"T", None} for pid in family))
        return family

    def resume(self) -> None:
        for pid in (*children(self.pid), self.pid):
            _tell(pid, signal.SIGCONT)

    def log(self) -> str:
        return self._log.read_text(errors="replace")


def children(parent: int) -> list[int]:
    """The ids of a process's living children, which may have groups and sessions of their own."""
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in found if (stat := _stat(pid)) and int(stat[1]) == parent and stat[0] != "Z"]


def last_lines(text: str, count: int = 20) -> str:
    return "\n".join(text.splitlines()[-count:])


def _stat(pid: int) -> list[str] | None:
    """State, parent, … of a process; None when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def is_there(pid: int) -> bool:
    return _state(pid) is not None


def _state(pid: int) -> str | None:
    """One letter; None when the process is gone, if only its parent has not been told yet."""
    stat = _stat(pid)
    return stat[0] if stat and stat[0] not in "ZX" else None


def _tell(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _until(holds: Callable[[], bool], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "the kernel did not do in time what it was told"
        time.sleep(0.001)
