"""Rows as values of a class. They are our own and right: nothing is checked, text becomes what the class says.

Several are made a column at a time: what a column has to become is found out once for all of them, and a column that is
what it should be already, as most are, costs nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
from attrs import frozen

T = TypeVar("T")
Columns = Mapping[str, Sequence[Any]]
REMEMBERED = 65_536


@frozen
class Reading:
    """What a column of a store has to become: values are of the type `done` by then, and `make` makes them so."""

    done: type | tuple[()]
    make: Callable[[Any], Any]

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """A column's values are all of one type, or None."""
        first = next((value for value in values if value is not None), None)
        if first is None or isinstance(first, self.done):
            return values
        make = self.make
        return [make(value) if value is not None else None for value in values]


def shaped(kind: type[T], columns: Columns, **given: Sequence[Any]) -> list[T]:
    """Values of `kind`, each made from what stands at one place of the columns; `given` are fields that are whole already.
    Fields without a column have their defaults."""
    if not columns:
        return []
    return list(map(kind, *(_column(field, columns, given) for field in _fields_of(cast(Any, kind)))))


def parts(kind: type[T], **columns: Sequence[Any]) -> Sequence[T | None]:
    """What is kept in some columns of a larger thing: None where there is nothing in the first of them."""
    there = next(iter(columns.values()))
    if not any(there):
        return [None] * len(there)
    return [part if has else None for part, has in zip(shaped(kind, columns), there, strict=True)]


def read(kind: type[T], values: Sequence[Any]) -> Sequence[T]:
    """One column, as what it has to become."""
    reading = _reading(cast(Any, kind))
    return reading(values) if reading is not None else values


def made(kind: type[T], value: Any) -> T:
    """A value of `kind` from a row, or from one column."""
    built: T = _hook(cast(Any, kind))(value, kind)
    return built


def text_of(value: UUID) -> str:
    """An id as SQLite has it. The same few rooms, workspaces and people are in most rows."""
    return _text_of(value.int)


@lru_cache(REMEMBERED)
def _text_of(number: int) -> str:
    """The text of a UUID by its number, which is looked up faster."""
    return str(UUID(int=number))


_uuid_of = lru_cache(REMEMBERED)(UUID)
_FACTORY: Any = attrs.Factory


def _column(field: "attrs.Attribute[Any]", columns: Columns, given: Columns) -> Any:
    name = field.name
    if name in given:
        return given[name]
    if name in columns:
        reading = _reading(cast(Any, field.type))
        return reading(columns[name]) if reading is not None else columns[name]
    default: Any = field.default
    if default is attrs.NOTHING:
        raise KeyError(name)
    if isinstance(default, _FACTORY):
        return [default.factory() for _ in next(iter(columns.values()))]
    return repeat(default)


@lru_cache(REMEMBERED)
def _fields_of(kind: type[Any]) -> "Sequence[attrs.Attribute[Any]]":
    fields: Sequence[attrs.Attribute[Any]] = attrs.fields(attrs.resolve_types(kind))
    return fields


@lru_cache(REMEMBERED)
def _reading(type_: Any) -> Reading | None:
    """None where a column is what it should be, whatever the store."""
    if get_origin(type_) in {Union, UnionType}:
        of = [one for one in get_args(type_) if one is not NoneType]
        return _reading(of[0]) if len(of) == 1 else Reading((), _maker(type_))
    type_ = getattr(type_, "__supertype__", type_)
    if type_ in {str, int, bytes}:
        return None
    if isinstance(type_, type) and issubclass(type_, Enum):
        return Reading(type_, {member.value: member for member in type_}.__getitem__)
    return Reading(type_, _ONE[type_]) if type_ in _ONE else Reading((), _maker(type_))


_ONE: Mapping[Any, Callable[[Any], Any]] = {UUID: _uuid_of, datetime: datetime.fromisoformat, bool: bool}


def _maker(type_: Any) -> Callable[[Any], Any]:
    return lambda value: made(type_, value)


def _uuid(value: Any, _: Any) -> UUID:
    return value if isinstance(value, UUID) else _uuid_of(value)


def _time(value: Any, _: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _rows() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    converter.register_structure_hook(UUID, _uuid)
    converter.register_structure_hook(datetime, _time)
    return converter


ROWS = _rows()
_hook = lru_cache(REMEMBERED)(ROWS.get_structure_hook)
