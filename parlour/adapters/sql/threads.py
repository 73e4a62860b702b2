"""Who follows which thread, in SQL."""

from typing import Any

from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.messages.message import Message
from ...domain.messages.ports import Follower
from .besides import SQL
from .db import Db


class SqlThreadFollowers:
    """`ThreadFollowers` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def get(self, first: Message, user_id: UserId) -> Follower | None:
        return await self._db.row(SQL.follower, Follower, **_of(first), user_id=user_id)

    async def follow(self, first: Message, user_id: UserId) -> Follower | None:
        return await self._db.row(SQL.follow, Follower, **_of(first), user_id=user_id, message_id=first.id)

    async def unfollow(self, first: Message, user_id: UserId) -> bool:
        return bool(await self._db.run(SQL.unfollow, **_of(first), user_id=user_id))

    async def answered(self, message_id: MessageId, user_id: UserId) -> list[Follower]:
        new = await self._db.rows(SQL.answer, Follower, message_id=message_id, user_id=user_id)
        return new + await self._db.rows(SQL.begin, Follower, message_id=message_id)

    async def last_reply(self, first: Message) -> int:
        where = {"workspace_id": first.workspace_id, "message_id": first.id}
        number = await self._db.value(SQL.last_number, **where)
        return int(number) if number is not None else first.number

    async def read(self, first: Message, user_id: UserId, number: int) -> None:
        where = {"workspace_id": first.workspace_id, "room_id": first.room_id, "first": first.number}
        if not await self._db.run(SQL.read, **where, user_id=user_id, number=number):
            raise Raced("The mark has moved meanwhile, or the thread is followed no longer.")

    async def leave(self, workspace_id: WorkspaceId, user_id: UserId, room_id: RoomId | None = None) -> None:
        where = {"workspace_id": workspace_id, "user_id": user_id}
        if room_id is None:
            await self._db.run(SQL.leave_workspace, **where)
        else:
            await self._db.run(SQL.leave_room, **where, room_id=room_id)


def _of(first: Message) -> dict[str, Any]:
    return {"workspace_id": first.workspace_id, "room_id": first.room_id, "number": first.number}
