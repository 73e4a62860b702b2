"""The codec on msgspec: fast where input is right, thorough where it is wrong."""

import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs
import msgspec

from ...application.kernel.constraints import Printable
from ...application.kernel.ports import EMPTY, M
from ...domain.kernel.errors import Fault, Invalid
from .faults import faults, pointer
from .mirror import mirror, original

T = TypeVar("T")

MOST = 20  # places told of one input: finding more costs more than it helps

_ENCODER = msgspec.json.Encoder()
_CANONICAL = msgspec.json.Encoder(order="deterministic")
_ANY = msgspec.json.Decoder()


class MsgspecCodec:
    """`Codec` by msgspec."""

    def encode(self, value: Any) -> bytes:
        return _ENCODER.encode(value)

    def canonical(self, value: Any) -> bytes:
        return _CANONICAL.encode(value)

    def decode(self, data: bytes | str, kind: type[T]) -> T:
        decoded: T = _decoder(cast(Any, kind)).decode(data)
        return decoded

    def parse(self, data: bytes | str) -> Any:
        try:
            return _ANY.decode(data)
        except RecursionError:
            detail = "The JSON is nested too deep."
        except UnicodeDecodeError as error:
            detail = f"The bytes at {error.start} are not UTF-8."
        except msgspec.DecodeError as error:
            detail = str(error)
        raise Invalid(Fault("", "malformed", detail), message="This is not JSON.", code="malformed")

    def build(self, kind: type[T], data: Mapping[str, Any], texts: Mapping[str, Any] = EMPTY) -> T:
        struct = mirror(cast(Any, kind))
        if not isinstance(data, Mapping):
            raise Invalid(Fault("", "type", "Expected an object."))
        given = {**data, **_from_texts(struct, texts)} if texts else data
        try:
            mirrored = msgspec.convert(given, struct)
        except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
            found = list(islice(faults(given, struct), MOST))
            raise Invalid(*found or [Fault("", "value", str(error))]) from None
        built: T = _original(kind, mirrored, given)
        self._check(kind, built)
        return built

    def check(self, message: M) -> M:
        kind: Any = type(message)
        try:
            mirrored = msgspec.convert(message, mirror(kind), from_attributes=True)
        except (msgspec.ValidationError, UnicodeError) as error:
            given = attrs.asdict(cast(Any, message), filter=lambda a, _: a.name != "fields")
            found = list(islice(faults(given, mirror(kind)), MOST))
            raise Invalid(*found or [Fault("", "value", str(error))]) from None
        checked: M = _original(kind, mirrored, getattr(message, "fields", ()))
        self._check(kind, checked)
        return checked

    def _check(self, kind: type, built: Any) -> None:
        wrong = list(_broken(kind, built, ()))
        if wrong:
            raise Invalid(*wrong)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _original(kind: Any, mirrored: Any, given: Iterable[str]) -> Any:
    if any(a.name == "fields" for a in attrs.fields(kind)):
        values = {name: original(getattr(mirrored, name)) for name in mirrored.__struct_fields__}
        return kind(**values, fields=frozenset(given))
    return original(mirrored)


def _from_texts(struct: type[msgspec.Struct], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a path or query string: a text is taken as it is where it fits, and read as what is wanted otherwise."""
    hints = {f.name: f.type for f in msgspec.structs.fields(struct)}
    return {name: _from_text(value, hints[name]) if name in hints else value for name, value in texts.items()}


def _from_text(value: Any, hint: Any) -> Any:
    listed = _is_list(hint)
    if listed and not isinstance(value, list):
        value = [value]
    for strict in (True, False):
        try:
            return msgspec.convert(value, hint, strict=strict)
        except (msgspec.ValidationError, UnicodeError):
            continue
    return _as_number(value, hint)


def _as_number(value: Any, hint: Any) -> Any:
    """What a text says where a number is wanted that it breaks a rule of: the rule is to be told, not that it is text."""
    if isinstance(value, str) and get_origin(hint) is Annotated and get_args(hint)[0] is int:
        with suppress(msgspec.ValidationError):
            return msgspec.convert(value, int, strict=False)
    return value


def _is_list(hint: Any) -> bool:
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return get_origin(inner) is list


@cache
def _marked(kind: type) -> list[tuple[str, list[Printable]]]:
    """The fields whose rules msgspec does not know, and those that hold objects of ours."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for a in attrs.fields(kind):
        rules = [m for m in _markers(hints[a.name]) if isinstance(m, Printable)]
        if rules or _holds_attrs(hints[a.name]):
            found.append((a.name, rules))
    return found


def _markers(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Annotated:
        yield from get_args(hint)[1:]
    if get_origin(hint) in {Union, types.UnionType, Annotated}:
        for arg in get_args(hint):
            yield from _markers(arg)


def _holds_attrs(hint: Any) -> bool:
    if isinstance(hint, type) and attrs.has(hint):
        return True
    return any(_holds_attrs(a) for a in get_args(hint))


def _broken(kind: type, value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    for name, rules in _marked(kind):
        part = getattr(value, name)
        for rule in rules:
            if part is not None and (broken := rule.check(part)) is not None:
                yield Fault(pointer(*path, name), *broken)
        for n, item in enumerate(part if isinstance(part, list) else [part]):
            if attrs.has(type(item)):
                place = (*path, name, n) if isinstance(part, list) else (*path, name)
                yield from _broken(type(item), item, place)
