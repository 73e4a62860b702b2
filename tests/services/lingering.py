"""Run by test_server in a run of its own: a test that does not end by itself, and tells who serves it."""

import os
import signal
from pathlib import Path

from tests.services.postgres import Postgres


def test_lingers(postgres: Postgres):
    pid, folder, *_ = postgres.run("select pg_read_file('postmaster.pid')")[0][0].split()
    told = Path(os.environ["LINGERING"])
    told.with_suffix(".new").write_text(f"{pid} {folder}")
    told.with_suffix(".new").rename(told)
    signal.pause()
