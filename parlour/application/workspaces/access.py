"""Fetching a workspace is being allowed to."""

from uuid import UUID

from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import UserId, WorkspaceId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ...domain.workspaces.workspace import Workspace
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, WorkspaceFacts, require
from .views import WorkspaceStanding, WorkspaceStandings

MISSING = "There is no such workspace, or it is not for you."


def facts_of(standing: WorkspaceStanding) -> WorkspaceFacts:
    return WorkspaceFacts(Stream.of_workspace(standing.workspace.id), standing.role)


async def workspace_facts(workspace_id: UUID, user_id: UserId, standings: WorkspaceStandings) -> WorkspaceFacts | None:
    """What the policy decides by, for a user and a workspace."""
    standing = await standings.standing(WorkspaceId(workspace_id), user_id)
    return facts_of(standing) if standing is not None else None


async def access_workspace(
    standings: WorkspaceStandings, policy: Policy, actor: Actor, workspace_id: WorkspaceId, permission: Permission
) -> WorkspaceStanding:
    """The workspace and the actor's role in it, if they have the permission; otherwise `NotFound` or `Forbidden`."""
    standing = await standings.standing(workspace_id, actor.known)
    if standing is None:
        raise NotFound(MISSING)
    require(policy, actor, permission, facts_of(standing), MISSING)
    return standing


def current_workspace(actor: Actor, given: WorkspaceId | None) -> WorkspaceId:
    """The workspace that was named, or the one this session works in."""
    chosen = given or actor.workspace_id
    if chosen is None:
        raise NotFound("No workspace is chosen: name one, or switch to one.", code="no_workspace")
    return chosen


def own(workspace: Workspace) -> Stream:
    return Stream.of_workspace(workspace.id)
