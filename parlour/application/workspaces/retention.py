"""How long a workspace keeps the messages of its rooms."""

from attrs import frozen

from ...domain.kernel.ids import WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.workspaces.events import WorkspaceRetentionChanged
from ...domain.workspaces.ports import Workspaces
from ...domain.workspaces.workspace import Workspace, WorkspaceRole
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.retention import OwnRule
from ..kernel.uow import UnitOfWork
from .access import access_workspace, own
from .views import WorkspaceStandings, WorkspaceView


@frozen
class SetWorkspaceRetention(Command[WorkspaceView]):
    """Let all rooms of a workspace keep their messages for some days, 1 to 36,500, or for ever (null): its administrators may. With
    `rooms_decide` a room may have a rule of its own, which then stands before this one.

    What is older goes at once, and cannot be had back.
    """

    workspace_id: WorkspaceId
    days: int | None
    rooms_decide: bool = False


async def set_workspace_retention(
    command: SetWorkspaceRetention, actor: Actor, uow: UnitOfWork, workspaces: Workspaces,
    standings: WorkspaceStandings, policy: Policy,
) -> WorkspaceView:  # fmt: skip
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_RETENTION)
        workspace = found.workspace.keeping_for(command.days, rooms_decide=command.rooms_decide)
        await _keep(uow, workspaces, found.workspace, workspace)
    return WorkspaceView.of(workspace, found.role or WorkspaceRole.MEMBER)


@frozen
class ClearWorkspaceRetention(Command[WorkspaceView]):
    """Let a workspace have no rule for how long messages are kept: that of the instance holds, and rooms may have theirs."""

    workspace_id: WorkspaceId


async def clear_workspace_retention(
    command: ClearWorkspaceRetention, actor: Actor, uow: UnitOfWork, workspaces: Workspaces,
    standings: WorkspaceStandings, policy: Policy,
) -> WorkspaceView:  # fmt: skip
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_RETENTION)
        workspace = found.workspace.keeping_as_instance()
        await _keep(uow, workspaces, found.workspace, workspace)
    return WorkspaceView.of(workspace, found.role or WorkspaceRole.MEMBER)


async def _keep(uow: UnitOfWork, workspaces: Workspaces, before: Workspace, workspace: Workspace) -> None:
    if workspace == before:
        return
    await workspaces.save(workspace)
    rule = OwnRule.of(workspace.keep_days)
    days = rule.days if rule is not None else None
    changed = WorkspaceRetentionChanged(workspace.id, rule is not None, days, workspace.rooms_decide)
    await uow.record(own(workspace), changed)
