"""Everything that is wrong with an input, each place by its JSON pointer."""

import difflib
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from ...domain.kernel.errors import Fault


def pointer(*path: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)


def faults(value: Any, hint: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Each place where `value` is not what `hint` says. msgspec judges; this only asks it about ever smaller parts."""
    struct = _struct_in(hint)
    if struct is not None and isinstance(value, Mapping):
        yield from _in_object(value, struct, path)
    elif (item := _item_of(hint)) is not None and isinstance(value, list):
        found = [f for n, v in enumerate(value) for f in faults(v, item, (*path, n))]
        yield from found or _of_leaf(value, hint, path)
    else:
        yield from _of_leaf(value, hint, path)


def _in_object(value: Mapping[str, Any], struct: type[Struct], path: tuple[str | int, ...]) -> Iterator[Fault]:
    known = {f.name: f for f in msgspec.structs.fields(struct)}
    for name in value:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            yield Fault(pointer(*path, _shown(name)), "unknown_field", f"There is no such field.{hint}")
    for name, field in known.items():
        if name in value:
            yield from faults(value[name], field.type, (*path, name))
        elif field.required:
            yield Fault(pointer(*path, name), "required", "This field is required.")


def _of_leaf(value: Any, hint: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        detail = str(error).split(" - at `")[0].replace("`", "'").removesuffix(".")
        if (words := _words_of(hint)) and detail.startswith("Invalid enum value"):
            detail += f": it is one of {', '.join(words)}"
        code = "type" if detail.startswith("Expected") and "got" in detail else "value"
        yield Fault(pointer(*path), code, f"{detail}.")
    except UnicodeError:
        yield Fault(pointer(*path), "character", "Cannot hold half of a surrogate pair.")


def _words_of(hint: Any) -> list[str]:
    return [str(w.value) for one in _alternatives(hint) if isinstance(one, type) and issubclass(one, Enum) for w in one]


def _struct_in(hint: Any) -> type[Struct] | None:
    for one in _alternatives(hint):
        if isinstance(one, type) and issubclass(one, Struct):
            return one
    return None


def _item_of(hint: Any) -> Any:
    for one in _alternatives(hint):
        if get_origin(one) is list:
            return get_args(one)[0]
    return None


def _alternatives(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _alternatives(get_args(hint)[0])
    if get_origin(hint) in {Union, types.UnionType}:
        return [a for arg in get_args(hint) for a in _alternatives(arg)]
    return [hint]


def _shown(name: Any) -> str:
    return str(name).encode("utf-8", "replace").decode()[:100]
