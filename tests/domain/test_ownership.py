"""The last owner is never lost: machines over the pure rules of rooms and of workspaces."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from parlour.domain.kernel.errors import Conflict
from parlour.domain.kernel.ids import UserId
from parlour.domain.rooms.room import Room, RoomKind, RoomMember, RoomRole, check_may_leave, check_role_change, heir
from parlour.domain.workspaces import workspace as ws
from parlour.domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole, WorkspaceType
from parlour.testing.entities import rooms
from parlour.testing.strategies import NOON, ROOMS, USERS, WORKSPACES, pick

MEMBERS = st.builds(
    lambda user_id, role, minutes: RoomMember(
        WORKSPACES[0],
        ROOMS[0],
        user_id,
        role,
        NOON + timedelta(minutes=minutes),
    ),
    st.uuids().map(UserId),
    st.sampled_from(RoomRole),
    st.integers(0, 3),
)


@pytest.mark.row("RM4")
@given(st.lists(MEMBERS, max_size=6, unique_by=lambda m: m.user_id))
def test_the_heir_is_a_moderator_before_a_member_and_the_longest_there(members: list[RoomMember]) -> None:
    found = heir(members)
    rest = [m for m in members if m.role is not RoomRole.OWNER]
    assert (found is None) == (not rest)
    for other in rest:
        assert found is not None
        assert found.role.rank >= other.role.rank
        if found.role is other.role:
            assert (found.joined_at, str(found.user_id)) <= (other.joined_at, str(other.user_id))


@given(st.lists(MEMBERS, max_size=6, unique_by=lambda m: m.user_id), st.randoms())
def test_the_heir_does_not_depend_on_the_order_asked_in(members: list[RoomMember], chance: object) -> None:
    assert heir(members) == heir(members[::-1])


def refusal(check: Callable[[], None]) -> str | None:
    """The code of the conflict, which can only be that the last owner would be lost."""
    code = None
    try:
        check()
    except Conflict as error:
        code = error.code
    assert code in {None, "last_owner"}
    return code


class Ownership(RuleBasedStateMachine):
    """Members of a room come, go, are thrown out and change roles as the handlers do it, by the rules alone."""

    room: Room | None = None

    @initialize(new=rooms(RoomKind.GROUP, RoomKind.PRIVATE_CHANNEL, RoomKind.PUBLIC_CHANNEL))
    def found(self, new: tuple[Room, list[RoomMember]]) -> None:
        self.room, self.members = new[0], {m.user_id: m for m in new[1]}
        self.minutes = 0

    @rule(user_id=pick(USERS))
    def somebody_comes(self, user_id: UserId) -> None:
        assert self.room is not None
        self.minutes += 1
        joined = NOON + timedelta(minutes=self.minutes)
        came = RoomMember(self.room.workspace_id, self.room.id, user_id, RoomRole.MEMBER, joined)
        self.members.setdefault(user_id, came)

    @rule(user_id=pick(USERS))
    def somebody_leaves(self, user_id: UserId) -> None:
        if user_id in self.members and self._may(lambda: check_may_leave(self._room, self.members[user_id])):
            del self.members[user_id]

    @rule(user_id=pick(USERS), role=st.sampled_from(RoomRole))
    def somebody_gets_another_role(self, user_id: UserId, role: RoomRole) -> None:
        if user_id in self.members and self._may(lambda: check_role_change(self._room, self.members[user_id], role)):
            if role is RoomRole.OWNER:
                self._hand_over(user_id)
            else:
                self.members[user_id] = self.members[user_id].with_role(role)

    @rule(user_id=pick(USERS))
    def somebody_must_go(self, user_id: UserId) -> None:
        member = self.members.get(user_id)
        if member is None:
            return
        if member.role is RoomRole.OWNER:
            following = heir(self.members.values())
            if following is None:
                self.room = self._room.owned_by(None)
            else:
                self._hand_over(following.user_id)
        del self.members[user_id]

    def _hand_over(self, user_id: UserId) -> None:
        former = self._room.owner_id
        if former in self.members:
            self.members[former] = self.members[former].with_role(RoomRole.MODERATOR)
        self.members[user_id] = self.members[user_id].with_role(RoomRole.OWNER)
        self.room = self._room.owned_by(user_id)

    @property
    def _room(self) -> Room:
        assert self.room is not None
        return self.room

    def _may(self, check: Callable[[], None]) -> bool:
        return refusal(check) is None

    @invariant()
    def there_is_one_owner_while_anybody_who_was_there_stays(self) -> None:
        if self.room is None:
            return
        owners = [m.user_id for m in self.members.values() if m.role is RoomRole.OWNER]
        assert owners == ([self.room.owner_id] if self.room.owner_id is not None else [])
        if self.room.owner_id is None:
            assert all(m.role is not RoomRole.OWNER for m in self.members.values())


@pytest.mark.row("RM4")
class TestOwnership(Ownership.TestCase):  # type: ignore[misc, valid-type]
    """The machine, run by pytest."""


def test_the_machine_would_see_an_owner_lost() -> None:
    """The control: with a rule that lets owners leave, the invariant breaks."""
    machine = Ownership()
    room = Room(ROOMS[0], WORKSPACES[0], RoomKind.GROUP, None, "", None, USERS[0], NOON, NOON, 1)
    machine.found((room, [RoomMember(WORKSPACES[0], ROOMS[0], USERS[0], RoomRole.OWNER, NOON)]))
    machine.members.pop(USERS[0])
    with pytest.raises(AssertionError):
        machine.there_is_one_owner_while_anybody_who_was_there_stays()


@pytest.mark.row("WS2")
@given(st.lists(st.tuples(pick(USERS), st.sampled_from(WorkspaceRole), st.booleans()), max_size=20))
def test_a_workspace_keeps_its_owner_whatever_is_tried(tries: list[tuple[UserId, WorkspaceRole, bool]]) -> None:
    home = Workspace(WORKSPACES[0], "a", "a", WorkspaceType.TEAM, USERS[0], NOON)
    first = WorkspaceMember(home.id, USERS[0], WorkspaceRole.OWNER, NOON)
    members = {USERS[0]: first}
    for user_id, role, leaves in tries:
        member = members.setdefault(user_id, WorkspaceMember(home.id, user_id, WorkspaceRole.MEMBER, NOON))
        check = partial(ws.check_may_leave, member) if leaves else partial(ws.check_role_change, member, role)
        if refusal(check):
            assert user_id == home.owner_id
            continue
        if leaves:
            del members[user_id]
        elif role is WorkspaceRole.OWNER:
            members[home.owner_id] = members[home.owner_id].with_role(WorkspaceRole.ADMIN)
            members[user_id], home = member.with_role(role), home.owned_by(user_id)
        else:
            members[user_id] = member.with_role(role)
        assert [m.user_id for m in members.values() if m.role is WorkspaceRole.OWNER] == [home.owner_id]
