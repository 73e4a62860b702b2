"""Sending on PostgreSQL: by the batch where a unit does nothing else, by standings that are remembered."""

from collections.abc import Callable
from datetime import datetime

from ...application.messages.views import Draft, Sent
from ...application.rooms.views import RoomStanding
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.besides import PLAIN
from .blocks import blocked_in, check_unblocked
from .db import Db
from .messages import SqlMessages
from .postgres_group import Sending
from .postgres_standing import standing_of
from .postgres_unit import PostgresUnit
from .rooms import SqlRooms


class RelyingRooms(SqlRooms):
    """`RoomStandings` of a unit that others work beside: what is decided by one is looked at again as the unit ends."""

    def __init__(self, unit: Db, now: Callable[[], datetime]) -> None:
        super().__init__(unit, now)
        self._relying = unit

    async def standing(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        known = await standing_of(self._relying, room_id, user_id)
        if known is None:
            return None
        self._relying.rely(known.stream, known.relied.room)
        self._relying.rely(Stream.of_workspace(known.standing.room.workspace_id), known.relied.workspace)
        standing = known.standing
        if standing.room.direct_key is not None:
            standing = await self._between(standing)
        return self._today(standing)


class PostgresRooms(RelyingRooms):
    """`RoomStandings` that remembers what members may be."""

    def __init__(self, unit: PostgresUnit, now: Callable[[], datetime]) -> None:
        super().__init__(unit, now)
        self._unit = unit

    async def recent(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        if not self._unit.untouched:
            return await self.standing(room_id, user_id)
        standings = self._unit.standings
        await self._unit.wait_in_line(standings.line(room_id, user_id))
        known = standings.get(room_id, user_id)
        if known is None:
            async with self._unit.beside() as db:
                known = await standing_of(db, room_id, user_id)
                if known is None:
                    return None
                if await blocked_in(db, known.standing.room):
                    return await self.standing(room_id, user_id)
            standings.keep(room_id, user_id, known)
        self._unit.known[room_id, user_id] = known
        return self._today(known.standing)


class PostgresMessages(SqlMessages):
    """`MessageLog` whose messages are written with those of others."""

    def __init__(self, unit: PostgresUnit) -> None:
        super().__init__(unit, unit)
        self._unit = unit

    async def append(self, draft: Draft) -> Sent:
        known = self._unit.known.get((draft.room.id, draft.author_id))
        if known is None:
            return await super().append(draft)
        if draft.besides is not PLAIN or not self._unit.untouched or draft.type in self._unit.noticed:
            self._unit.rely(known.stream, known.relied.room)
            self._unit.rely(Stream.of_workspace(draft.room.workspace_id), known.relied.workspace)
            await self._unit.after_those_before(known.stream, draft.author_id)
            await check_unblocked(self._unit, draft.room)
            return await super().append(draft)
        sending = Sending(draft, known)
        self._unit.send(sending)
        return sending
