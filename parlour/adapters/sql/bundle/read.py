"""Reading a bundle, and checking all of it that can be checked without a store."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from attrs import frozen

from ..open import core_steps
from .lines import FORMAT, VERSION, BundleRefused, Sums
from .tables import TABLES, Table

BATCH = 1_000
Row = dict[str, Any]


@frozen
class Bundle:
    """A file that was read to its end and found right: how many rows it holds, and the checksum of all of it."""

    path: Path
    rows: int
    sha256: str

    def batches(self) -> Iterator[tuple[Table, list[Row]]]:
        """Its rows, some of one table at a time, checked once more. `BundleRefused` when it was changed meanwhile."""
        with _opened(self.path) as file:
            reading = Reading(file)
            yield from reading.batches()
            if reading.sums.end()["sha256"] != self.sha256:
                raise BundleRefused(f"{self.path} was changed while it was read.")


def checked(path: Path) -> Bundle:
    """Read a bundle to its end; `BundleRefused` says what is wrong with it, and where."""
    with _opened(path) as file:
        reading = Reading(file)
        for _ in reading.batches():
            pass
        return Bundle(path, reading.sums.all_rows, reading.sums.end()["sha256"])


def _opened(path: Path) -> IO[bytes]:
    try:
        if path.is_file():  # it is read twice, which a pipe cannot be
            return path.open("rb")
    except OSError as error:
        raise BundleRefused(f"{path} cannot be read: {error.strerror}") from error
    raise BundleRefused(f"{path} is not a file.")


class Reading:
    """One way through a bundle, from its first line to its last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._number = file, 0
        self.sums = Sums()

    def batches(self) -> Iterator[tuple[Table, list[Row]]]:
        """The rows, some of one table at a time; everything is checked as it goes by."""
        first = self._next()
        self._check_header(first)
        self.sums.add(first)
        for table in TABLES:
            yield from self._table(table)
        if self._parsed(self._next()) != self.sums.end():
            raise self._wrong("the checksum of the whole is not right: the bundle was changed or damaged")
        if self._file.read(1):
            raise self._wrong("there is something behind the end of the bundle")

    def _table(self, table: Table) -> Iterator[tuple[Table, list[Row]]]:
        self.sums.begin()
        data = self._next()
        self._check_opening(table, self._parsed(data))
        self.sums.add(data)
        rows, last = list[Row](), tuple[Any, ...]()
        while (data := self._next()).startswith(b"["):
            self.sums.add(data, 1)
            rows.append(self._row(table, self._parsed(data)))
            key = tuple(rows[-1][k] for k in table.key)
            if last and key <= last:
                raise self._wrong(f"the rows of {table.name} are not in the order of their keys, or one is there twice")
            last = key
            if len(rows) == BATCH:
                yield table, rows
                rows = []
        self._check_closing(table, self._parsed(data))
        self.sums.add(data)
        if rows:
            yield table, rows

    def _row(self, table: Table, values: Any) -> Row:
        if len(values) != len(table.columns):
            raise self._wrong(f"a row of {table.name} has {len(values)} values, but {len(table.columns)} columns")
        row: Row = {}
        for column, value in zip(table.columns, values, strict=True):
            try:
                row[column.name] = None if value is None and column.nullable else column.kind.read(value)
            except ValueError as error:
                raise self._wrong(f"{table.name}.{column.name} is not right: {error}") from error
        return row

    def _check_header(self, data: bytes) -> None:
        try:
            said = self._parsed(data)
        except BundleRefused:
            said = None
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise self._wrong("this is not a bundle of parlour")
        version, schema = said.get("version"), said.get("schema")
        if not isinstance(version, int) or not isinstance(schema, dict) or not isinstance(schema.get("core"), int):
            raise self._wrong("the header does not say which version and schema it is of")
        known = core_steps()[-1].number
        if version > VERSION or schema["core"] > known:
            raise BundleRefused(
                f"The bundle is from a newer version: format {version}, core {schema['core']:03}; this version knows "
                f"format {VERSION}, core {known:03}. Read it in with the version that wrote it, or a newer one."
            )
        if version != VERSION or set(schema) != {"core"}:
            raise self._wrong(f"format {version} with the modules {', '.join(schema)} is not known here")

    def _check_opening(self, table: Table, said: Any) -> None:
        name = said.get("table") if isinstance(said, dict) else None
        if name != table.name:
            what = f"the table {name!r}" if name else "something else"
            raise self._wrong(f"the table {table.name!r} was expected here, but there is {what}")
        columns = [[c.name, c.kind.name] for c in table.columns]
        if said != {"table": name, "columns": columns}:
            raise self._wrong(
                f"the columns of {name} are not those of this version: {msgspec.json.encode(columns).decode()}"
            )

    def _check_closing(self, table: Table, said: Any) -> None:
        right = self.sums.closing(table)
        if not isinstance(said, dict) or said.get("end") != table.name:
            raise self._wrong(f"the table {table.name} does not end where it should")
        if said.get("rows") != right["rows"]:
            raise self._wrong(f"{table.name} has {right['rows']} rows, but should have {said.get('rows')}")
        if said != right:
            raise self._wrong(f"the checksum of {table.name} is not right: the bundle was changed or damaged")

    def _next(self) -> bytes:
        data = self._file.readline()
        self._number += 1
        if not data.endswith(b"\n"):
            raise self._wrong("the bundle ends here, before its end: it was cut short")
        return data

    def _parsed(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._wrong("this is not JSON: the bundle was changed or damaged") from error

    def _wrong(self, what: str) -> BundleRefused:
        return BundleRefused(f"Line {self._number}: {what}.")
