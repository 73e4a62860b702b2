"""What somebody is in a room, and by which versions of the rights there."""

from ...application.rooms.access import stream_of
from ...domain.kernel.ids import RoomId, UserId
from .db import Db
from .rooms import SQL, standing_from
from .standings import Known, Relied


async def standing_of(db: Db, room_id: RoomId, user_id: UserId) -> Known | None:
    """What somebody is in a room, and by which versions."""
    found = await db.fetch(SQL.standing_as_of, {"room_id": room_id, "user_id": user_id})
    if not found.rows:
        return None
    *values, room, workspace = found.rows[0]
    standing = standing_from(user_id, tuple(found.names[:-2]), tuple(values))
    return Known(standing, Relied(room, workspace), stream_of(standing.room))
