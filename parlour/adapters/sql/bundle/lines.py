"""The lines of a bundle; `docs/bundle.md` describes them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ....domain.kernel.errors import Unprocessable
from .tables import Table

FORMAT, VERSION = "parlour-bundle", 1


class BundleRefused(Unprocessable):
    """A bundle that is damaged, from a newer version, or does not hold together. Nothing was changed."""

    default_code = "bundle_refused"


def line(value: Any) -> bytes:
    """A value as a line."""
    return msgspec.json.encode(value) + b"\n"


def header(schema: Mapping[str, int], epoch: str) -> bytes:
    return line({"format": FORMAT, "version": VERSION, "schema": dict(schema), "epoch": epoch})


def opening(table: Table) -> bytes:
    return line({"table": table.name, "columns": [[c.name, c.kind.name] for c in table.columns]})


def rows_of(table: Table, rows: Sequence[Sequence[Any]]) -> bytes:
    """The lines of rows as an engine gave them."""
    writes = [c.kind.write for c in table.columns]
    return b"".join(
        line([None if value is None else write(value) for write, value in zip(writes, row, strict=True)])
        for row in rows
    )


class Sums:
    """The checksums of what has gone by: of the table at hand, and of everything."""

    def __init__(self) -> None:
        self._table, self._all = hashlib.sha256(), hashlib.sha256()
        self.rows = self.all_rows = self.size = 0

    def begin(self) -> None:
        """A table begins."""
        self._table, self.rows = hashlib.sha256(), 0

    def add(self, data: bytes, rows: int = 0) -> None:
        """Lines went by, so many rows among them."""
        self._table.update(data)
        self._all.update(data)
        self.rows += rows
        self.all_rows += rows
        self.size += len(data)

    def closing(self, table: Table) -> dict[str, Any]:
        """What the line that closes the table says."""
        return {"end": table.name, "rows": self.rows, "sha256": self._table.hexdigest()}

    def end(self) -> dict[str, Any]:
        """What the last line says."""
        return {"end": FORMAT, "rows": self.all_rows, "sha256": self._all.hexdigest()}
