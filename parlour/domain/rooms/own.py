"""A room as one of its members has it: read up to where, how dear, how loud. Nobody else's business."""

from collections.abc import Sequence
from enum import StrEnum

from attrs import frozen

from ..kernel.errors import Conflict, invalid
from ..kernel.ids import RoomId, UserId, WorkspaceId

FAVOURITES_AT_MOST = 100


class NotificationLevel(StrEnum):
    """What a member wants to be told of by their devices; what counts as unread is the same at each."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


@frozen
class ReadMark:
    """Everything up to the message `number` was read; `offset` is that message's place in the room's stream.

    0: nothing was. A message that retention has removed has no place any more: then it is that of the last before it.
    """

    number: int = 0
    offset: int = 0


@frozen
class OwnRoom:
    """What a member keeps of a room for themselves. `favourite` sorts their favourites of the workspace, gaps allowed."""

    workspace_id: WorkspaceId
    room_id: RoomId
    user_id: UserId
    mark: ReadMark
    favourite: int | None = None
    notifications: NotificationLevel = NotificationLevel.ALL


def unread(head: int, mark: ReadMark, gone_to: int = 0) -> int:
    """How many of a room's `head` messages are not read: by numbers alone, so that it cannot be stuck. Deleted ones keep
    their number, and one's own count like any other until the mark has passed them: sending writes nothing for anybody.
    Messages up to the number `gone_to` are gone by retention, and nobody's to read."""
    return max(0, head - max(mark.number, gone_to))


def read_to(mark: ReadMark, head: int, number: int | None) -> int:
    """Where the mark stands after reading up to a message, or (None) all: never further back."""
    return max(mark.number, head if number is None else _there(head, number))


def unread_from(mark: ReadMark, head: int, number: int) -> int:
    """Where the mark stands when a message and all behind it are to be unread: never further on."""
    return min(mark.number, _there(head, number) - 1)


def _there(head: int, number: int) -> int:
    if number > head:
        raise invalid("number", "past_the_head", f"The room has {head:,} messages so far.")
    return number


def placed(favourites: Sequence[RoomId], room_id: RoomId, place: int | None) -> list[RoomId]:
    """One's favourites with a room at a place among them, counted from 0; at the end when there is none or it is beyond."""
    rest = [r for r in favourites if r != room_id]
    if len(rest) >= FAVOURITES_AT_MOST:
        raise Conflict(f"There are {FAVOURITES_AT_MOST} favourites already.", code="too_many_favourites")
    rest.insert(len(rest) if place is None else place, room_id)
    return rest
