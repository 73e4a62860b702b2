"""Who may do what, and the reason: the whole table of the built-in roles."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor
from parlour.application.kernel.authorizer import (
    BuiltinPolicy,
    Facts,
    InstanceFacts,
    RoomFacts,
    UserFacts,
    WorkspaceFacts,
    permissions_of,
    require,
)
from parlour.domain.kernel.decisions import Allowed, Refused
from parlour.domain.kernel.errors import Forbidden, NotFound, Unauthenticated
from parlour.domain.kernel.permissions import Permission as P
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind as K
from parlour.domain.rooms.room import RoomRole as R
from parlour.domain.workspaces.workspace import WorkspaceRole as W
from parlour.testing.strategies import ROOMS, USERS, WORKSPACES

POLICY, ALICE = BuiltinPolicy(), Actor(USERS[0])


def room(kind: K, role: R | None, there: W | None = W.MEMBER) -> RoomFacts:
    return RoomFacts(Stream.of_room(WORKSPACES[0], ROOMS[0]), kind, role, there)


def workspace(role: W | None) -> WorkspaceFacts:
    return WorkspaceFacts(Stream.of_workspace(WORKSPACES[0]), role)


def said(permission: P, facts: Facts, actor: Actor = ALICE) -> str:
    """The decision in a word: the reason, with `+` before what is allowed and `?` before what is hidden."""
    match POLICY.decide(actor, permission, facts):
        case Allowed(reason):
            return f"+{reason}"
        case Refused(reason, _, hidden):
            return f"?{reason}" if hidden else f"-{reason}"


PRIVATE, PUBLIC, GROUP, DIRECT = K.PRIVATE_CHANNEL, K.PUBLIC_CHANNEL, K.GROUP, K.DIRECT

TABLE: list[tuple[P, Facts, str]] = [
    # a public channel is read and joined in passing, not written to
    (P.ROOM_READ, room(PUBLIC, None), "+public_channel"),
    (P.ROOM_JOIN, room(PUBLIC, None), "+public_channel"),
    (P.ROOM_MESSAGE_SEND, room(PUBLIC, None), "-not_in_room"),
    (P.ROOM_MESSAGE_SEND, room(PUBLIC, R.MEMBER), "+room_role:member"),
    (P.ROOM_READ, room(PUBLIC, R.OWNER, None), "?not_a_member"),
    # what is private is not there for others, administrators of the workspace included
    *((P.ROOM_READ, room(kind, None, there), "?not_in_room") for kind in (PRIVATE, GROUP, DIRECT) for there in W),
    *((p, room(PRIVATE, None, W.OWNER), "?not_in_room") for p in (P.ROOM_DELETE, P.ROOM_JOIN, P.ROOM_MEMBER_ADD)),
    # administrators of the workspace look after channels, without a voice in them
    (P.ROOM_MESSAGE_DELETE, room(PUBLIC, None, W.ADMIN), "+workspace_role:admin"),
    (P.ROOM_TRANSFER, room(PUBLIC, None, W.OWNER), "+workspace_role:owner"),
    (P.ROOM_MESSAGE_SEND, room(PUBLIC, None, W.OWNER), "-not_in_room"),
    (P.ROOM_MESSAGE_EDIT, room(PUBLIC, None, W.OWNER), "-not_in_room"),
    (P.ROOM_LEAVE, room(PUBLIC, None, W.OWNER), "-not_in_room"),
    (P.ROOM_DELETE, room(PRIVATE, R.MEMBER, W.ADMIN), "+workspace_role:admin"),
    (P.ROOM_DELETE, room(GROUP, R.MEMBER, W.OWNER), "-role_lacks_permission"),
    (P.ROOM_MESSAGE_DELETE, room(DIRECT, R.MEMBER, W.OWNER), "-role_lacks_permission"),
    # roles within a room
    (P.ROOM_MEMBER_ADD, room(PRIVATE, R.MEMBER), "-role_lacks_permission"),
    (P.ROOM_MEMBER_ADD, room(PRIVATE, R.MODERATOR), "+room_role:moderator"),
    (P.ROOM_MEMBER_ADD, room(GROUP, R.MEMBER), "+group_member"),
    (P.ROOM_UPDATE, room(GROUP, R.MEMBER), "+group_member"),
    (P.ROOM_MEMBER_REMOVE, room(GROUP, R.MEMBER), "-role_lacks_permission"),
    (P.ROOM_MESSAGE_DELETE, room(PRIVATE, R.MODERATOR), "+room_role:moderator"),
    (P.ROOM_MESSAGE_PIN, room(PRIVATE, R.MEMBER), "-role_lacks_permission"),
    (P.ROOM_MESSAGE_PIN, room(PRIVATE, R.MODERATOR), "+room_role:moderator"),
    (P.ROOM_MESSAGE_PIN, room(GROUP, R.MEMBER), "+group_member"),
    (P.ROOM_MESSAGE_PIN, room(DIRECT, R.MEMBER), "+direct_member"),
    (P.ROOM_MESSAGE_PIN, room(DIRECT, None), "?not_in_room"),
    (P.ROOM_MESSAGE_PIN, room(PUBLIC, None, W.ADMIN), "+workspace_role:admin"),
    (P.ROOM_MEMBER_ROLE, room(PRIVATE, R.MODERATOR), "-role_lacks_permission"),
    (P.ROOM_TRANSFER, room(PRIVATE, R.OWNER), "+room_role:owner"),
    # workspaces
    *((P.WORKSPACE_READ, workspace(role), f"+workspace_role:{role}") for role in W),
    (P.WORKSPACE_READ, workspace(None), "?not_a_member"),
    (P.WORKSPACE_ROOM_CREATE, workspace(W.MEMBER), "+workspace_role:member"),
    (P.WORKSPACE_INVITATION_MANAGE, workspace(W.MEMBER), "-role_lacks_permission"),
    (P.WORKSPACE_INVITATION_MANAGE, workspace(W.ADMIN), "+workspace_role:admin"),
    (P.WORKSPACE_DELETE, workspace(W.ADMIN), "-role_lacks_permission"),
    (P.WORKSPACE_TRANSFER, workspace(W.ADMIN), "-role_lacks_permission"),
    (P.WORKSPACE_DELETE, workspace(W.OWNER), "+workspace_role:owner"),
    # oneself, and the instance
    (P.USER_READ, UserFacts(Stream.of_user(USERS[0]), USERS[0]), "+oneself"),
    (P.USER_READ, UserFacts(Stream.of_user(USERS[1]), USERS[1]), "?not_oneself"),
    (P.INSTANCE_ADMINISTER, InstanceFacts(), "-not_an_administrator"),
]


@pytest.mark.row("WS2", "RM4", "WS4")
@pytest.mark.parametrize(
    "permission, facts, decision", TABLE, ids=[f"{p}-{d}-{n}" for n, (p, _, d) in enumerate(TABLE)]
)
def test_the_table(permission: P, facts: Facts, decision: str) -> None:
    assert said(permission, facts) == decision


FACTS = st.one_of(
    st.builds(room, st.sampled_from(K), st.none() | st.sampled_from(R), st.none() | st.sampled_from(W)),
    st.builds(workspace, st.none() | st.sampled_from(W)),
    st.builds(lambda u: UserFacts(Stream.of_user(u), u), st.sampled_from(USERS)),
    st.just(InstanceFacts()),
)


@given(st.sampled_from(P), FACTS)
def test_strangers_may_nothing_and_the_system_everything(permission: P, facts: Facts) -> None:
    assert said(permission, facts, STRANGER) == "-unauthenticated"
    assert said(permission, facts, SYSTEM) == "+system"


@given(st.sampled_from(P), st.sampled_from(K), st.none() | st.sampled_from(R))
def test_nothing_crosses_into_a_workspace_one_is_not_in(permission: P, kind: K, role: R | None) -> None:
    assert said(permission, room(kind, role, None)) == "?not_a_member"


@given(st.sampled_from(P), st.sampled_from(K), st.sampled_from(W))
def test_a_higher_role_in_a_room_never_may_less(permission: P, kind: K, there: W) -> None:
    allowed = [said(permission, room(kind, role, there)).startswith("+") for role in (R.MEMBER, R.MODERATOR, R.OWNER)]
    assert allowed == sorted(allowed)


@given(st.sampled_from(P), st.sampled_from(K), st.none() | st.sampled_from(R))
def test_a_higher_role_in_the_workspace_never_may_less(permission: P, kind: K, role: R | None) -> None:
    for facts in (lambda w: room(kind, role, w), workspace):
        make: Any = facts
        allowed = [said(permission, make(w)).startswith("+") for w in (W.MEMBER, W.ADMIN, W.OWNER)]
        assert allowed == sorted(allowed)


def test_an_administrator_of_the_instance_sees_no_rooms_by_that() -> None:
    admin = Actor(USERS[0], is_admin=True)
    assert said(P.INSTANCE_ADMINISTER, InstanceFacts(), admin) == "+instance_admin"
    assert said(P.ROOM_READ, room(PUBLIC, None, None), admin) == "?not_a_member"


def test_what_is_hidden_is_not_found_and_what_is_refused_says_why() -> None:
    require(POLICY, ALICE, P.ROOM_READ, room(PUBLIC, None), "gone")
    with pytest.raises(NotFound, match="gone"):
        require(POLICY, ALICE, P.ROOM_READ, room(PRIVATE, None), "gone")
    with pytest.raises(Forbidden) as error:
        require(POLICY, ALICE, P.ROOM_MESSAGE_SEND, room(PUBLIC, None), "gone")
    assert error.value.code == "not_in_room"
    with pytest.raises(Unauthenticated):
        require(POLICY, STRANGER, P.ROOM_READ, room(PUBLIC, None), "gone")


def test_the_permissions_of_somebody_are_listed() -> None:
    mine = permissions_of(POLICY, ALICE, room(PUBLIC, None), P)
    assert mine == [P.ROOM_READ, P.ROOM_JOIN]
