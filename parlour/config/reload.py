"""Starting the server again whenever the program's files change: for developing."""

import os
import subprocess
import sys
import time
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def run_with_reload(every: float = 0.5) -> None:
    """Run `parlour serve` in a process of its own, and again after each change, until interrupted."""
    command = [sys.executable, "-m", "parlour", "serve", "--debug"]
    while True:
        seen = _stamps()
        child = subprocess.Popen(command, env=os.environ)  # noqa: S603 - ourselves
        try:
            while _stamps() == seen:
                time.sleep(every)
        except KeyboardInterrupt:
            child.wait()
            return
        child.terminate()
        child.wait()


def _stamps() -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in PACKAGE.rglob("*") if p.suffix in {".py", ".sql"}}
