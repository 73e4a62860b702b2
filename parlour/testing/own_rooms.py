"""Folding what a member keeps of rooms for themselves: read marks, favourites, notifications."""

from typing import Any

from ..domain.kernel.ids import RoomId
from ..domain.rooms.events import RoomEntered
from ..domain.rooms.own_events import FavouritesChanged, NotificationsChanged, ReadMarked

KEPT = ("read_number", "read_offset", "favourite", "notifications")
NOT_OF_THE_ROOM: dict[str, Any] = dict.fromkeys(("role", "unread", "retention", *KEPT))
"""What a room's view says of the one who asks; and the rule in force, which follows from the workspace's as well."""


def kept_of(room: Any) -> dict[str, Any]:
    """What a member keeps, as a query or an event shows it."""
    return {name: getattr(room, name) for name in KEPT if hasattr(room, name)}


def keep(
    rooms: dict[RoomId, dict[str, Any]], event: RoomEntered | ReadMarked | NotificationsChanged | FavouritesChanged
) -> None:
    """Change what is kept of the rooms of a workspace. An event about a room one has no longer changes nothing."""
    match event:
        case RoomEntered(room_id):
            rooms[room_id] = kept_of(event)
        case ReadMarked(room_id) | NotificationsChanged(room_id) if room_id in rooms:
            rooms[room_id] |= kept_of(event)
        case FavouritesChanged(_, room_ids):
            for room_id, kept in rooms.items():
                kept["favourite"] = room_ids.index(room_id) if room_id in room_ids else None
        case _:
            pass
