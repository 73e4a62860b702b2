"""What the workspace rules need of a store."""

from datetime import datetime
from typing import Protocol

from ..kernel.ids import InvitationId, UserId, WorkspaceId
from .invitation import Invitation
from .workspace import Workspace, WorkspaceMember


class Workspaces(Protocol):
    """Workspaces and their members, in the current unit of work. Deleted ones are not there."""

    async def add(self, workspace: Workspace) -> None: ...

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None: ...

    async def save(self, workspace: Workspace) -> Workspace:
        """Keep the changes of a workspace read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""

    async def add_member(self, member: WorkspaceMember) -> bool:
        """Keep a member; False when the user is one already, who then stays as they are. `Raced` when the workspace was
        deleted meanwhile; whoever deletes it at the same time waits, and finds the member among those it has."""

    async def member(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceMember | None: ...

    async def save_member(self, member: WorkspaceMember) -> WorkspaceMember:
        """Keep the changes of a member read in this unit; `Raced` when another unit changed them since.
        Answers them as they are kept now. Who gives a member something at the same time is waited for, see below."""

    async def remove_member(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        """Remove a member. Rooms and invitations that another unit is giving them are waited for, and found afterwards."""

    async def member_ids(self, workspace_id: WorkspaceId) -> list[UserId]: ...


class Invitations(Protocol):
    """Links into workspaces, in the current unit of work."""

    async def add(self, invitation: Invitation) -> None: ...

    async def by_digest(self, digest: bytes) -> Invitation | None: ...

    async def get(self, workspace_id: WorkspaceId, invitation_id: InvitationId) -> Invitation | None: ...

    async def use(self, invitation_id: InvitationId, now: datetime) -> bool:
        """Count one use, unless it is over, withdrawn or used up: then False. Atomic: the last use is taken once."""

    async def revoke(self, workspace_id: WorkspaceId, invitation_id: InvitationId, now: datetime) -> Invitation | None:
        """Withdraw an invitation of the workspace; None when it has none such."""

    async def revoke_of(self, workspace_id: WorkspaceId, user_id: UserId, now: datetime) -> int:
        """Withdraw all invitations into the workspace that a user made; how many."""
