"""Workspaces and their members, shown."""

from attrs import evolve, frozen

from ...domain.kernel.ids import UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.workspaces.workspace import WorkspaceRole
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import People, Person, StreamLog
from .access import access_workspace, current_workspace
from .views import WorkspaceMemberView, WorkspaceReader, WorkspaceStandings, WorkspaceView


@frozen
class GetWorkspace(Query[WorkspaceView]):
    """One workspace, with one's role in it."""

    workspace_id: WorkspaceId


async def get_workspace(
    query: GetWorkspace, actor: Actor, standings: WorkspaceStandings, policy: Policy
) -> WorkspaceView:
    found = await access_workspace(standings, policy, actor, query.workspace_id, P.WORKSPACE_READ)
    return WorkspaceView.of(found.workspace, found.role or WorkspaceRole.MEMBER)


@frozen
class ListWorkspaces(Query[Page[WorkspaceView]]):
    """The workspaces one is in, by name. Its `position` is of `user:<own id>`."""

    cursor: Cursor | None = None
    limit: Limit = 50


async def list_workspaces(
    query: ListWorkspaces, actor: Actor, reader: WorkspaceReader, log: StreamLog
) -> Page[WorkspaceView]:
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.workspaces_of(actor.known, query.cursor, query.limit)
    return evolve(page, position=PositionView.of(head))


@frozen
class ListWorkspaceMembers(Query[Page[WorkspaceMemberView]]):
    """The members of a workspace, those who came first at the front. Its `position` is of `workspace:<id>`."""

    workspace_id: WorkspaceId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_workspace_members(
    query: ListWorkspaceMembers, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: WorkspaceReader,
    log: StreamLog, people: People,
) -> Page[WorkspaceMemberView]:  # fmt: skip
    await access_workspace(standings, policy, actor, query.workspace_id, P.WORKSPACE_READ)
    head = await log.head(Stream.of_workspace(query.workspace_id))
    page = await reader.members(query.workspace_id, query.cursor, query.limit)
    named = await people.named([m.user_id for m in page.items])
    items = [
        WorkspaceMemberView(m.workspace_id, m.user_id, m.role, m.joined_at, named.get(m.user_id)) for m in page.items
    ]
    return Page(items, page.next, page.prev, PositionView.of(head))


@frozen
class ListUsers(Query[Page[Person]]):
    """The people of a workspace: the one named, or the one this session works in."""

    workspace_id: WorkspaceId | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_users(
    query: ListUsers,
    actor: Actor,
    standings: WorkspaceStandings,
    policy: Policy,
    reader: WorkspaceReader,
    people: People,
) -> Page[Person]:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    page = await reader.members(workspace_id, query.cursor, query.limit)
    named = await people.named([m.user_id for m in page.items])
    return Page([named.get(m.user_id) or _unknown(m.user_id) for m in page.items], page.next, page.prev)


def _unknown(user_id: UserId) -> Person:
    return Person(user_id, str(user_id), "")
