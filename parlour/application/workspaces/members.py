"""Coming into and going out of a workspace: the same steps whoever causes it."""

from ...domain.kernel.streams import Stream
from ...domain.workspaces.events import (
    WorkspaceEntered,
    WorkspaceExited,
    WorkspaceMemberJoined,
    WorkspaceMemberLeft,
)
from ...domain.workspaces.ports import Workspaces
from ...domain.workspaces.workspace import Workspace, WorkspaceMember
from ..kernel.uow import UnitOfWork


async def enter_workspace(
    uow: UnitOfWork, workspaces: Workspaces, workspace: Workspace, member: WorkspaceMember
) -> bool:
    """Make somebody a member, tell the workspace and tell them; False, and nothing told, when they are one already."""
    if not await workspaces.add_member(member):
        return False
    joined = WorkspaceMemberJoined(workspace.id, member.user_id, member.role, member.joined_at)
    await uow.record(Stream.of_workspace(workspace.id), joined)
    entered = WorkspaceEntered(workspace.id, workspace.name, workspace.type, member.role)
    await uow.record(Stream.of_user(member.user_id), entered)
    return True


async def exit_workspace(
    uow: UnitOfWork, workspaces: Workspaces, workspace: Workspace, member: WorkspaceMember
) -> None:
    """Let somebody go, tell the workspace and tell them. Rooms follow by a reaction of their own."""
    await workspaces.remove_member(workspace.id, member.user_id)
    left = WorkspaceMemberLeft(workspace.id, member.user_id)
    await uow.record(Stream.of_workspace(workspace.id), left)
    await uow.record(Stream.of_user(member.user_id), WorkspaceExited(workspace.id))
