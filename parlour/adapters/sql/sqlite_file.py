"""The file of a SQLite store: opening it, and keeping other servers off it."""

import fcntl
import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=4000",
)


class StoreInUse(RuntimeError):
    """Another process has the file open; it is asked through `socket`, where it has one."""

    def __init__(self, path: Path, holder: dict[str, Any]) -> None:
        by = f" by process {holder['pid']}" if "pid" in holder else ""
        super().__init__(f"{path} is in use{by}: one server per file. Stop it, or give this one another DATABASE_URL.")
        self.socket: str | None = holder.get("socket")


class StoreBroken(RuntimeError):
    """The file cannot be used; the message says why and what would help."""


def connect(path: Path, *, reading: bool = False) -> sqlite3.Connection:
    """A connection with parlour's settings. Transactions are begun by hand."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=5.0
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if reading:
            connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class StoreFile:
    """A store's file, held by this process until `release`. `:memory:` is a file of its own, gone afterwards: an
    in-memory database has no write-ahead log."""

    def __init__(self, path: str) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if path == ":memory:":
            self._folder = tempfile.TemporaryDirectory(prefix="parlour-")
            path = str(Path(self._folder.name) / "parlour.db")
        self.path = Path(path).resolve()  # one lock for one file, whatever it is called
        self._lock = self._hold()

    def _hold(self) -> int:
        """Take the lock, without ever opening the database itself: closing it would drop SQLite's own locks."""
        lock = self.path.with_name(self.path.name + ".lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreBroken(f"{lock} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _said(os.pread(handle, 4096, 0))
            os.close(handle)
            raise StoreInUse(self.path, holder) from None
        self._lock = handle
        self.say(None)
        return handle

    def say(self, socket: str | None) -> None:
        """Tell others who holds the file, and where that process can be asked."""
        text = json.dumps({"pid": os.getpid(), **({"socket": socket} if socket else {})}).encode()
        os.pwrite(self._lock, text, 0)
        os.ftruncate(self._lock, len(text))

    def open(self) -> sqlite3.Connection:
        """The first connection; `StoreBroken` when the file is no database or cannot be written."""
        try:
            self._make_private()
            connection = connect(self.path)
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("PRAGMA user_version=0")  # beginning alone passes on a file that is read-only
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                connection.close()
                raise
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreBroken(f"{self.path} cannot be used as a database: {error}") from error
        return connection

    def _make_private(self) -> None:
        """A new database is its owner's alone. Nobody has it open yet, so no lock of SQLite's is lost by this."""
        if not self.path.exists():
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))

    def release(self) -> None:
        os.ftruncate(self._lock, 0)
        os.close(self._lock)
        if self._folder is not None:
            self._folder.cleanup()


def _said(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
