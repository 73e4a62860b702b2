"""Workspaces, their members and invitations in SQL."""

from datetime import datetime
from uuid import UUID

import attrs

from ...application.kernel.page import Page
from ...application.kernel.retention import OwnRule
from ...application.workspaces.views import WorkspaceStanding, WorkspaceView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import InvitationId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.workspaces.invitation import Invitation
from ...domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole
from .db import Db, Fetched, inserted
from .loader import load
from .pages import BEGINNING, NOBODY, listing
from .shapes import made

SQL = load("workspaces")


def _views(found: Fetched) -> list[WorkspaceView]:
    return found.of(WorkspaceView, retention=[OwnRule.of(days) for days in found.columns.get("keep_days", ())])


OF_USER = listing(SQL, "workspaces_of", ("name_key", "id"), ("", NOBODY), _views)
MEMBERS = listing(
    SQL, "members", ("joined_at", "user_id"), (BEGINNING, NOBODY), lambda found: found.of(WorkspaceMember)
)


def members_of(workspace_id: WorkspaceId) -> str:
    """What whoever gives a member something is among, and whoever takes all from one is alone at: what was given is found
    by whoever takes, and what comes later is decided by rights that are gone."""
    return f"members of {workspace_id}"


class SqlWorkspaces:
    """`Workspaces`, `WorkspaceStandings` and `WorkspaceReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, workspace: Workspace) -> None:
        await self._db.widen(workspace.id)
        await self._db.run(SQL.add, **inserted(workspace))

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None:
        return await self._db.row(SQL.workspace, Workspace, id=workspace_id)

    async def save(self, workspace: Workspace) -> Workspace:
        if not await self._db.run(SQL.save, **attrs.asdict(workspace)):
            raise Raced("The workspace has changed meanwhile.")
        return attrs.evolve(workspace, version=workspace.version + 1)

    async def add_member(self, member: WorkspaceMember) -> bool:
        if await self._db.run(SQL.add_member, **inserted(member)):
            return True
        if await self.member(member.workspace_id, member.user_id) is None:
            raise Raced("The workspace was deleted meanwhile.")
        return False

    async def member(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceMember | None:
        return await self._db.row(SQL.member, WorkspaceMember, workspace_id=workspace_id, user_id=user_id)

    async def save_member(self, member: WorkspaceMember) -> WorkspaceMember:
        await self._db.alone(members_of(member.workspace_id))
        if not await self._db.run(SQL.save_member, **attrs.asdict(member)):
            raise Raced("The member has changed meanwhile.")
        return attrs.evolve(member, version=member.version + 1)

    async def remove_member(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        await self._db.alone(members_of(workspace_id))
        await self._db.run(SQL.remove_member, workspace_id=workspace_id, user_id=user_id)

    async def member_ids(self, workspace_id: WorkspaceId) -> list[UserId]:
        return [UserId(u) for u in await self._db.values(SQL.member_ids, UUID, workspace_id=workspace_id)]

    async def standing(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceStanding | None:
        row = await self._db.joined(SQL.standing, workspace_id=workspace_id, user_id=user_id)
        if row is None:
            return None
        if row.get("access_version") is not None:
            self._db.rely(Stream.of_workspace(workspace_id), row["access_version"])
        role = row.pop("role")
        return WorkspaceStanding(made(Workspace, row), WorkspaceRole(role) if role is not None else None)

    async def workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceView | None:
        found = await self.standing(workspace_id, user_id)
        return WorkspaceView.of(found.workspace, found.role) if found is not None and found.role is not None else None

    async def workspaces_of(self, user_id: UserId, cursor: str | None, limit: int) -> Page[WorkspaceView]:
        return await OF_USER.page(self._db, cursor, limit, user_id=user_id)

    async def shared(self, user_id: UserId, other_id: UserId) -> bool:
        return await self._db.value(SQL.shared, user_id=user_id, other_id=other_id) is not None

    async def members(self, workspace_id: WorkspaceId, cursor: str | None, limit: int) -> Page[WorkspaceMember]:
        return await MEMBERS.page(self._db, cursor, limit, workspace_id=workspace_id)

    async def invitations(self, workspace_id: WorkspaceId, now: datetime) -> list[Invitation]:
        return await self._db.rows(SQL.usable, Invitation, workspace_id=workspace_id, now=now)


class SqlInvitations:
    """`Invitations` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, invitation: Invitation) -> None:
        await self._db.among(members_of(invitation.workspace_id))
        await self._db.run(SQL.add_invitation, **attrs.asdict(invitation))

    async def by_digest(self, digest: bytes) -> Invitation | None:
        found = await self._db.row(SQL.by_digest, Invitation, digest=digest)
        if found is not None:
            await self._db.widen(found.workspace_id)  # whoever has the secret may look at what it is for
        return found

    async def get(self, workspace_id: WorkspaceId, invitation_id: InvitationId) -> Invitation | None:
        return await self._db.row(SQL.invitation, Invitation, workspace_id=workspace_id, id=invitation_id)

    async def use(self, invitation_id: InvitationId, now: datetime) -> bool:
        return bool(await self._db.run(SQL.use, id=invitation_id, now=now))

    async def revoke(self, workspace_id: WorkspaceId, invitation_id: InvitationId, now: datetime) -> Invitation | None:
        return await self._db.row(SQL.revoke, Invitation, workspace_id=workspace_id, id=invitation_id, now=now)

    async def revoke_of(self, workspace_id: WorkspaceId, user_id: UserId, now: datetime) -> int:
        return await self._db.run(SQL.revoke_of, workspace_id=workspace_id, user_id=user_id, now=now)
