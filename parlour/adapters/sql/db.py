"""What repositories see of a store: running queries, and rows as values of a class."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast
from uuid import UUID

import attrs
import cattrs
from attrs import define

from ...domain.kernel.streams import Stream
from .loader import Query

T = TypeVar("T")


@define
class Fetched:
    """What a query brought: the columns' names, the rows, and how many rows it changed."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    changed: int


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

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a query for each row of what it is given."""
        for row in rows:
            await self.fetch(query, row)

    async def rows(self, query: Query, kind: type[T], **given: Any) -> list[T]:
        """The rows, each as a value of `kind` made from its columns by name."""
        return [made(kind, row) for row in await self.joins(query, **given)]

    async def row(self, query: Query, kind: type[T], **given: Any) -> T | None:
        """The first row."""
        found = await self.joined(query, **given)
        return made(kind, found) if found is not None else None

    async def joined(self, query: Query, **given: Any) -> dict[str, Any] | None:
        """The first row as it is, for joins of several things."""
        found = await self.fetch(query, given)
        return dict(zip(found.names, found.rows[0], strict=True)) if found.rows else None

    async def joins(self, query: Query, **given: Any) -> list[dict[str, Any]]:
        """The rows as they are."""
        found = await self.fetch(query, given)
        return [dict(zip(found.names, row, strict=True)) for row in found.rows]

    async def value(self, query: Query, **given: Any) -> Any:
        """The first column of the first row; None without a row."""
        found = await self.fetch(query, given)
        return found.rows[0][0] if found.rows else None

    async def values(self, query: Query, kind: type[T], **given: Any) -> list[T]:
        """The first column of each row."""
        return [made(kind, row[0]) for row in (await self.fetch(query, given)).rows]

    async def run(self, query: Query, **given: Any) -> int:
        """How many rows were changed."""
        return (await self.fetch(query, given)).changed


def made(kind: type[T], value: Any) -> T:
    """A value of `kind` from a row, or from one column."""
    built: T = _hook(cast(Any, kind))(value, kind)
    return built


def inserted(entity: Any) -> dict[str, Any]:
    """The columns of a new entity: everything but its version, which begins at 1."""
    columns = attrs.asdict(entity, recurse=False)
    del columns["version"]
    return columns


REMEMBERED = 65_536


@lru_cache(REMEMBERED)
def _uuid_of(text: str) -> UUID:
    """The same few rooms, workspaces and people are in most rows."""
    return UUID(text)


@lru_cache(REMEMBERED)
def _text_of(number: int) -> str:
    """The text of a UUID by its number, which is looked up faster."""
    return str(UUID(int=number))


def _uuid(value: Any, _: Any) -> UUID:
    return value if isinstance(value, UUID) else _uuid_of(value)


def _time(value: Any, _: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _rows() -> cattrs.Converter:
    """Rows are our own and right: nothing is checked, text becomes what the class says."""
    converter = cattrs.Converter(detailed_validation=False)
    converter.register_structure_hook(UUID, _uuid)
    converter.register_structure_hook(datetime, _time)
    return converter


ROWS = _rows()
_hook = lru_cache(REMEMBERED)(ROWS.get_structure_hook)


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
    UUID: lambda value: _text_of(value.int),
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    list: lambda value: json.dumps([plain(one) for one in value]),
}
