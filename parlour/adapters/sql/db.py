"""What repositories see of a store: running queries, and rows as values of a class."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs
from attrs import define

from ...domain.kernel.streams import Stream
from .loader import Query
from .shapes import Columns, read, shaped, text_of

T = TypeVar("T")
Asked = tuple[Query, Mapping[str, Any]]
"""A query, and what it is given."""


@define
class Fetched:
    """What a query brought: the columns' names, the rows, and how many rows it changed."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    changed: int

    @property
    def columns(self) -> Columns:
        """The values column by column; nothing without rows."""
        return dict(zip(self.names, zip(*self.rows, strict=True), strict=False))

    def parted(self, by: str) -> tuple[Columns, Columns]:
        """The columns of two things that are joined: those before the column `by`, and those after it."""
        part, columns = list(self.names).index(by), list(zip(*self.rows, strict=True))
        before, after = slice(part), slice(part + 1, None)
        return (
            dict(zip(self.names[before], columns[before], strict=False)),
            dict(zip(self.names[after], columns[after], strict=False)),
        )

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as they are, for joins of several things."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def of(self, kind: type[T], **given: Sequence[Any]) -> list[T]:
        """The rows, each as a value of `kind` made from its columns by name; see `shaped`."""
        return shaped(kind, self.columns, **given)


class Beside:
    """What concerns units that work beside each other. Where they take turns, and there is no wall, it is nothing."""

    async def widen(self, *owners: UUID) -> None:
        """See the rows of some owners more, whom the actor is not one of: a workspace that is just being made, the inbox of
        somebody who is told."""

    async def alone(self, what: str) -> None:
        """Let no other unit be at the same thing until this one has ended."""

    async def among(self, what: str) -> None:
        """Let nobody be alone at a thing until this unit has ended; several may be among those at it."""

    def rely(self, stream: Stream, version: int) -> None:
        """What is decided now holds while a stream's `access_version` is this one: looked at again as the unit ends."""


class Db(Beside, ABC):
    """Runs queries in a unit of work or a snapshot. Parameters are plain Python values."""

    @abstractmethod
    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        """Run a query; the engine's errors come as the domain's."""

    async def each(self, *asked: Asked) -> list[Fetched]:
        """Run some queries, none of which needs to know of another; in one way there and back where that can be."""
        return [await self.fetch(query, given) for query, given in asked]

    async def later(self, query: Query, **given: Any) -> None:
        """Run a query that nobody needs to hear of: before whatever is asked next, or before the commit. An error of its may
        come only then."""
        await self.fetch(query, given)

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a query for each row of what it is given."""
        for row in rows:
            await self.fetch(query, row)

    async def rows(self, query: Query, kind: type[T], **given: Any) -> list[T]:
        """The rows, each as a value of `kind` made from its columns by name."""
        return (await self.fetch(query, given)).of(kind)

    async def row(self, query: Query, kind: type[T], **given: Any) -> T | None:
        """The first row."""
        found = (await self.fetch(query, given)).of(kind)
        return found[0] if found else None

    async def joined(self, query: Query, **given: Any) -> dict[str, Any] | None:
        """The first row as it is, for joins of several things."""
        found = await self.fetch(query, given)
        return dict(zip(found.names, found.rows[0], strict=True)) if found.rows else None

    async def joins(self, query: Query, **given: Any) -> list[dict[str, Any]]:
        """The rows as they are."""
        return (await self.fetch(query, given)).dicts()

    async def value(self, query: Query, **given: Any) -> Any:
        """The first column of the first row; None without a row."""
        found = await self.fetch(query, given)
        return found.rows[0][0] if found.rows else None

    async def values(self, query: Query, kind: type[T], **given: Any) -> list[T]:
        """The first column of each row."""
        return list(read(kind, [row[0] for row in (await self.fetch(query, given)).rows]))

    async def run(self, query: Query, **given: Any) -> int:
        """How many rows were changed."""
        return (await self.fetch(query, given)).changed


def inserted(entity: Any) -> dict[str, Any]:
    """The columns of a new entity: everything but its version, which begins at 1."""
    columns = attrs.asdict(entity, recurse=False)
    del columns["version"]
    return columns


def plain(value: Any) -> Any:
    """A parameter as SQLite keeps it: ids and times as text, a list as JSON."""
    kind = type(value)
    make = _PLAIN.get(kind)
    if make is None:
        make = _PLAIN[kind] = attrgetter("value") if issubclass(kind, Enum) else _as_it_is
    return make(value)


def _as_it_is(value: Any) -> Any:
    return value


_PLAIN: dict[type, Callable[[Any], Any]] = {
    UUID: text_of,
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    list: lambda value: json.dumps([plain(one) for one in value]),
}
