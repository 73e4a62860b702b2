"""What members keep of rooms for themselves, in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import evolve

from ...application.kernel.page import Page
from ...application.rooms.own import OwnStanding, OwnView, RoomUnreadView, UnreadView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.messages.message import Message
from ...domain.rooms.own import NotificationLevel, OwnRoom, ReadMark, unread
from ...domain.rooms.room import RoomKind, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .besides import EVERYBODY
from .db import Db, Fetched
from .loader import load
from .pages import NOBODY, listing
from .shapes import made, read

SQL = load("own_rooms")
Maybe: Any = datetime | None
Waiting = tuple[int, int]
"""How many mentions, and threads with replies, somebody has not read in a room."""
NOTHING: Waiting = (0, 0)


def mark_of(row: Mapping[str, Any]) -> ReadMark:
    return ReadMark(row["read_number"], row["read_offset"])


def own_view(row: Mapping[str, Any], waiting: Waiting) -> OwnView | None:
    """What a member keeps of a room, from their row and the number of its messages; None without a member."""
    if row["read_number"] is None:
        return None
    mark = mark_of(row)
    mentions, threads = waiting
    return OwnView(
        unread(row["number"], mark, row["gone_to"]),
        mark,
        row["favourite"],
        NotificationLevel(row["notifications"]),
        mentions,
        threads,
        bool(row["muted"]),
        made(Maybe, row["muted_until"]),
    )


async def waiting_in(
    db: Db, workspace_id: WorkspaceId, user_id: UserId, room_ids: list[RoomId]
) -> dict[RoomId, Waiting]:
    """What waits for somebody in those of some rooms that they are in, in one query."""
    where = {"workspace_id": workspace_id, "user_id": user_id, "room_ids": room_ids}
    rows = await db.joins(SQL.waiting, **where, everybody=EVERYBODY) if room_ids else []
    return {RoomId(made(UUID, row["room_id"])): (row["mentions"], row["threads"]) for row in rows}


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
            row["gone_to"],
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

    async def mentions(self, own: OwnRoom, mark: ReadMark, head: int) -> int:
        between = {"number": mark.number, "head": head, "everybody": EVERYBODY}
        return int(await self._db.value(SQL.mentions, **_where(own), **between))

    async def unread_in(self, workspace_id: WorkspaceId, user_id: UserId) -> UnreadView:
        where = {"workspace_id": workspace_id, "user_id": user_id}
        row = await self._db.joined(SQL.unread_in, **where, everybody=EVERYBODY)
        assert row is not None, "a count is always answered"
        threads = int(await self._db.value(SQL.threads_in, **where))
        return UnreadView(workspace_id, row["rooms"], row["unread"], row["mentions"], threads)

    async def unread_rooms(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomUnreadView]:
        page = await UNREAD.page(self._db, cursor, limit, workspace_id=workspace_id, user_id=user_id)
        waiting = await waiting_in(self._db, workspace_id, user_id, [room.room_id for room in page.items])
        with_these = [
            evolve(r, mentions=m, threads=t) for r in page.items for m, t in [waiting.get(r.room_id, NOTHING)]
        ]
        return evolve(page, items=with_these)

    async def readers(self, message: Message, cursor: str | None, limit: int) -> Page[UserId]:
        where = {"workspace_id": message.workspace_id, "room_id": message.room_id, "number": message.number}
        who = {"author_id": message.author_id, "created_at": message.created_at}
        return await READERS.page(self._db, cursor, limit, **where, **who)


def _where(own: OwnRoom) -> dict[str, Any]:
    return {"workspace_id": own.workspace_id, "room_id": own.room_id, "user_id": own.user_id}
