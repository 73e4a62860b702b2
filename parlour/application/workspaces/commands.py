"""Making and running workspaces."""

from attrs import frozen

from ...domain.identity.events import WorkspaceSwitched
from ...domain.identity.ports import Blocks, Sessions
from ...domain.kernel.errors import Conflict, Forbidden, NotFound, invalid
from ...domain.kernel.ids import UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import checked_name, folded
from ...domain.workspaces import events
from ...domain.workspaces.ports import Workspaces
from ...domain.workspaces.workspace import (
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
    WorkspaceType,
    check_may_leave,
    check_role_change,
)
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.constraints import Name
from ..kernel.ports import Clock, Ids, People
from ..kernel.uow import UnitOfWork
from .access import access_workspace, own
from .members import enter_workspace, exit_workspace
from .views import WorkspaceMemberView, WorkspaceStandings, WorkspaceView


@frozen
class CreateWorkspace(Command[WorkspaceView]):
    """Make a workspace for a team; whoever makes it owns it."""

    name: Name


async def create_workspace(
    command: CreateWorkspace, actor: Actor, uow: UnitOfWork, workspaces: Workspaces, clock: Clock, ids: Ids
) -> WorkspaceView:
    async with uow:
        workspace = Workspace(
            id=WorkspaceId(ids.new()),
            name=checked_name(command.name),
            name_key=folded(command.name),
            type=WorkspaceType.TEAM,
            owner_id=actor.known,
            created_at=clock.now(),
        )
        await found_workspace(uow, workspaces, workspace)
    return WorkspaceView.of(workspace, WorkspaceRole.OWNER)


async def found_workspace(uow: UnitOfWork, workspaces: Workspaces, workspace: Workspace) -> None:
    """Keep a new workspace with its owner as the first member."""
    await workspaces.add(workspace)
    created = events.WorkspaceCreated(workspace.id, workspace.name, workspace.type, workspace.owner_id)
    await uow.record(own(workspace), created)
    owner = WorkspaceMember(workspace.id, workspace.owner_id, WorkspaceRole.OWNER, workspace.created_at)
    await enter_workspace(uow, workspaces, workspace, owner)


@frozen
class RenameWorkspace(Command[WorkspaceView]):
    """Call a workspace something else."""

    workspace_id: WorkspaceId
    name: Name


async def rename_workspace(
    command: RenameWorkspace, actor: Actor, uow: UnitOfWork, workspaces: Workspaces, standings: WorkspaceStandings,
    policy: Policy,
) -> WorkspaceView:  # fmt: skip
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_UPDATE)
        workspace = found.workspace.renamed(command.name, folded(command.name))
        await workspaces.save(workspace)
        await uow.record(own(workspace), events.WorkspaceRenamed(workspace.id, workspace.name))
    return WorkspaceView.of(workspace, found.role or WorkspaceRole.MEMBER)


@frozen
class DeleteWorkspace(Command[WorkspaceView]):
    """Delete a workspace: none of its members sees it or what is in it any more, and it cannot be undone."""

    workspace_id: WorkspaceId


async def delete_workspace(
    command: DeleteWorkspace, actor: Actor, uow: UnitOfWork, workspaces: Workspaces, standings: WorkspaceStandings,
    policy: Policy, clock: Clock,
) -> WorkspaceView:  # fmt: skip
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_DELETE)
        await workspaces.save(found.workspace.deleted(clock.now()))
        members = await workspaces.member_ids(command.workspace_id)  # now: nobody comes in any more
        await uow.record(own(found.workspace), events.WorkspaceDeleted(command.workspace_id))
        for user_id in members:
            await uow.record(Stream.of_user(user_id), events.WorkspaceExited(command.workspace_id))
    return WorkspaceView.of(found.workspace, found.role or WorkspaceRole.OWNER)


@frozen
class SwitchWorkspace(Command[WorkspaceView]):
    """Let this session work in another of one's workspaces: where no workspace is named, it is meant."""

    workspace_id: WorkspaceId


async def switch_workspace(
    command: SwitchWorkspace, actor: Actor, uow: UnitOfWork, sessions: Sessions, standings: WorkspaceStandings,
    policy: Policy,
) -> WorkspaceView:  # fmt: skip
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_READ)
        session = await sessions.get(actor.session_id) if actor.session_id is not None else None
        if session is None:
            raise Forbidden("Only a signed-in session has a current workspace.", code="no_session")
        await sessions.save(session.in_workspace(command.workspace_id))
        switched = WorkspaceSwitched(session.id, command.workspace_id)
        await uow.record(Stream.of_user(actor.known), switched)
    return WorkspaceView.of(found.workspace, found.role or WorkspaceRole.MEMBER)


