"""The commands of `make` that documents name: `make run` serves, the others are there."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.server import environment, free_port

from .blocks import ROOT
from .test_documents import MAKES


@pytest.mark.parametrize("command", sorted(MAKES))
def test_make_knows_it(command: str):
    """Looked up without being run: `make test` is what runs this, and the others are long."""
    done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_make_run_serves_and_says_what_to_try(tmp_path: Path):
    """In place; the environment is taken as it is, since other tests run in it at the same time."""
    port = free_port()
    variables = environment(PORT=port, DATABASE_URL=f"sqlite:///{tmp_path / 'parlour.db'}")
    process = subprocess.Popen(
        ["make", "--assume-old=.venv/.server", "--assume-old=.venv/.bootstrap", "run"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert well(f"http://127.0.0.1:{port}/health", process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        said, trouble = process.communicate(timeout=20)
    assert f"curl -s http://127.0.0.1:{port}/health" in said, trouble


def well(address: str, process: "subprocess.Popen[str]", within: float = 15.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(address, timeout=2).status_code == 200
        time.sleep(0.05)
    return False
