"""What members keep of rooms for themselves, in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ...application.kernel.page import Page
from ...application.rooms.own import OwnStanding, OwnView, RoomUnreadView, UnreadView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.messages.message import Message
from ...domain.rooms.own import NotificationLevel, OwnRoom, ReadMark
from ...domain.rooms.room import RoomKind, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .db import Db, Fetched
from .loader import load
from .pages import NOBODY, listing
from .shapes import made, read

SQL = load("own_rooms")


def mark_of(row: Mapping[str, Any]) -> ReadMark:
    return ReadMark(row["read_number"], row["read_offset"])


def own_view(row: Mapping[str, Any]) -> OwnView | None:
    """What a member keeps of a room, from their row and the number of its messages; None without a member."""
    if row["read_number"] is None:
        return None
    unread = max(0, row["number"] - row["read_number"])
    return OwnView(unread, mark_of(row), row["favourite"], NotificationLevel(row["notifications"]))


def _own_room(row: Mapping[str, Any]) -> OwnRoom:
    return OwnRoom(
        WorkspaceId(made(UUID, row["workspace_id"])),
        RoomId(made(UUID, row["room_id"])),
        UserId(made(UUID, row["user_id"])),
        mark_of(row),
        row["favourite"],
        NotificationLevel(row["notifications"]),
    )


def _readers(found: Fetched) -> list[UserId]:
    return [UserId(user_id) for user_id in read(UUID, [user_id for (user_id,) in found.rows])]


UNREAD = listing(SQL, "unread_rooms", ("room_id",), (NOBODY,), lambda found: found.of(RoomUnreadView))
READERS = listing(SQL, "readers", ("user_id",), (NOBODY,), _readers)


class SqlOwnRooms:
    """`OwnRooms` and `OwnReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def standing(self, room_id: RoomId, user_id: UserId) -> OwnStanding | None:
        row = await self._db.joined(SQL.standing, room_id=room_id, user_id=user_id, topic=f"room:{room_id}")
        if row is None:
            return None
        role, there = row["role"], row["workspace_role"]
        return OwnStanding(
            Stream.of_room(WorkspaceId(made(UUID, row["workspace_id"])), room_id),
            RoomKind(row["kind"]),
            row["number"],
            _own_room(row) if role is not None else None,
            RoomRole(role) if role is not None else None,
            WorkspaceRole(there) if there is not None else None,
        )

    async def all_of(self, workspace_id: WorkspaceId, user_id: UserId) -> list[OwnRoom]:
        rows = await self._db.joins(SQL.all_of, workspace_id=workspace_id, user_id=user_id)
        return [_own_room(row) for row in rows]

    async def move_mark(self, own: OwnRoom, number: int) -> ReadMark:
        row = await self._db.joined(SQL.move_mark, **_where(own), was=own.mark.number, number=number)
        if row is None:
            raise Raced("The read mark has moved meanwhile.")
        return mark_of(row)

    async def set_notifications(self, own: OwnRoom, level: NotificationLevel) -> None:
        if not await self._db.run(SQL.set_notifications, **_where(own), notifications=level):
            raise Raced("The member has gone meanwhile.")

    async def favourites(self, workspace_id: WorkspaceId, user_id: UserId) -> list[RoomId]:
        await self._db.alone(f"favourites:{workspace_id}:{user_id}")
        return await self.favourites_of(workspace_id, user_id)

    async def favourites_of(self, workspace_id: WorkspaceId, user_id: UserId) -> list[RoomId]:
        where = {"workspace_id": workspace_id, "user_id": user_id}
        return [RoomId(r) for r in await self._db.values(SQL.favourites, UUID, **where)]

    async def save_favourites(
        self, workspace_id: WorkspaceId, user_id: UserId, before: Sequence[RoomId], after: Sequence[RoomId]
    ) -> None:
        places: dict[RoomId, int | None] = dict.fromkeys(before)
        places |= {room_id: place for place, room_id in enumerate(after)}
        where = {"workspace_id": workspace_id, "user_id": user_id}
        rows = [{**where, "room_id": r, "favourite": place} for r, place in sorted(places.items())]
        await self._db.many(SQL.set_favourite, rows)

    async def unread_in(self, workspace_id: WorkspaceId, user_id: UserId) -> UnreadView:
        row = await self._db.joined(SQL.unread_in, workspace_id=workspace_id, user_id=user_id)
        assert row is not None, "a count is always answered"
        return UnreadView(workspace_id, row["rooms"], row["unread"])

    async def unread_rooms(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomUnreadView]:
        return await UNREAD.page(self._db, cursor, limit, workspace_id=workspace_id, user_id=user_id)

    async def readers(self, message: Message, cursor: str | None, limit: int) -> Page[UserId]:
        where = {"workspace_id": message.workspace_id, "room_id": message.room_id, "number": message.number}
        who = {"author_id": message.author_id, "created_at": message.created_at}
        return await READERS.page(self._db, cursor, limit, **where, **who)


def _where(own: OwnRoom) -> dict[str, Any]:
    return {"workspace_id": own.workspace_id, "room_id": own.room_id, "user_id": own.user_id}
