"""Messages that go by the rule of their room, in SQL."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from ...application.messages.expiry import Follower, Going, Oldest, Quoting, Watched
from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.kernel.keeping import WorkspaceKeeping
from ...domain.rooms.room import Room
from .db import Db
from .loader import load
from .pages import NOBODY, Row
from .reactions import counts_from
from .shapes import made

SQL = load("expiry")


class SqlExpiry:
    """`Expiry` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def watch(self, workspace_id: WorkspaceId, room_id: RoomId, due_at: datetime) -> None:
        await self._db.run(SQL.watch, workspace_id=workspace_id, room_id=room_id, due_at=due_at)

    async def watch_new(self, workspace_id: WorkspaceId, room_id: RoomId, due_at: datetime, instance_days: int) -> None:
        where = {"workspace_id": workspace_id, "room_id": room_id}
        await self._db.run(SQL.watch_new, **where, due_at=due_at, instance_days=instance_days)

    async def watch_rooms(
        self, workspace_id: WorkspaceId | None, after: Watched | None, due_at: datetime, most: int
    ) -> Watched | None:
        given: dict[str, Any] = {"after": after.room_id if after else NOBODY, "due_at": due_at, "most": most}
        if workspace_id is not None:
            rows = await self._db.joins(SQL.watch_workspace, **given, workspace_id=workspace_id)
        else:
            start = after.workspace_id if after else NOBODY
            rows = await self._db.joins(SQL.watch_all, **given, after_workspace=start)
        seen = [(made(UUID, row["workspace_id"]), made(UUID, row["room_id"])) for row in rows]
        if not seen:
            return None
        last = max(seen)
        return Watched(WorkspaceId(last[0]), RoomId(last[1]))

    async def unwatch(self, room: Room) -> None:
        await self._db.run(SQL.unwatch, **_of(room))

    async def take(self, now: datetime, again_at: datetime, most: int) -> list[RoomId]:
        rows = await self._db.joins(SQL.due_rooms, now=now, most=most)
        await self._db.many(SQL.watch, [{**row, "due_at": again_at} for row in rows])
        return [RoomId(made(UUID, row["room_id"])) for row in rows]

    async def instance_changed(self, days: int) -> bool:
        if int(await self._db.value(SQL.instance_days) or 0) == days:
            return False
        await self._db.run(SQL.set_instance_days, days=str(days))
        return True

    async def hold(self, room_id: RoomId) -> tuple[Room, WorkspaceKeeping] | None:
        room = await self._db.row(SQL.hold, Room, room_id=room_id)
        return (room, await workspace_keeping(self._db, room.workspace_id)) if room is not None else None

    async def oldest(self, room: Room, before: datetime, most: int) -> Oldest:
        rows = await self._db.joins(SQL.oldest, **_of(room), gone_to=room.gone_to, most=most + 1)
        number, offset, weight = 0, 0, 0
        for row in rows:
            said_at = made(datetime, row["created_at"])
            if said_at >= before:
                return Oldest(number, offset, next_at=said_at)
            weight += _weight(row)
            if number and weight > most:
                return Oldest(number, offset, more=True)
            number, offset = row["number"], row["stream_offset"]
        return Oldest(number, offset)

    async def going(self, room: Room, number: int) -> list[Going]:
        rows = await self._db.joins(SQL.going, **_of(room), gone_to=room.gone_to, number=number)
        return [Going(MessageId(made(UUID, r["id"])), r["number"], r["stream_offset"], r["edit_offset"]) for r in rows]

    async def let_go(self, room: Room, number: int, most: int) -> list[Follower]:
        rows = await self._db.joins(SQL.followers, **_of(room), number=number, most=most)
        let_go = [Follower(UserId(made(UUID, r["user_id"])), r["number"], bool(r["following"])) for r in rows]
        await self._db.many(SQL.let_go, [{**_of(room), "number": f.number, "user_id": f.user_id} for f in let_go])
        return let_go

    async def empty_quotes(self, room: Room, number: int, most: int) -> list[Quoting]:
        rows = await self._db.joins(SQL.quoting, **_of(room), number=number, most=most)
        emptied = []
        for row in rows:
            message_id, besides = MessageId(made(UUID, row["id"])), json.loads(row["besides"] or "{}")
            if quote := besides.get("quote"):
                quote.update(content="", gone=True)
            text = json.dumps(besides, ensure_ascii=False) if besides else None
            await self._db.run(SQL.unquote, workspace_id=room.workspace_id, id=message_id, besides=text)
            emptied.append(Quoting(message_id, row["stream_offset"]))
        return emptied

    async def remove(self, room: Room, number: int) -> int:
        await self._db.run(SQL.uncall, **_of(room), gone_to=room.gone_to, number=number)
        return await self._db.run(SQL.remove, **_of(room), gone_to=room.gone_to, number=number)


async def workspace_keeping(db: Db, workspace_id: WorkspaceId) -> WorkspaceKeeping:
    """What a workspace says of how long messages are kept."""
    row = await db.joined(SQL.workspace_keeping, workspace_id=workspace_id)
    return WorkspaceKeeping(row["keep_days"], bool(row["rooms_decide"])) if row is not None else WorkspaceKeeping()


def _weight(row: Row) -> int:
    """How many rows go with a message, about: itself, its former words, what others reacted with. Each of them was a change
    of the message."""
    return int(row["version"]) + sum(counts_from(row["reactions"], lambda _, count: count))


def _of(room: Room) -> dict[str, Any]:
    return {"workspace_id": room.workspace_id, "room_id": room.id}
