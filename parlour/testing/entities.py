"""Hypothesis strategies for entities of the domain."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from ..domain.identity.session import Session
from ..domain.identity.user import Status, User, UserState, new_user
from ..domain.kernel.ids import EventId, InvitationId, MessageId, RoomId, SessionId, UserId, WorkspaceId
from ..domain.kernel.streams import Head, Position
from ..domain.kernel.text import folded
from ..domain.messages.message import Message, MessageType
from ..domain.rooms.room import Room, RoomKind, RoomMember, founding_members, new_room
from ..domain.workspaces.invitation import Invitation
from ..domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole, WorkspaceType
from .strategies import NOON, ROOMS, USERS, WORKSPACES, pick, times
from .text import contents, names, printable, usernames

S = st.SearchStrategy


def users() -> S[User]:
    """Users as they are after signing up."""
    email = st.integers(0, 999).map(lambda n: f"user{n}@example.org")
    return st.builds(
        new_user,
        st.uuids().map(UserId),
        usernames(),
        email,
        st.none() | names(),
        st.just("hash"),
        times(),
        admin=st.booleans(),
    )


def user_states() -> S[UserState]:
    return st.sampled_from(UserState)


def statuses() -> S[Status]:
    return st.builds(Status, printable(), st.none() | st.just("🌴"), st.none() | times())


def sessions() -> S[Session]:
    """Sessions at the beginning of their family."""
    return st.builds(
        lambda i, u, days: Session(SessionId(i), u, NOON, NOON, NOON + timedelta(days=days)),
        st.uuids(),
        pick(USERS),
        st.integers(1, 40),
    )


def workspaces() -> S[Workspace]:
    return st.builds(
        lambda w, name, kind, owner: Workspace(w, name, folded(name), kind, owner, NOON),
        st.uuids().map(WorkspaceId),
        names(),
        st.sampled_from(WorkspaceType),
        pick(USERS),
    )


def workspace_members() -> S[WorkspaceMember]:
    return st.builds(WorkspaceMember, pick(WORKSPACES), pick(USERS), st.sampled_from(WorkspaceRole), times())


def invitations() -> S[Invitation]:
    """Invitations of every sort: endless or not, used, withdrawn."""
    return st.builds(
        Invitation,
        id=st.uuids().map(InvitationId),
        workspace_id=pick(WORKSPACES),
        digest=st.binary(min_size=32, max_size=32),
        role=st.sampled_from([WorkspaceRole.ADMIN, WorkspaceRole.MEMBER]),
        created_by=pick(USERS),
        created_at=st.just(NOON),
        expires_at=st.none() | times(),
        max_uses=st.none() | st.integers(1, 5),
        uses=st.integers(0, 6),
        revoked_at=st.none() | times(),
    )


@st.composite
def rooms(draw: st.DrawFn, *kinds: RoomKind) -> tuple[Room, list[RoomMember]]:
    """A new room of one of some kinds (any, when none are named) with its first members."""
    kind = draw(st.sampled_from(kinds or tuple(RoomKind)))
    low, high = {RoomKind.DIRECT: (1, 1), RoomKind.GROUP: (2, 3), RoomKind.PUBLIC_CHANNEL: (0, 0)}.get(kind, (0, 3))
    others = draw(st.lists(st.sampled_from(USERS[1:]), min_size=low, max_size=high, unique=True))
    name = draw(names()) if kind.is_channel else None
    members = founding_members(kind, USERS[0], others)
    return new_room(ROOMS[0], WORKSPACES[0], kind, name, draw(st.none() | contents()), members, NOON)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    number = draw(st.integers(1, 1000))
    return Message(
        id=MessageId(draw(st.uuids())),
        workspace_id=WORKSPACES[0],
        room_id=RoomId(ROOMS[0]),
        author_id=draw(pick(USERS)),
        type=MessageType.TEXT,
        content=draw(contents()),
        created_at=NOON,
        offset=number + draw(st.integers(0, 100)),
        number=number,
    )


def heads() -> S[Head]:
    """Where streams stand: empty ones, whole ones, and ones whose beginning is gone."""

    def head(epoch: str, offset: int, gone: int) -> Head:
        last = EventId(event_id(offset)) if offset else None
        return Head(epoch, offset, last, min(1 + gone, max(offset, 1)))

    return st.builds(head, st.sampled_from("ab"), st.integers(0, 12), st.integers(0, 12))


def positions() -> S[Position]:
    """Positions, some of them from elsewhere, from the future, or with the id of another event."""

    def position(epoch: str, offset: int, named: int | None) -> Position:
        return Position(epoch, offset, None if named is None else EventId(event_id(named)))

    return st.builds(position, st.sampled_from("ab"), st.integers(0, 14), st.none() | st.integers(0, 14))


def event_id(offset: int) -> EventId:
    """The id of the event at an offset, in the streams of these strategies."""
    return EventId(UUID(int=offset + 1))
