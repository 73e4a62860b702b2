"""Times as they are kept, and ends that are yet to come."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.times import FIRST, LAST, checked_end, checked_time, in_utc, lasts
from parlour.testing.strategies import NOON, times

pytestmark = pytest.mark.row("OP7")

ZONES = st.builds(timezone, st.integers(-1439, 1439).map(lambda minutes: timedelta(minutes=minutes)))
EVERYWHERE = st.datetimes(timezones=ZONES)


class Nowhere(tzinfo):
    """A zone that knows no offset."""

    def utcoffset(self, at: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@given(EVERYWHERE, ZONES)
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14))), timezone.max)
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), timezone.max)
@example(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), timezone.min)
@example(datetime(1, 1, 1, tzinfo=UTC), timezone.min)
def test_what_is_kept_is_the_same_moment_in_utc_and_can_be_told_everywhere(at: datetime, zone: timezone) -> None:
    kept = in_utc(at)
    if kept is None:
        assert not FIRST + timedelta(days=1) < at < LAST - timedelta(days=1), "only the outermost days are refused"
    else:
        assert (kept, kept.utcoffset()) == (at, timedelta(0))
        assert kept.astimezone(zone) == at


@pytest.mark.parametrize("at", [NOON.replace(tzinfo=None), NOON.replace(tzinfo=Nowhere())], ids=["naive", "nowhere"])
def test_a_time_without_an_offset_is_none(at: datetime) -> None:
    assert in_utc(at) is None


@given(times(), times(), ZONES)
def test_an_end_is_one_to_come_wherever_it_is_told(at: datetime, now: datetime, zone: timezone) -> None:
    told = at.astimezone(zone)
    if at > now:
        kept = checked_time(told, now, "until")
        assert (kept, kept.utcoffset()) == (at, timedelta(0))
        assert checked_end(told, now, "until") == at
    else:
        with pytest.raises(Invalid) as error:
            checked_end(told, now, "expires_at")
        assert [(f.pointer, f.code) for f in error.value.faults] == [("/expires_at", "past")]
    assert lasts(at, now) == (at > now)


def test_there_need_be_no_end() -> None:
    assert checked_end(None, NOON, "until") is None
    assert lasts(None, NOON)


def test_an_end_that_utc_cannot_hold_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as error:
        checked_end(datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-14))), NOON, "status/until")
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/status/until", "range")]
