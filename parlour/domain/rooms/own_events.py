"""What a member does with a room for themselves: in their own `user:<id>`, so that their other devices learn of it."""

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import RoomId, WorkspaceId


@event("read_marked")
@frozen
class ReadMarked(Event):
    """The read mark of a room stands at a message now: `read_number` is its number, `read_offset` its place in the room's
    stream. Usually further on, further back after `mark_unread`. `mentions` of those behind it call one, as it was marked; null
    in events of an older version."""

    room_id: RoomId
    workspace_id: WorkspaceId
    read_number: int
    read_offset: int
    mentions: int | None = None


@event("favourites_changed")
@frozen
class FavouritesChanged(Event):
    """One's favourites in a workspace, in their order, all of them: each has its place in this list as `favourite`."""

    workspace_id: WorkspaceId
    room_ids: list[RoomId]


@event("notifications_changed")
@frozen
class NotificationsChanged(Event):
    """What one wants to be told of in a room: `all`, `mentions`, `none`."""

    room_id: RoomId
    workspace_id: WorkspaceId
    notifications: str
