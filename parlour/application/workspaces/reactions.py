"""What workspaces do when something happens."""

from ...domain.identity.events import SignedUp
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ...domain.workspaces.events import (
    WorkspaceDeleted,
    WorkspaceExited,
    WorkspaceMemberLeft,
    WorkspaceMemberRoleChanged,
    WorkspaceOwnerChanged,
)
from ...domain.workspaces.ports import Invitations, Workspaces
from ...domain.workspaces.workspace import Workspace, WorkspaceRole, WorkspaceType
from ..kernel.ports import Clock, LiveConnections
from ..kernel.uow import LoggedEvent, UnitOfWork
from .commands import found_workspace


async def when_user_signs_up_make_a_personal_workspace(
    event: SignedUp, stream: Stream, uow: UnitOfWork, workspaces: Workspaces, clock: Clock
) -> None:
    workspace = Workspace(
        id=event.workspace_id,
        name=event.name,
        name_key=folded(event.name),
        type=WorkspaceType.PERSONAL,
        owner_id=event.user_id,
        created_at=clock.now(),
    )
    await found_workspace(uow, workspaces, workspace)


async def when_member_leaves_withdraw_their_invitations(
    event: WorkspaceMemberLeft, stream: Stream, invitations: Invitations, clock: Clock
) -> None:
    """A link is worth what whoever made it may do: nobody comes back by their own."""
    await invitations.revoke_of(event.workspace_id, event.user_id, clock.now())


async def when_member_loses_their_rank_withdraw_their_invitations(
    event: WorkspaceMemberRoleChanged, stream: Stream, invitations: Invitations, clock: Clock
) -> None:
    if event.role == WorkspaceRole.MEMBER:
        await invitations.revoke_of(event.workspace_id, event.user_id, clock.now())


def when_workspace_is_lost_recheck_its_member(
    event: WorkspaceExited, logged: LoggedEvent, live: LiveConnections
) -> None:
    live.recheck_user(UserId(logged.stream.owner))


def when_workspace_is_deleted_recheck_its_followers(
    event: WorkspaceDeleted, logged: LoggedEvent, live: LiveConnections
) -> None:
    live.recheck_topic(str(logged.stream.topic))


def when_role_in_workspace_changes_recheck_its_member(
    event: WorkspaceMemberRoleChanged, logged: LoggedEvent, live: LiveConnections
) -> None:
    live.recheck_user(event.user_id)


def when_workspace_is_handed_over_recheck_both(
    event: WorkspaceOwnerChanged, logged: LoggedEvent, live: LiveConnections
) -> None:
    for user_id in (event.owner_id, event.former_owner_id):
        live.recheck_user(user_id)