@frozen
class AddWorkspaceMember(Command[WorkspaceMemberView]):
    """Make somebody a member at once, without an invitation. Somebody who is one already stays as they are. Where one of the two
    blocks the other, only an invitation leads in."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: WorkspaceRole = WorkspaceRole.MEMBER


async def add_workspace_member(
    command: AddWorkspaceMember, actor: Actor, uow: UnitOfWork, workspaces: Workspaces, standings: WorkspaceStandings,
    policy: Policy, people: People, blocks: Blocks, clock: Clock,
) -> WorkspaceMemberView:  # fmt: skip
    if command.role is WorkspaceRole.OWNER:
        raise invalid("role", "owner", "A workspace is handed over, not shared: change the role of a member.")
    person = (await people.named([command.user_id])).get(command.user_id)
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_MEMBER_ADD)
        if person is None:
            raise invalid("user_id", "unknown_user", "There is no such user.")
        found.workspace.check_takes_members()
        if actor.user_id is not None and await blocks.between(actor.user_id, command.user_id):
            raise Forbidden("One of you two has blocked the other; they may come in by an invitation.", code="blocked")
        member = WorkspaceMember(command.workspace_id, command.user_id, command.role, clock.now())
        if not await enter_workspace(uow, workspaces, found.workspace, member):
            member = await workspaces.member(command.workspace_id, command.user_id) or member
    return WorkspaceMemberView(member.workspace_id, member.user_id, member.role, member.joined_at, person)


@frozen
class ChangeWorkspaceRole(Command[WorkspaceMemberView]):
    """Give a member another role. `owner` hands the workspace over: the former owner becomes an admin."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: WorkspaceRole


async def change_workspace_role(
    command: ChangeWorkspaceRole, actor: Actor, uow: UnitOfWork, workspaces: Workspaces, standings: WorkspaceStandings,
    policy: Policy, people: People,
) -> WorkspaceMemberView:  # fmt: skip
    person = (await people.named([command.user_id])).get(command.user_id)
    needed = P.WORKSPACE_TRANSFER if command.role is WorkspaceRole.OWNER else P.WORKSPACE_MEMBER_ROLE
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, needed)
        member = await _member(workspaces, command.workspace_id, command.user_id)
        if member.role is not command.role:
            check_role_change(member, command.role)
            member = member.with_role(command.role)
            await workspaces.save_member(member)
            if command.role is WorkspaceRole.OWNER:
                await _hand_over(uow, workspaces, found.workspace, member)
            else:
                changed = events.WorkspaceMemberRoleChanged(member.workspace_id, member.user_id, member.role)
                await uow.record(own(found.workspace), changed)
    return WorkspaceMemberView(member.workspace_id, member.user_id, member.role, member.joined_at, person)


async def _hand_over(uow: UnitOfWork, workspaces: Workspaces, workspace: Workspace, heir: WorkspaceMember) -> None:
    former = await _member(workspaces, workspace.id, workspace.owner_id)
    await workspaces.save_member(former.with_role(WorkspaceRole.ADMIN))
    await workspaces.save(workspace.owned_by(heir.user_id))
    await uow.record(own(workspace), events.WorkspaceOwnerChanged(workspace.id, heir.user_id, former.user_id))


@frozen
class RemoveWorkspaceMember(Command[WorkspaceMemberView]):
    """Remove a member from a workspace and from its rooms; removing oneself is leaving."""

    workspace_id: WorkspaceId
    user_id: UserId


async def remove_workspace_member(
    command: RemoveWorkspaceMember, actor: Actor, uow: UnitOfWork, workspaces: Workspaces,
    standings: WorkspaceStandings, policy: Policy,
) -> WorkspaceMemberView:  # fmt: skip
    needed = P.WORKSPACE_LEAVE if command.user_id == actor.user_id else P.WORKSPACE_MEMBER_REMOVE
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, needed)
        member = await _member(workspaces, command.workspace_id, command.user_id)
        check_may_leave(member)
        if found.workspace.type is WorkspaceType.PERSONAL:
            raise Conflict("A personal workspace is not left.", code="personal_workspace")
        await exit_workspace(uow, workspaces, found.workspace, member)
    return WorkspaceMemberView(member.workspace_id, member.user_id, member.role, member.joined_at)


async def _member(workspaces: Workspaces, workspace_id: WorkspaceId, user_id: UserId) -> WorkspaceMember:
    member = await workspaces.member(workspace_id, user_id)
    if member is None:
        raise NotFound("There is no such member.")
    return member
