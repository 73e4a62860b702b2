"""Who follows which thread, in SQL."""

from uuid import UUID

from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.messages.message import Message
from .besides import SQL
from .db import Db


class SqlThreadFollowers:
    """`ThreadFollowers` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def follow(self, first: Message, user_id: UserId, following: bool) -> bool:
        where = {"workspace_id": first.workspace_id, "room_id": first.room_id, "number": first.number}
        return bool(await self._db.run(SQL.follow, **where, user_id=user_id, following=following))

    async def answered(self, message_id: MessageId, user_id: UserId) -> list[UserId]:
        new = [user_id] if await self._db.run(SQL.answer, message_id=message_id, user_id=user_id) else []
        return new + [UserId(u) for u in await self._db.values(SQL.begin, UUID, message_id=message_id)]

    async def leave(self, workspace_id: WorkspaceId, user_id: UserId, room_id: RoomId | None = None) -> None:
        where = {"workspace_id": workspace_id, "user_id": user_id}
        if room_id is None:
            await self._db.run(SQL.leave_workspace, **where)
        else:
            await self._db.run(SQL.leave_room, **where, room_id=room_id)
