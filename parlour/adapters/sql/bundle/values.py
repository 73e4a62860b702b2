"""Values as they stand in a bundle: one spelling for each, whatever the engine keeps."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from attrs import frozen

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_BIGGEST = 2**63


@frozen
class Kind:
    """What a column holds. `write` turns what an engine gives into what stands in JSON; `read` turns that into a plain
    Python value, and raises `ValueError` when it is not spelt as `write` would."""

    name: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _write_time(value: Any) -> str:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _write_bytes(value: Any) -> str:
    return base64.b64encode(value).decode()


@lru_cache(65_536)
def _id(text: str) -> UUID:
    """The same few rooms, workspaces and people are in most rows."""
    return UUID(text)


def _read_id(value: Any) -> UUID:
    if not _ID.fullmatch(_read_text(value)):
        raise ValueError("an id is written in small letters, 8-4-4-4-12")
    return _id(value)


def _read_time(value: Any) -> datetime:
    if not _TIME.fullmatch(_read_text(value)):
        raise ValueError("a time is written in UTC with microseconds: 2026-01-31T12:00:00.000000Z")
    return datetime.fromisoformat(value)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false was expected")
    return value


def _read_bytes(value: Any) -> bytes:
    try:
        found = base64.b64decode(_read_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError("bytes are written in base64") from error
    if _write_bytes(found) != value:
        raise ValueError("bytes are written in base64, with nothing left over")
    return found


def _read_number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_BIGGEST <= value < _BIGGEST:
        raise ValueError("a whole number of 64 bits was expected")
    return value


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text was expected")
    return value


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("id", str, _read_id),
        Kind("time", _write_time, _read_time),
        Kind("flag", bool, _read_flag),
        Kind("bytes", _write_bytes, _read_bytes),
        Kind("number", int, _read_number),
        Kind("text", str, _read_text),
    )
}
