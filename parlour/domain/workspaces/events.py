"""What happens to workspaces: in `workspace:<id>` for all its members, in `user:<id>` for the one concerned."""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import InvitationId, UserId, WorkspaceId


@event("workspace_created")
@frozen
class WorkspaceCreated(Event):
    """The first event of a workspace."""

    workspace_id: WorkspaceId
    name: str
    type: str
    owner_id: UserId


@event("workspace_renamed")
@frozen
class WorkspaceRenamed(Event):
    workspace_id: WorkspaceId
    name: str


@event("workspace_retention_changed", rights=True)
@frozen
class WorkspaceRetentionChanged(Event):
    """The workspace's rule of how long messages are kept: for `days`, or for ever (None). Not `own`: it has none. Whether
    rooms may have rules of their own.

    `rights`: whoever makes a room meanwhile looks again at what it begins with.
    """

    workspace_id: WorkspaceId
    own: bool
    days: int | None
    rooms_decide: bool


@event("workspace_deleted", rights=True)
@frozen
class WorkspaceDeleted(Event):
    """The workspace and all in it is gone for its members; told to each in their inbox too."""

    workspace_id: WorkspaceId


@event("workspace_member_joined")
@frozen
class WorkspaceMemberJoined(Event):
    workspace_id: WorkspaceId
    user_id: UserId
    role: str
    joined_at: datetime


@event("workspace_member_left", rights=True)
@frozen
class WorkspaceMemberLeft(Event):
    """A member went, or was removed by another."""

    workspace_id: WorkspaceId
    user_id: UserId


@event("workspace_member_role_changed", rights=True)
@frozen
class WorkspaceMemberRoleChanged(Event):
    workspace_id: WorkspaceId
    user_id: UserId
    role: str


@event("workspace_owner_changed", rights=True)
@frozen
class WorkspaceOwnerChanged(Event):
    """The workspace was handed over; the former owner is an admin from now on."""

    workspace_id: WorkspaceId
    owner_id: UserId
    former_owner_id: UserId


@event("workspace_entered")
@frozen
class WorkspaceEntered(Event):
    """In the user's inbox: they have this workspace now."""

    workspace_id: WorkspaceId
    name: str
    type: str
    role: str


@event("invited")
@frozen
class Invited(Event):
    """In the inbox of whoever has the address that an invitation is sent to, or has it in their account without proof: then
    `workspace_name` is None. The letter has the link."""

    invitation_id: InvitationId
    workspace_id: WorkspaceId
    workspace_name: str | None
    role: str
    expires_at: datetime | None


@event("workspace_exited")
@frozen
class WorkspaceExited(Event):
    """In the user's inbox: they have this workspace no longer."""

    workspace_id: WorkspaceId
