"""What one has not read yet."""

from attrs import evolve, frozen

from ...domain.kernel.ids import WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import StreamLog
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .own import OwnReader, RoomUnreadView, UnreadView


@frozen
class GetUnread(Query[UnreadView]):
    """How many messages one has not read in a workspace: the one named, or the one this session works in."""

    workspace_id: WorkspaceId | None = None


async def get_unread(
    query: GetUnread, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: OwnReader
) -> UnreadView:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    return await reader.unread_in(workspace_id, actor.known)


@frozen
class ListUnread(Query[Page[RoomUnreadView]]):
    """Those of one's rooms in a workspace that have something unread. Its `position` is of `user:<own id>`."""

    workspace_id: WorkspaceId | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_unread(
    query: ListUnread, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: OwnReader, log: StreamLog
) -> Page[RoomUnreadView]:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.unread_rooms(workspace_id, actor.known, query.cursor, query.limit)
    return evolve(page, position=PositionView.of(head))
