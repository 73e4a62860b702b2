"""Pins: a bounded number in a room, each once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict
from parlour.domain.messages.message import Message, Pin
from parlour.domain.messages.pins import pinned, unpinned
from parlour.testing.entities import messages
from parlour.testing.strategies import NOON, USERS

pytestmark = pytest.mark.row("MS4")

FIRST, THEN = Pin(NOON, USERS[0]), Pin(NOON + timedelta(minutes=1), USERS[1])


@given(messages(), st.integers(0, 6), st.integers(1, 5))
def test_a_room_has_so_many(message: Message, there: int, most: int) -> None:
    if there < most:
        assert pinned(message, FIRST, there, most).pin == FIRST
    else:
        with pytest.raises(Conflict) as error:
            pinned(message, FIRST, there, most)
        assert error.value.code == "too_many_pins"


@given(messages())
def test_a_pin_that_is_there_stays_also_in_a_full_room_and_what_has_none_loses_none(message: Message) -> None:
    once = pinned(message, FIRST, 0, 1)
    assert pinned(once, THEN, 1, 1) is once
    assert unpinned(once) == message
    assert unpinned(message) is message


@given(messages())
def test_a_deleted_message_has_none_and_takes_none(message: Message) -> None:
    gone = pinned(message, FIRST, 0, 1).deleted(NOON)
    assert gone.pin is None
    for change in (lambda: pinned(gone, FIRST, 0, 1), lambda: unpinned(gone)):
        with pytest.raises(Conflict) as error:
            change()
        assert error.value.code == "message_deleted"
