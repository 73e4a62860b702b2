"""Writing a bundle: table by table in pages, from one snapshot."""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from ....application.kernel.bundle import Exported
from ....domain.kernel.errors import Conflict, Unavailable, invalid
from ..db import Db
from ..migrations import SQL as MIGRATIONS
from ..recorder import SQL as KERNEL
from .lines import Sums, header, line, opening, rows_of
from .tables import TABLES, Table

PAGE = 1_000


class SqlBundles:
    """`Bundles` in a snapshot. Encoding and writing happen in threads: a server goes on meanwhile."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def write(self, path: str, *, force: bool) -> Exported:
        target = Path(path)
        if not target.is_absolute():
            raise invalid("path", "absolute", "The path must begin at the root: the server works in another folder.")
        sums = Sums()
        with _trouble(target), _new_file(target, force=force) as file:
            async for data in _bundle(self._db, sums):
                await asyncio.to_thread(file.write, data)
        return Exported(path, sums.all_rows, sums.size)


async def _bundle(db: Db, sums: Sums) -> AsyncIterator[bytes]:
    """All of it, a page of lines at a time."""

    def counted(data: bytes, rows: int = 0) -> bytes:
        sums.add(data, rows)
        return data

    def page(table: Table, rows: Sequence[Sequence[Any]]) -> bytes:
        return counted(rows_of(table, rows), len(rows))

    applied = await db.joins(MIGRATIONS.applied, module="core")
    yield counted(header({"core": max(row["number"] for row in applied)}, await db.value(KERNEL.epoch)))
    for table in TABLES:
        sums.begin()
        yield counted(opening(table))
        async for rows in _pages(db, table):
            yield await asyncio.to_thread(page, table, rows)
        yield counted(line(sums.closing(table)))
    yield counted(line(sums.end()))


async def _pages(db: Db, table: Table) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """A table's rows in the order of their key."""
    found = await db.fetch(table.first, {"most": PAGE})
    while found.rows:
        yield found.rows
        key = {f"key_{n}": found.rows[-1][place] for n, place in enumerate(table.places)}
        found = await db.fetch(table.after, {**key, "most": PAGE})


@contextlib.contextmanager
def _trouble(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}", code="file_not_written") from error


@contextlib.contextmanager
def _new_file(target: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that only its owner may read. It has its name when it is whole and on disk, and is gone when it is not."""
    _check_free(target, force=force)
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _check_free(target, force=force)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _check_free(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise Conflict(f"{target} is there already; it is overwritten with --force only.", code="file_exists")
