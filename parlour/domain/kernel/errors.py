"""Errors of the domain: each has a stable code for programs, a message for people, and says whether to try again.

Transports map a `Category` to their own words in one table; nothing here knows of HTTP or sockets.
"""

from enum import StrEnum
from typing import ClassVar

from attrs import frozen


class Category(StrEnum):
    """What kind of trouble it is, seen from outside."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNPROCESSABLE = "unprocessable"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """Base of all errors a caller is meant to see."""

    category: ClassVar[Category] = Category.CONFLICT
    default_code: ClassVar[str] = "conflict"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


@frozen
class Fault:
    """One place where input is wrong: a JSON pointer (RFC 6901), a code and a sentence."""

    pointer: str
    code: str
    detail: str


class Invalid(DomainError):
    """The input breaks a rule; `faults` names each place."""

    category = Category.INVALID
    default_code = "invalid"

    def __init__(self, *faults: Fault, message: str = "The input is not valid.", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.faults = faults

    def __str__(self) -> str:
        return " ".join([self.message, *(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults)])


def invalid(field: str, code: str, detail: str) -> Invalid:
    """The input's `field` breaks the rule `code`."""
    return Invalid(Fault(f"/{field}", code, detail))


class Unauthenticated(DomainError):
    """Nobody is signed in, or what was shown does not prove it."""

    category = Category.UNAUTHENTICATED
    default_code = "unauthenticated"


class Forbidden(DomainError):
    """The actor is known, may know of the thing, and still may not do this; the code is the reason."""

    category = Category.FORBIDDEN
    default_code = "forbidden"


class NotFound(DomainError):
    """The thing is not there, or the actor may not know that it is."""

    category = Category.NOT_FOUND
    default_code = "not_found"


class Conflict(DomainError):
    """The thing's state does not allow it."""


class Unprocessable(DomainError):
    """Well formed, but cannot be meant: for one, a key that came before with another body."""

    category = Category.UNPROCESSABLE
    default_code = "unprocessable"


class TooLarge(DomainError):
    """More bytes or entries than a limit allows."""

    category = Category.TOO_LARGE
    default_code = "too_large"


class TooMany(DomainError):
    """A rate limit or a queue is full; `retry_after` is in seconds."""

    category = Category.TOO_MANY
    default_code = "too_many_requests"
    retryable = True

    def __init__(self, message: str, *, retry_after: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something parlour depends on does not work now; trying again may."""

    category = Category.UNAVAILABLE
    default_code = "unavailable"
    retryable = True

    def __init__(self, message: str, *, retry_after: float = 1.0, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Raced(Conflict):
    """Another unit of work was faster; the bus runs the use case again. Seen by a caller only when that never ends."""

    default_code = "raced"
    retryable = True
