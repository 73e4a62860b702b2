"""Rooms: the four kinds, who founds them, names, archiving, leaving and roles."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict, Invalid
from parlour.domain.kernel.ids import UserId
from parlour.domain.rooms.room import (
    Room,
    RoomKind,
    RoomMember,
    RoomRole,
    check_may_leave,
    check_role_change,
    checked_description,
    checked_room_name,
    direct_key_of,
    founding_members,
)
from parlour.testing.entities import rooms
from parlour.testing.strategies import NOON, USERS, pick
from parlour.testing.text import names, unfit

New = tuple[Room, list[RoomMember]]
KINDS = st.sampled_from(RoomKind)
LATER = NOON + timedelta(hours=1)


def refused(kind: RoomKind, members: int) -> bool:
    """The rule of each kind, spelt out: how many are in the room at its creation."""
    allowed = {
        RoomKind.DIRECT: members == 2,
        RoomKind.GROUP: members >= 3,
        RoomKind.PRIVATE_CHANNEL: True,
        RoomKind.PUBLIC_CHANNEL: members == 1,
    }
    return not allowed[kind]


@pytest.mark.row("RM1")
@given(KINDS, pick(USERS), st.lists(pick(USERS), max_size=5))
def test_each_kind_begins_with_as_many_as_it_may(kind: RoomKind, creator: UserId, others: list[UserId]) -> None:
    members = {creator, *others}
    if refused(kind, len(members)):
        with pytest.raises(Invalid) as error:
            founding_members(kind, creator, others)
        assert error.value.faults[0].pointer == "/member_ids"
    else:
        founders = founding_members(kind, creator, others)
        assert founders[0] == creator
        assert sorted(founders) == sorted(members)


@pytest.mark.row("RM1")
def test_nobody_has_a_direct_room_with_oneself() -> None:
    with pytest.raises(Invalid):
        founding_members(RoomKind.DIRECT, USERS[0], [USERS[0]])


@pytest.mark.row("RM1")
@given(rooms())
def test_a_new_room_is_owned_by_its_creator_but_for_a_direct_one(new: New) -> None:
    room, members = new
    owners = [m.user_id for m in members if m.role is RoomRole.OWNER]
    assert owners == ([] if room.kind is RoomKind.DIRECT else [room.owner_id])
    assert room.owner_id == (None if room.kind is RoomKind.DIRECT else USERS[0])
    assert room.members_count == len(members)
    assert all(m.role is RoomRole.MEMBER for m in members if m.user_id != room.owner_id)
    assert not room.archived


@given(pick(USERS), pick(USERS))
def test_a_pair_has_one_name_whoever_begins(one: UserId, other: UserId) -> None:
    assert direct_key_of(one, other) == direct_key_of(other, one)


@given(rooms(RoomKind.DIRECT))
def test_a_direct_room_stays_what_it_is(new: New) -> None:
    room, members = new
    assert room.direct_key == direct_key_of(*(m.user_id for m in members))
    for change in (
        lambda: room.described("name", None, LATER),
        lambda: room.archived_since(LATER),
        lambda: room.deleted(LATER),
        room.check_joinable,
        room.check_takes_members,
        lambda: check_may_leave(room, members[0]),
        lambda: check_role_change(room, members[0], RoomRole.OWNER),
    ):
        with pytest.raises(Conflict) as error:
            change()
        assert error.value.code in {"direct_room", "not_joinable"}


@pytest.mark.row("RM3")
@given(rooms(RoomKind.GROUP, RoomKind.PRIVATE_CHANNEL, RoomKind.PUBLIC_CHANNEL))
def test_an_archived_room_is_read_only_until_it_is_opened_again(new: New) -> None:
    room, _ = new
    archived = room.archived_since(LATER)
    assert archived.archived
    assert archived.archived_since(LATER) is archived
    for check in (archived.check_open, archived.check_takes_members):
        with pytest.raises(Conflict) as error:
            check()
        assert error.value.code == "room_archived"
    assert archived.archived_since(None) == room


@pytest.mark.row("RM1")
@given(rooms())
def test_only_a_public_channel_is_joined_unasked(new: New) -> None:
    room, _ = new
    if room.kind is RoomKind.PUBLIC_CHANNEL:
        room.check_joinable()
        with pytest.raises(Conflict):
            room.archived_since(LATER).check_joinable()
    else:
        with pytest.raises(Conflict, match="Only public channels"):
            room.check_joinable()


@pytest.mark.row("RM3")
@given(names())
def test_channels_need_a_name_groups_may_have_one_direct_rooms_never(name: str) -> None:
    for kind in RoomKind:
        if kind is RoomKind.DIRECT:
            with pytest.raises(Invalid):
                checked_room_name(kind, name)
        else:
            assert checked_room_name(kind, name) == name
    assert checked_room_name(RoomKind.DIRECT, None) is None
    assert checked_room_name(RoomKind.GROUP, None) is None
    for kind in (RoomKind.PRIVATE_CHANNEL, RoomKind.PUBLIC_CHANNEL):
        with pytest.raises(Invalid):
            checked_room_name(kind, None)


@given(unfit() | st.sampled_from(["", "   ", "\u3000", "x" * 256]))
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_room_name(RoomKind.GROUP, name)
    assert error.value.faults[0].pointer == "/name"


@given(unfit(lines=True) | st.just("x" * 2001))
def test_a_description_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        checked_description(text)


def test_a_description_may_have_lines_or_be_missing() -> None:
    assert checked_description("a\nb") == "a\nb"
    assert checked_description("x" * 2000)
    assert checked_description(None) is None


@given(rooms(RoomKind.GROUP, RoomKind.PRIVATE_CHANNEL), names())
def test_another_name_changes_the_key_and_nothing_else_but_the_time(new: New, name: str) -> None:
    room, _ = new
    renamed = room.described(name, room.description, LATER)
    assert (renamed.name, renamed.updated_at, renamed.kind, renamed.owner_id) == (name, LATER, room.kind, room.owner_id)
    assert (renamed.name_key == room.name_key) == (renamed.name_key == (room.name_key or ""))
