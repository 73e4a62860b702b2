"""Migrations: numbered `.sql` files in a folder for each module, run forward once, and never changed afterwards.

Each is one transaction. One for PostgreSQL alone may begin with the line `-- online`: see postgres_migrations.py.
"""

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from .loader import load

ONLINE = "-- online\n"
_NAME = re.compile(r"(\d{3})_(\w+)(?:\.(sqlite|postgres))?\.sql")


class MigrationError(RuntimeError):
    """The database and this version of the program do not fit; the message says why and what would help."""


@frozen
class Migration:
    """One step: its module, number, name and text."""

    module: str
    number: int
    name: str
    text: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations_of(module: str, folder: Path, engine: str) -> list[Migration]:
    """The steps of a module in their order; a twin `NNN_name.<engine>.sql` stands before the common file."""
    found: dict[int, tuple[bool, Migration]] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path} is not called like a migration: 001_what_it_does.sql")
        number, name, only = int(match[1]), match[2], match[3]
        if only not in {None, engine} or (number in found and found[number][0] and only is None):
            continue
        text = path.read_text()
        if text.startswith(ONLINE) and only != "postgres":
            raise MigrationError(
                f"{path} is online, which is PostgreSQL's alone: {number:03}_{name}.postgres.sql, and a twin"
            )
        found[number] = (only is not None, Migration(module, number, name, text))
    steps = [found[n][1] for n in sorted(found)]
    if [s.number for s in steps] != list(range(1, len(steps) + 1)):
        raise MigrationError(f"the migrations in {folder} are not numbered 001, 002, … without a gap")
    return steps


CORE = Path(__file__).parent / "migrations"

SQL = load("migrations")


def migrate_sqlite(connection: sqlite3.Connection, steps: Sequence[Migration], now: str) -> list[Migration]:
    """Run the steps of one module that were not run yet; those that were. Each is a transaction of its own, so two that
    start at once take turns. The caller has the writer's turn."""
    done = []
    for step in steps:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(SQL.make_table.sqlite)
            rows = connection.execute(SQL.applied.sqlite, {"module": step.module})
            applied = {number: (name, digest) for number, name, digest in rows}
            check_applied(step.module, steps, applied)
            if step.number not in applied:
                _run(connection, step, now)
                done.append(step)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    return done


def check_applied(module: str, steps: Sequence[Migration], applied: dict[int, tuple[str, str]]) -> None:
    """`MigrationError` when what was applied is not what this version would have applied."""
    known = {s.number: s for s in steps}
    for number, (name, digest) in applied.items():
        if number not in known:
            raise MigrationError(
                f"the database is from a newer version: it has migration {number:03} ({name}) of {module}, "
                f"this version knows {len(steps)}. Run the newer version, or restore a backup from before it."
            )
        if known[number].hash != digest:
            raise MigrationError(
                f"migration {number:03} ({name}) of {module} was changed after it had run. Migrations are never changed: "
                "put the old text back, and add a new one."
            )


def _run(connection: sqlite3.Connection, step: Migration, now: str) -> None:
    for statement in _statements(step.text):
        connection.execute(statement)
    applied = {"module": step.module, "number": step.number, "name": step.name, "hash": step.hash, "now": now}
    connection.execute(SQL.add.sqlite, applied)


def _statements(text: str) -> list[str]:
    found, rest = [], ""
    for line in text.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    if rest.strip() and not all(line.startswith("--") or not line.strip() for line in rest.splitlines()):
        found.append(rest)
    return found
