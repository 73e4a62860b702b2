"""Commands and queries mirrored as msgspec structs: constraints become msgspec's, unknown fields are refused."""

import types
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from msgspec import Meta, Struct

from ...application.kernel.constraints import Aware, Between, Length, Pattern

ORIGINS: dict[type[Struct], type] = {}
NOT_SENT = {"fields"}


@cache
def mirror(kind: type) -> type[Struct]:
    """The struct that stands for an attrs class while it is decoded."""
    hints = get_type_hints(kind, include_extras=True)
    columns: list[Any] = []
    for a in attrs.fields(kind):
        if a.name in NOT_SENT:
            continue
        column: tuple[Any, ...] = (a.name, mirrored(hints[a.name]))
        if isinstance(a.default, attrs.Factory):  # type: ignore[arg-type] # Factory is a class, stubbed as a function
            column += (msgspec.field(default_factory=a.default.factory),)
        elif a.default is not attrs.NOTHING:
            column += (a.default,)
        columns.append(column)
    struct = msgspec.defstruct(
        kind.__name__, columns, forbid_unknown_fields=True, kw_only=True, namespace={"__doc__": kind.__doc__}
    )
    ORIGINS[struct] = kind
    return struct


def mirrored(hint: Any) -> Any:
    """A type with attrs classes replaced by their mirrors, and the kernel's markers by msgspec's."""
    if isinstance(hint, NewType):
        return mirrored(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner = mirrored(args[0])
        meta = [m for m in map(_meta, args[1:]) if m is not None]
        return Annotated[(inner, *meta)] if meta else inner
    if origin in {Union, types.UnionType}:
        return Union[tuple(mirrored(a) for a in args)]  # noqa: UP007 - built from a list
    if origin is Literal or origin is None:
        return mirror(hint) if attrs.has(hint) else hint
    return origin[tuple(mirrored(a) for a in args)]


def _meta(marker: Any) -> Meta | None:
    match marker:
        case Length(low, high):
            return Meta(min_length=low or None, max_length=high)
        case Between(low, high):
            return Meta(ge=low, le=high)
        case Aware():
            return Meta(tz=True)
        case Pattern(regex):
            return Meta(pattern=f"^(?:{regex})$")
        case _:
            return None


def original(value: Any) -> Any:
    """The attrs object that a struct stands for, all the way down."""
    if isinstance(value, Struct):
        kind = ORIGINS[type(value)]
        return kind(**{name: original(getattr(value, name)) for name in value.__struct_fields__})
    if isinstance(value, list):
        return [original(v) for v in value]
    return value
