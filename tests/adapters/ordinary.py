"""Being an ordinary user for a while, since nothing is read-only to root."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Without root's rights, if there were any."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder that an ordinary user may enter, and write in."""
    with tempfile.TemporaryDirectory(prefix="parlour-test-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)
