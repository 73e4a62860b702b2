"""Presence in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ...domain.kernel.ids import UserId
from ...domain.presence.presence import Presence
from .db import Db
from .loader import load

SQL = load("presence")


class SqlPresences:
    """`Presences` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def of(self, user_ids: Sequence[UserId]) -> dict[UserId, Presence]:
        return {p.user_id: p for p in await self._db.rows(SQL.kept, Presence, ids=list(user_ids))}

    async def choose(self, presence: Presence) -> bool:
        chosen = {"user_id": presence.user_id, "state": presence.state, "until": presence.until}
        return bool(await self._db.run(SQL.choose, **chosen))

    async def end(self, user_id: UserId, now: datetime) -> bool:
        return bool(await self._db.run(SQL.end_choice, user_id=user_id, now=now))

    async def saw(self, user_id: UserId, at: datetime, unless_after: datetime) -> bool:
        return bool(await self._db.run(SQL.saw, user_id=user_id, at=at, unless_after=unless_after))

    async def known_to(self, asker: UserId, user_ids: Sequence[UserId]) -> list[UserId]:
        found = await self._db.values(SQL.known_to, UUID, asker=asker, ids=list(user_ids))
        return [UserId(u) for u in found]
