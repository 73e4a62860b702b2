"""One table from the domain's errors to problem+json, error frames and exit codes."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..domain.kernel.errors import Category, DomainError, Invalid, TooMany, Unavailable


@frozen
class Shown:
    """How a category of errors is shown: the HTTP status, its title, and the exit code of the command line."""

    status: int
    title: str
    exit: int


TABLE: Mapping[Category, Shown] = {
    Category.INVALID: Shown(400, "Not valid", 2),
    Category.UNAUTHENTICATED: Shown(401, "Not signed in", 77),
    Category.FORBIDDEN: Shown(403, "Not allowed", 77),
    Category.NOT_FOUND: Shown(404, "Not found", 66),
    Category.CONFLICT: Shown(409, "Conflict", 1),
    Category.TOO_LARGE: Shown(413, "Too large", 65),
    Category.UNPROCESSABLE: Shown(422, "Cannot be meant", 65),
    Category.TOO_MANY: Shown(429, "Too many", 75),
    Category.UNAVAILABLE: Shown(503, "Not available", 75),
}

TYPE = "urn:parlour:problem:"


def problem(error: DomainError, request_id: str) -> dict[str, Any]:
    """The error as problem details (RFC 9457), with a stable `code`, whether to try again, and every place at fault."""
    shown = TABLE[error.category]
    said: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": shown.title,
        "status": shown.status,
        "detail": error.message,
        "code": error.code,
        "retryable": error.retryable,
        "request_id": request_id,
    }
    if isinstance(error, Invalid):
        said["errors"] = [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in error.faults]
    return said


def internal(request_id: str) -> dict[str, Any]:
    """What is said of a failure that nobody foresaw: that it was ours, and the id to find it by in the log."""
    return {
        "type": TYPE + "internal",
        "title": "Failure",
        "status": 500,
        "detail": "Something went wrong here; tell the administrators the request id.",
        "code": "internal",
        "retryable": True,
        "request_id": request_id,
    }


def retry_after(error: DomainError) -> float | None:
    """Seconds to wait before trying again, where the error says."""
    return error.retry_after if isinstance(error, TooMany | Unavailable) else None
