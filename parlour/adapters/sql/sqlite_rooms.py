"""What members are in rooms, remembered on SQLite: for who sends message after message.

Units take turns, so what was read in one is so in the next, until somebody's rights change. Then all of it is forgotten:
that is rare, and what changes them is known to be told (`Event.rights`).
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from attrs import define, field

from ...application.rooms.views import RoomStanding
from ...domain.kernel.ids import RoomId, UserId
from .rooms import SqlRooms, Standing
from .sqlite_unit import SqliteUnit
from .standings import REMEMBERED


@define
class Members:
    """The standings of members who may speak in rooms of more than two; whether these may, their blocks say each time."""

    _known: OrderedDict[tuple[RoomId, UserId], Standing] = field(factory=OrderedDict)

    def get(self, room_id: RoomId, user_id: UserId) -> Standing | None:
        return self._known.get((room_id, user_id))

    def keep(self, room_id: RoomId, user_id: UserId, standing: Standing) -> None:
        if standing.member is None or standing.muted or standing.banned or standing.room.direct_key is not None:
            return
        self._known[room_id, user_id] = standing
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self) -> None:
        self._known.clear()


class SqliteRooms(SqlRooms):
    """`RoomStandings` that remembers what members may be."""

    def __init__(self, unit: SqliteUnit, members: Members, now: Callable[[], datetime]) -> None:
        super().__init__(unit, now)
        self._unit, self._members = unit, members

    async def recent(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        if not self._unit.untouched:
            return await self.standing(room_id, user_id)
        known = self._members.get(room_id, user_id)
        if known is None:
            known = await self.stands(room_id, user_id)
            if known is None:
                return None
            self._members.keep(room_id, user_id, known)
        return self._today(known)
