"""Markers for `typing.Annotated`: what a value must be, said once for decoding, the API descriptions and the library."""

import re
from datetime import datetime
from typing import Annotated, Any

from attrs import frozen

from ...domain.kernel.text import NAME_CHARACTERS, unprintable
from ...domain.kernel.times import OUTSIDE, in_utc


@frozen
class Length:
    """How many characters a text, or entries a list, may have."""

    low: int = 0
    high: int | None = None

    def check(self, value: Any) -> tuple[str, str] | None:
        if len(value) < self.low:
            return "length", f"Must have at least {self.low:,}."
        if self.high is not None and len(value) > self.high:
            return "length", f"Must have at most {self.high:,}."
        return None


@frozen
class Between:
    """The least and the greatest number allowed."""

    low: int | None = None
    high: int | None = None

    def check(self, value: Any) -> tuple[str, str] | None:
        if self.low is not None and value < self.low:
            return "range", f"Must be at least {self.low:,}."
        if self.high is not None and value > self.high:
            return "range", f"Must be at most {self.high:,}."
        return None


@frozen
class Aware:
    """A time that says its offset from UTC, and is one in UTC as well."""

    def check(self, value: datetime) -> tuple[str, str] | None:
        if value.utcoffset() is None:
            return "timezone", "A time must say its offset from UTC, for example Z."
        return ("range", OUTSIDE) if in_utc(value) is None else None


@frozen
class Printable:
    """No control characters, no NUL, no half surrogate pairs; line breaks only where `lines` are allowed."""

    lines: bool = False

    def check(self, value: str) -> tuple[str, str] | None:
        bad = unprintable(value, lines=self.lines)
        return ("character", f"Cannot hold the character {bad}.") if bad is not None else None


@frozen
class Pattern:
    """A text that a regular expression describes from end to end."""

    regex: str
    what: str

    def check(self, value: str) -> tuple[str, str] | None:
        return None if re.fullmatch(self.regex, value) else ("format", f"Must be {self.what}.")


Name = Annotated[str, Length(1, NAME_CHARACTERS), Printable()]
