"""A room as its member has it: read marks by numbers, favourites in an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict, Invalid
from parlour.domain.kernel.ids import RoomId
from parlour.domain.rooms.own import FAVOURITES_AT_MOST, ReadMark, placed, read_to, unread, unread_from
from parlour.testing.strategies import stand_in

ROOMS = [RoomId(stand_in(3, n)) for n in range(8)]
pytestmark = pytest.mark.row("RM5")


@st.composite
def marks(draw: st.DrawFn) -> tuple[int, ReadMark]:
    """A room's head, and a mark in it."""
    head = draw(st.integers(0, 100))
    return head, ReadMark(draw(st.integers(0, head)))


@given(marks(), st.none() | st.integers(1, 120))
def test_reading_on_never_goes_back_and_never_past_the_head(at: tuple[int, ReadMark], number: int | None) -> None:
    head, mark = at
    if number is not None and number > head:
        with pytest.raises(Invalid) as refused:
            read_to(mark, head, number)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [("/number", "past_the_head")]
        return
    read = read_to(mark, head, number)
    assert mark.number <= read <= head
    assert read >= (head if number is None else number)
    assert read in (mark.number, head if number is None else number), "nothing else is marked"


@given(marks(), st.integers(1, 120))
def test_unreading_never_goes_on(at: tuple[int, ReadMark], number: int) -> None:
    head, mark = at
    if number > head:
        with pytest.raises(Invalid):
            unread_from(mark, head, number)
        return
    read = unread_from(mark, head, number)
    assert 0 <= read <= mark.number
    assert read < number
    assert read in (mark.number, number - 1)


@given(marks())
def test_what_is_unread_is_what_has_a_number_behind_the_mark(at: tuple[int, ReadMark]) -> None:
    head, mark = at
    assert unread(head, mark) == sum(number > mark.number for number in range(1, head + 1))


@given(st.lists(st.sampled_from(ROOMS), unique=True), st.sampled_from(ROOMS), st.none() | st.integers(0, 9))
def test_a_favourite_is_put_at_its_place_and_the_others_keep_their_order(
    favourites: list[RoomId], room_id: RoomId, place: int | None
) -> None:
    after = placed(favourites, room_id, place)
    rest = [r for r in favourites if r != room_id]
    assert [r for r in after if r != room_id] == rest
    assert after.index(room_id) == min(len(rest) if place is None else place, len(rest))


def test_favourites_are_not_too_many() -> None:
    full = [RoomId(stand_in(3, n)) for n in range(FAVOURITES_AT_MOST)]
    assert len(placed(full, full[7], 0)) == FAVOURITES_AT_MOST, "one of them moves"
    with pytest.raises(Conflict) as refused:
        placed(full, RoomId(stand_in(3, 1000)), None)
    assert refused.value.code == "too_many_favourites"
