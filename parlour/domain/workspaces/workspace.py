"""A workspace, its members and their roles."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from ..kernel.errors import Conflict
from ..kernel.ids import UserId, WorkspaceId
from ..kernel.keeping import WorkspaceKeeping, kept_as
from ..kernel.text import checked_name


class WorkspaceType(StrEnum):
    """A workspace of one's own, made at sign-up, or one for several."""

    PERSONAL = "personal"
    TEAM = "team"


class WorkspaceRole(StrEnum):
    """What a member is in the workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def rank(self) -> int:
        return {WorkspaceRole.MEMBER: 1, WorkspaceRole.ADMIN: 2, WorkspaceRole.OWNER: 3}[self]


@frozen
class Workspace:
    """A tenant. Its owner is one of its members, always."""

    id: WorkspaceId
    name: str
    name_key: str
    type: WorkspaceType
    owner_id: UserId
    created_at: datetime
    deleted_at: datetime | None = None
    keep_days: int | None = None
    rooms_decide: bool = True
    version: int = 1

    @property
    def keeping(self) -> WorkspaceKeeping:
        """What it says of how long messages are kept."""
        return WorkspaceKeeping(self.keep_days, self.rooms_decide)

    def keeping_for(self, days: int | None, *, rooms_decide: bool) -> "Workspace":
        """With a rule: messages are kept for some days, or for ever (None), unless rooms decide otherwise and may."""
        return evolve(self, keep_days=kept_as(days), rooms_decide=rooms_decide)

    def keeping_as_instance(self) -> "Workspace":
        """Without a rule; rooms may have theirs."""
        return evolve(self, keep_days=None, rooms_decide=True)

    def renamed(self, name: str, name_key: str) -> "Workspace":
        return evolve(self, name=checked_name(name), name_key=name_key)

    def deleted(self, now: datetime) -> "Workspace":
        if self.type is WorkspaceType.PERSONAL:
            raise Conflict("A personal workspace stays as long as its user.", code="personal_workspace")
        return evolve(self, deleted_at=now)

    def owned_by(self, user_id: UserId) -> "Workspace":
        return evolve(self, owner_id=user_id)

    def check_takes_members(self) -> None:
        """A personal workspace is its user's alone."""
        if self.type is WorkspaceType.PERSONAL:
            raise Conflict("A personal workspace has no other members; make a team.", code="personal_workspace")


@frozen
class WorkspaceMember:
    """A user in a workspace."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: WorkspaceRole
    joined_at: datetime
    version: int = 1

    def with_role(self, role: WorkspaceRole) -> "WorkspaceMember":
        return evolve(self, role=role)


def check_role_change(member: WorkspaceMember, role: WorkspaceRole) -> None:
    """The owner's role goes to another by a transfer, never away: a workspace always has one."""
    if member.role is WorkspaceRole.OWNER and role is not WorkspaceRole.OWNER:
        raise Conflict("Make another member the owner first.", code="last_owner")


def check_may_leave(member: WorkspaceMember) -> None:
    """The owner hands the workspace over before they go."""
    if member.role is WorkspaceRole.OWNER:
        raise Conflict("Make another member the owner first, or delete the workspace.", code="last_owner")
