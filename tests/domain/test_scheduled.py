"""Messages that are to be sent later: only at a time to come, and not after they were refused."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.ids import ScheduledId
from parlour.domain.messages.scheduled import Scheduled
from parlour.testing.strategies import NOON, ROOMS, USERS, WORKSPACES, stand_in, times

pytestmark = pytest.mark.row("MS4")

ONE = Scheduled(ScheduledId(stand_in(8, 0)), WORKSPACES[0], ROOMS[0], USERS[0], "hi", NOON + timedelta(hours=1), NOON)


@given(times(), times())
def test_it_is_changed_to_a_time_to_come(at: datetime, now: datetime) -> None:
    if at > now:
        assert ONE.changed("hi", at, now, 100).send_at == at
    else:
        with pytest.raises(Invalid) as error:
            ONE.changed("hi", at, now, 100)
        assert [(f.pointer, f.code) for f in error.value.faults] == [("/send_at", "past")]


@given(st.integers(-5, 5))
def test_it_is_due_from_its_time_on_unless_it_was_refused(minutes: int) -> None:
    now = ONE.send_at + timedelta(minutes=minutes)
    assert ONE.due(now) == (minutes >= 0)
    refused = ONE.undone("not_in_room")
    assert not refused.due(now)
    again = refused.changed("other words", now + timedelta(minutes=1), now, 100)
    assert (again.reason, again.content, again.due(now)) == (None, "other words", False)
