"""Bans in SQL."""

from collections.abc import Sequence

import attrs

from ...domain.kernel.ids import UserId
from ...domain.rooms.moderation import RoomBan
from ...domain.rooms.room import Room
from .db import Db
from .loader import load
from .pages import BEGINNING, NOBODY, listing

SQL = load("bans")
LISTED = listing(SQL, "bans", ("banned_at", "user_id"), (BEGINNING, NOBODY), lambda found: found.of(RoomBan))


class SqlBans:
    """`Bans` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def ban(self, ban: RoomBan) -> None:
        await self._db.run(SQL.ban, **attrs.asdict(ban))

    async def of(self, room: Room, user_ids: Sequence[UserId]) -> list[RoomBan]:
        where = {"workspace_id": room.workspace_id, "room_id": room.id}
        return await self._db.rows(SQL.bans_of, RoomBan, **where, user_ids=list(user_ids))

    async def lift(self, ban: RoomBan) -> None:
        await self._db.run(SQL.lift, workspace_id=ban.workspace_id, room_id=ban.room_id, user_id=ban.user_id)
