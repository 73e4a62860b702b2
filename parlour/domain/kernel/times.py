"""Times: kept in UTC, and ends that are yet to come."""

from datetime import UTC, datetime

from .errors import invalid

FIRST = datetime(1, 1, 2, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)
OUTSIDE = "A time lies between 0001-01-02 and 9999-12-31 in UTC."
"""What lies there can be told in the time of every place, so that no store and no reader is ever at a loss."""


def in_utc(at: datetime) -> datetime | None:
    """A time as it is kept; None for one that does not say its offset, or is not between `FIRST` and `LAST`."""
    try:
        told = at.astimezone(UTC) if at.utcoffset() is not None else None
    except OverflowError:
        return None
    return told if told is not None and FIRST <= told < LAST else None


def checked_time(at: datetime, now: datetime, field: str) -> datetime:
    """A time that is yet to come, in UTC; `field` says where it stands in the input."""
    told = in_utc(at)
    if told is None:
        raise invalid(field, "range", OUTSIDE)
    if told <= now:
        raise invalid(field, "past", "This time must lie in the future.")
    return told


def checked_end(end: datetime | None, now: datetime, field: str) -> datetime | None:
    """The same for what need not have an end."""
    return checked_time(end, now, field) if end is not None else None


def lasts(end: datetime | None, now: datetime) -> bool:
    """Whether what ends at a time, or never, still holds: an end that has come counts, whoever has noted it or not."""
    return end is None or end > now
