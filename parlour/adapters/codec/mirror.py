"""Commands and queries mirrored as msgspec structs: constraints become msgspec's, unknown fields are refused."""

import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from msgspec import Meta, Struct

from ...application.kernel.constraints import Between, Length, Pattern

ORIGINS: dict[type[Struct], type] = {}
NOT_SENT = {"fields"}
NESTING = (Struct, list)
NOTHING: Mapping[Any, Any] = types.MappingProxyType({})


@cache
def mirror(kind: Any, *, shown: bool = False) -> type[Struct]:
    """The struct that stands for an attrs class while it is decoded, or, `shown`, in descriptions: there nothing that is
    answered is ever left out."""
    arguments, kind = get_args(kind), get_origin(kind) or kind
    hints = get_type_hints(kind, include_extras=True)
    means = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=False))
    columns: list[Any] = []
    for a in attrs.fields(kind):
        if a.name in NOT_SENT:
            continue
        column: tuple[Any, ...] = (a.name, mirrored(hints[a.name], means, shown=shown))
        if shown:
            pass
        elif isinstance(a.default, attrs.Factory):  # type: ignore[arg-type] # Factory is a class, stubbed as a function
            column += (msgspec.field(default_factory=a.default.factory),)
        elif a.default is not attrs.NOTHING:
            column += (a.default,)
        columns.append(column)
    name = "".join([*(a.__name__.removesuffix("View") for a in arguments), kind.__name__])
    struct = msgspec.defstruct(
        name, columns, forbid_unknown_fields=not shown, kw_only=True, namespace={"__doc__": kind.__doc__}
    )
    ORIGINS[struct] = kind
    return struct


def mirrored(hint: Any, means: Mapping[Any, Any] = NOTHING, *, shown: bool = False) -> Any:
    """A type with attrs classes replaced by their mirrors, and the kernel's markers by msgspec's; `means` is what type
    variables stand for. Times always say their offset."""

    def inner(part: Any) -> Any:
        return mirrored(part, means, shown=shown)

    if isinstance(hint, NewType):
        return inner(hint.__supertype__)
    if hint in means:
        return inner(means[hint])
    if hint is datetime:
        return Annotated[datetime, Meta(tz=True)]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        plain = inner(args[0])
        meta = [m for m in map(_meta, args[1:]) if m is not None]
        return Annotated[(plain, *meta)] if meta else plain
    if origin in {Union, types.UnionType}:
        return Union[tuple(inner(a) for a in args)]  # noqa: UP007 - built from a list
    if attrs.has(origin or hint):
        return mirror(hint, shown=shown)
    if origin is Literal or origin is None:
        return hint
    return origin[tuple(inner(a) for a in args)]


def _meta(marker: Any) -> Meta | None:
    match marker:
        case Length(low, high):
            return Meta(min_length=low or None, max_length=high)
        case Between(low, high):
            return Meta(ge=low, le=high)
        case Pattern(regex):
            return Meta(pattern=f"^(?:{regex})$")
        case _:
            return None


def original(value: Any) -> Any:
    """The attrs object that a struct stands for, all the way down."""
    if isinstance(value, Struct):
        parts = {}
        for name in value.__struct_fields__:
            part = getattr(value, name)
            parts[name] = original(part) if isinstance(part, NESTING) else part
        return ORIGINS[type(value)](**parts)
    if isinstance(value, list):
        return [original(v) for v in value]
    return value
