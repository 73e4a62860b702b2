"""Rooms, their members and their events, shown."""

from typing import Annotated, Any

from attrs import evolve, frozen

from ...domain.kernel.ids import EventId, RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Position, Stream
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.constraints import Between, Length
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import Clock, Codec, People, StreamLog
from ..kernel.uow import LoggedEvent
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .access import access_room, stream_of
from .showing import covered_page, showing
from .views import RoomBanView, RoomMemberView, RoomReader, RoomStandings, RoomView


@frozen
class GetRoom(Query[RoomView]):
    """One room."""

    room_id: RoomId


async def get_room(
    query: GetRoom, actor: Actor, standings: RoomStandings, policy: Policy, reader: RoomReader
) -> RoomView:
    found = await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)
    return (await showing(reader, actor, found.room, found.role)).view


@frozen
class ListRooms(Query[Page[RoomView]]):
    """The rooms one is in, of one workspace, by name. Its `position` is of `user:<own id>`."""

    workspace_id: WorkspaceId | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_rooms(
    query: ListRooms, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: RoomReader, log: StreamLog
) -> Page[RoomView]:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.rooms_of(workspace_id, actor.known, query.cursor, query.limit)
    return evolve(covered_page(page, actor), position=PositionView.of(head))


@frozen
class ListChannels(Query[Page[RoomView]]):
    """The public channels of a workspace, joined or not, by name. Its `position` is of `workspace:<id>`."""

    workspace_id: WorkspaceId | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_channels(
    query: ListChannels, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: RoomReader, log: StreamLog
) -> Page[RoomView]:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    head = await log.head(Stream.of_workspace(workspace_id))
    page = await reader.channels(workspace_id, actor.known, query.cursor, query.limit)
    return evolve(covered_page(page, actor), position=PositionView.of(head))


@frozen
class ListMembers(Query[Page[RoomMemberView]]):
    """The members of a room, those who came first at the front. Its `position` is of `room:<id>`."""

    room_id: RoomId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_members(
    query: ListMembers, actor: Actor, standings: RoomStandings, policy: Policy, reader: RoomReader, log: StreamLog,
    people: People,
) -> Page[RoomMemberView]:  # fmt: skip
    found = await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)
    head = await log.head(stream_of(found.room))
    page = await reader.members_page(found.room, query.cursor, query.limit)
    named = await people.named([m.user_id for m in page.items])
    items = [RoomMemberView.of(m, named.get(m.user_id)) for m in page.items]
    return Page(items, page.next, page.prev, PositionView.of(head))


@frozen
class ListBans(Query[Page[RoomBanView]]):
    """Who is kept out of a room, the oldest ban first; for those who may ban there."""

    room_id: RoomId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_bans(
    query: ListBans, actor: Actor, standings: RoomStandings, policy: Policy, reader: RoomReader, people: People,
    clock: Clock,
) -> Page[RoomBanView]:  # fmt: skip
    room = (await access_room(standings, policy, actor, query.room_id, P.ROOM_MEMBER_BAN)).room
    page = await reader.bans_page(room, query.cursor, query.limit, clock.now())
    named = await people.named([ban.user_id for ban in page.items])
    return Page([RoomBanView.of(ban, named.get(ban.user_id)) for ban in page.items], page.next, page.prev)


@frozen
class EventView:
    """An event of a stream, as a socket shows it."""

    type: str
    topic: str
    offset: int
    id: EventId
    at: str
    actor_id: UserId | None
    data: Any


@frozen
class EventsView:
    """What came after a position. `recovered` is false when some of it is gone: load the state anew, and go on from
    `position`, which is where this answer ends."""

    items: list[EventView]
    recovered: bool
    position: PositionView


@frozen
class ListEvents(Query[EventsView]):
    """The events of a room after a position, oldest first: what a socket would have shown."""

    room_id: RoomId
    epoch: Annotated[str, Length(1, 64)]
    offset: Annotated[int, Between(0, None)]
    last_id: EventId | None = None
    limit: Limit = 100


async def list_events(
    query: ListEvents, actor: Actor, standings: RoomStandings, policy: Policy, log: StreamLog, codec: Codec
) -> EventsView:
    found = await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)
    stream = stream_of(found.room)
    head = await log.head(stream)
    if not await log.can_resume(stream, Position(query.epoch, query.offset, query.last_id)):
        return EventsView([], False, PositionView.of(head))
    logged = await log.after(stream, query.offset, query.limit)
    end = PositionView(head.epoch, logged[-1].offset, logged[-1].id) if logged else PositionView.of(head)
    return EventsView([_shown(e, codec) for e in logged], True, end)


def _shown(event: LoggedEvent, codec: Codec) -> EventView:
    return EventView(
        type=event.tag,
        topic=str(event.stream.topic),
        offset=event.offset,
        id=event.id,
        at=event.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        actor_id=event.actor_id,
        data=codec.parse(event.data),
    )
