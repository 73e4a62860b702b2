"""What is shown of workspaces, members and invitations, and the ports that read it."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from ...domain.kernel.ids import InvitationId, UserId, WorkspaceId
from ...domain.workspaces.invitation import Invitation
from ...domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole, WorkspaceType
from ..kernel.page import Page
from ..kernel.ports import Person
from ..kernel.retention import OwnRule


@frozen
class WorkspaceView:
    """A workspace, and the role that whoever asks has in it. `retention` is its rule of how long messages are kept, null
    where that of the instance holds; `rooms_decide`: its rooms may have rules of their own."""

    id: WorkspaceId
    name: str
    type: WorkspaceType
    owner_id: UserId
    created_at: datetime
    role: WorkspaceRole
    retention: OwnRule | None = None
    rooms_decide: bool = True

    @classmethod
    def of(cls, workspace: Workspace, role: WorkspaceRole) -> "WorkspaceView":
        w = workspace
        kept = OwnRule.of(w.keep_days)
        return cls(w.id, w.name, w.type, w.owner_id, w.created_at, role, kept, w.rooms_decide)


@frozen
class WorkspaceMemberView:
    """A member; `user` is None where nobody knows the id any more."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: WorkspaceRole
    joined_at: datetime
    user: Person | None = None


@frozen
class InvitationView:
    """An invitation. Its token is shown once, when it is made."""

    id: InvitationId
    workspace_id: WorkspaceId
    role: WorkspaceRole
    expires_at: datetime | None
    max_uses: int | None
    uses: int
    created_by: UserId
    created_at: datetime
    email: str | None

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationView":
        return cls(
            id=invitation.id,
            workspace_id=invitation.workspace_id,
            role=invitation.role,
            expires_at=invitation.expires_at,
            max_uses=invitation.max_uses,
            uses=invitation.uses,
            created_by=invitation.created_by,
            created_at=invitation.created_at,
            email=invitation.email,
        )


@frozen
class NewInvitationView(InvitationView):
    """A new invitation, with the token that opens it. Who has the token, or the address `url`, may come in."""

    token: str
    url: str


@frozen
class InvitedView:
    """What an invitation leads to, for whoever holds its token."""

    workspace_id: WorkspaceId
    workspace_name: str
    role: WorkspaceRole
    expires_at: datetime | None


@frozen
class WorkspaceStanding:
    """A workspace, and what somebody is in it (None: not a member)."""

    workspace: Workspace
    role: WorkspaceRole | None


class WorkspaceStandings(Protocol):
    """What somebody is in a workspace: what access is decided by. Reads the unit or snapshot it is asked in."""

    async def standing(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceStanding | None:
        """None when there is no such workspace."""


class WorkspaceReader(Protocol):
    """Workspaces as they are shown."""

    async def workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceView | None:
        """A workspace for one of its members; None for others."""

    async def workspaces_of(self, user_id: UserId, cursor: str | None, limit: int) -> Page[WorkspaceView]:
        """The workspaces somebody is in, by name."""

    async def shared(self, user_id: UserId, other_id: UserId) -> bool:
        """Whether two people are in one workspace."""

    async def members(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[WorkspaceMember]:
        """The members, those who came first at the front."""

    async def invitations(self, workspace_id: WorkspaceId, now: datetime) -> list[Invitation]:
        """The invitations that can still be used, newest first."""
