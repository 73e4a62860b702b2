"""People, workspaces and rooms for the suites to work with."""

from datetime import datetime
from uuid import uuid4

from ...application.kernel.uow import Work
from ...application.messages.views import Draft
from ...domain.identity.session import Session
from ...domain.identity.user import User, new_user
from ...domain.kernel.ids import InvitationId, MessageId, RoomId, SessionId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ...domain.messages.message import MessageType
from ...domain.rooms.room import Room, RoomKind, RoomMember, new_room
from ...domain.workspaces.invitation import Invitation
from ...domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole, WorkspaceType
from .support import NOW, House, Noted, later

LONG_AFTER = later(10**8)


def user_called(username: str, email: str | None = None) -> User:
    return new_user(UserId(uuid4()), username, email or f"{username}@example.org", None, "a hash", NOW, admin=False)


def session_of(user: User, *, expires_at: datetime = LONG_AFTER, created_at: datetime = NOW) -> Session:
    return Session(SessionId(uuid4()), user.id, created_at, created_at, expires_at)


def workspace_called(name: str = "A team", owner: UserId | None = None) -> Workspace:
    owner = owner or UserId(uuid4())
    return Workspace(WorkspaceId(uuid4()), name, folded(name), WorkspaceType.TEAM, owner, NOW)


def member_of(workspace: Workspace, user_id: UserId, at: datetime = NOW) -> WorkspaceMember:
    return WorkspaceMember(workspace.id, user_id, WorkspaceRole.MEMBER, at)


def invitation_to(
    workspace: Workspace, *, max_uses: int | None = None, expires_at: datetime | None = None
) -> Invitation:
    return Invitation(
        InvitationId(uuid4()), workspace.id, uuid4().bytes * 2, WorkspaceRole.MEMBER, workspace.owner_id, NOW, expires_at,
        max_uses,
    )  # fmt: skip


def room_in(
    workspace: Workspace, *members: UserId, name: str | None = "general", kind: RoomKind = RoomKind.PRIVATE_CHANNEL
) -> tuple[Room, list[RoomMember]]:
    return new_room(RoomId(uuid4()), workspace.id, kind, name, None, list(members), NOW)


async def a_workspace(house: House, name: str = "A team") -> Workspace:
    """A workspace that is kept, with its owner as a member."""
    workspace = workspace_called(name)

    async def work(unit: Work) -> None:
        await house.workspaces(unit).add(workspace)
        owner = WorkspaceMember(workspace.id, workspace.owner_id, WorkspaceRole.OWNER, NOW)
        assert await house.workspaces(unit).add_member(owner)

    await house.done(work)
    return workspace


async def a_room(house: House, workspace: Workspace | None = None, name: str = "general") -> Room:
    """A room that is kept, of the workspace's owner alone."""
    workspace = workspace or await a_workspace(house)
    room, members = room_in(workspace, workspace.owner_id, name=name)
    await keep_room(house, room, members)
    return room


async def keep_room(house: House, room: Room, members: list[RoomMember]) -> None:
    """Keep a new room with the first event of its stream, which every room has."""

    async def work(unit: Work) -> None:
        await house.rooms(unit).add(room, members)
        await unit.record(Stream.of_room(room.workspace_id, room.id), Noted("created"))

    await house.done(work)


def draft_in(room: Room, content: str, *, author: UserId | None = None, key: str | None = None) -> Draft:
    author = author or room.owner_id or UserId(uuid4())
    hashed = content.encode() if key is not None else b""
    return Draft(MessageId(uuid4()), room, author, MessageType.TEXT, content, NOW, key, hashed)
