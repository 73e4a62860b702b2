"""Who may be removed, muted and banned by whom: one rule of ranks, tried on every pair."""

from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict, Forbidden, Invalid
from parlour.domain.rooms.moderation import (
    RoomBan,
    check_moderated,
    check_outranks,
    checked_reason,
    rank_in,
)
from parlour.domain.rooms.room import Room, RoomKind, RoomMember, RoomRole
from parlour.testing.entities import rooms
from parlour.testing.strategies import NOON, ROOMS, USERS, WORKSPACES, times
from parlour.testing.text import unfit

pytestmark = pytest.mark.row("RM4")

KINDS, ROLES, THERE = tuple(RoomKind), (None, *RoomRole), (0, 1, 2, 3)
MEMBER = RoomMember(WORKSPACES[0], ROOMS[0], USERS[0], RoomRole.MEMBER, NOON)


def outranks(by: int, over: int) -> bool:
    with suppress(Forbidden):
        check_outranks(by, over)
        return True
    return False


def standing(kind: RoomKind, role: RoomRole | None, there: int) -> str:
    """Who somebody is in a room, in the order of the words below."""
    if kind.is_channel and there > 1:
        return "administrator" if there == 2 else "owner of the workspace"
    return str(role) if role is not None else "outside"


ORDER = ["outside", "member", "moderator", "owner", "administrator", "owner of the workspace"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_goes_by_the_order_of_ranks(kind: RoomKind) -> None:
    for by, over in product(product(ROLES, THERE), repeat=2):
        expected = ORDER.index(standing(kind, *by)) > ORDER.index(standing(kind, *over))
        assert outranks(rank_in(kind, *by), rank_in(kind, *over)) == expected, (by, over)


STANDINGS = st.tuples(st.sampled_from(ROLES), st.sampled_from(THERE))


@given(st.sampled_from(KINDS), STANDINGS, STANDINGS, STANDINGS)
def test_nobody_is_above_themselves_and_the_order_has_no_circle(kind: RoomKind, a: Any, b: Any, c: Any) -> None:
    one, two, three = (rank_in(kind, *who) for who in (a, b, c))
    assert not outranks(one, one)
    assert not (outranks(one, two) and outranks(two, one))
    assert not (outranks(one, two) and outranks(two, three)) or outranks(one, three)


@given(rooms())
def test_an_owner_is_never_moderated_and_a_direct_room_has_no_order(new: tuple[Room, list[RoomMember]]) -> None:
    room, _ = new
    if room.kind is RoomKind.DIRECT:
        with pytest.raises(Conflict) as error:
            check_moderated(room, RoomRole.MEMBER)
        assert error.value.code == "direct_room"
        return
    check_moderated(room, RoomRole.MODERATOR)
    check_moderated(room, None)
    with pytest.raises(Conflict) as error:
        check_moderated(room, RoomRole.OWNER)
    assert error.value.code == "last_owner"
    with pytest.raises(Conflict) as error:
        check_moderated(evolve(room, archived_at=NOON), RoomRole.MEMBER)
    assert error.value.code == "room_archived"


@given(st.none() | times(), times())
def test_an_end_counts_from_its_moment_on(until: Any, now: Any) -> None:
    ban = RoomBan(WORKSPACES[0], ROOMS[0], USERS[1], USERS[0], NOON, until)
    assert MEMBER.muted_till(until).silent(now) == ban.holds(now) == (until is None or now < until)
    assert not MEMBER.silent(now)
    assert not MEMBER.muted_till(until).unmuted().silent(now)
    assert MEMBER.muted_till(until).with_role(RoomRole.MODERATOR).muted
    assert not MEMBER.muted_till(until).with_role(RoomRole.OWNER).muted


def test_a_reason_is_text() -> None:
    assert checked_reason("two\nlines") == "two\nlines"
    with pytest.raises(Invalid):
        checked_reason("x" * 501)


@given(unfit(lines=True))
def test_a_reason_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_reason(text[:500])
    assert error.value.faults[0].pointer == "/reason"
