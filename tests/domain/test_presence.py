"""What others see of somebody: a rule of the choice, its end, and whether anybody is there."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.ids import UserId
from parlour.domain.presence.presence import Availability, Presence, PresenceState

pytestmark = pytest.mark.row("RT8")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ME = UserId(UUID(int=1))
ENDS = st.none() | st.integers(-100, 100).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.sampled_from(Availability), ENDS, st.booleans())
def test_nobody_is_seen_who_is_not_there_or_does_not_want_to_be(
    state: Availability, until: datetime | None, connected: bool
) -> None:
    seen = Presence(ME, state, until).seen(NOW, connected=connected)
    holds = until is None or until > NOW
    if not connected or (holds and state is Availability.INVISIBLE):
        assert seen is PresenceState.OFFLINE
    else:
        assert seen.value == (state if holds else Availability.ONLINE).value


@given(st.sampled_from(Availability), ENDS)
def test_a_choice_ends_later_or_not_at_all(state: Availability, until: datetime | None) -> None:
    present = Presence(ME, last_seen_at=NOW)
    if until is None or (until > NOW and state is not Availability.ONLINE):
        assert present.chosen(state, until, NOW) == Presence(ME, state, until, NOW)
    else:
        with pytest.raises(Invalid) as refused:
            present.chosen(state, until, NOW)
        assert [f.pointer for f in refused.value.faults] == ["/until"]
