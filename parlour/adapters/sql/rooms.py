"""Rooms and their members in SQL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import attrs

from ...application.kernel.page import Page
from ...application.messages.views import MessageView
from ...application.rooms.access import stream_of
from ...application.rooms.own import OwnView
from ...application.rooms.views import RoomStanding, RoomView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.streams import Head
from ...domain.rooms.moderation import RoomBan
from ...domain.rooms.own import ReadMark
from ...domain.rooms.room import Room, RoomMember, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .bans import LISTED as BANS
from .blocks import blocked_in
from .db import Db, Fetched, inserted
from .loader import load
from .messages import message_views
from .own_rooms import mark_of, own_view
from .pages import BEGINNING, NOBODY, listing
from .recorder import head_of
from .shapes import Columns, made, shaped
from .workspaces import SQL as WORKSPACES
from .workspaces import members_of

SQL = load("rooms")


def _views(found: Fetched) -> list[RoomView]:
    if not found.rows:
        return []
    rooms, last = found.parted("last_message")
    return shaped(RoomView, rooms, last_message=_last(last))


def _last(columns: Columns) -> list[MessageView | None]:
    """The last messages of some rooms; None where nothing was said."""
    return [view if there else None for view, there in zip(message_views(columns), columns["id"], strict=True)]


Maybe: Any = datetime | None


@attrs.frozen
class Standing(RoomStanding):
    """A standing as it stands in the rows: `muted` and `banned` may have come to their end."""

    banned_until: datetime | None = None

    def as_of(self, now: datetime) -> RoomStanding:
        """The same, when an end that has come counts no more."""
        muted = self.member is not None and self.member.silent(now)
        banned = self.banned and (self.banned_until is None or self.banned_until > now)
        return attrs.evolve(self, muted=muted, banned=banned)


@lru_cache(4096)
def standing_from(user_id: UserId, names: tuple[str, ...], values: tuple[Any, ...]) -> Standing:
    """What a row says, as if no mute and no ban had an end. It is asked with every message, and mostly the row is the same
    as the last time."""
    row = dict(zip(names, values, strict=True))
    room, member = made(Room, row), None
    if row["member_role"] is not None:
        joined_at, role = made(datetime, row["member_joined_at"]), RoomRole(row["member_role"])
        muted, until = bool(row["muted"]), made(Maybe, row["muted_until"])
        member = RoomMember(room.workspace_id, room.id, user_id, role, joined_at, muted, until, row["member_version"])
    role_there = WorkspaceRole(row["workspace_role"]) if row["workspace_role"] is not None else None
    banned, banned_until = row["banned_at"] is not None, made(Maybe, row["banned_until"])
    muted = member is not None and member.muted
    return Standing(room, member, role_there, muted, banned, banned_until=banned_until)


OF_USER = listing(SQL, "rooms_of", ("name_key", "id"), ("", NOBODY), _views)
CHANNELS = listing(SQL, "channels", ("name_key", "id"), ("", NOBODY), _views)
MEMBERS = listing(SQL, "members", ("joined_at", "user_id"), (BEGINNING, NOBODY), lambda found: found.of(RoomMember))


class SqlRooms:
    """`Rooms`, `RoomStandings` and `RoomReader` in SQL."""

    def __init__(self, db: Db, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._now = db, now

    async def add(self, room: Room, members: Sequence[RoomMember]) -> None:
        await self._db.among(members_of(room.workspace_id))
        await self._db.run(SQL.add, **inserted(room))
        for member in members:
            await self._add_member(member)

    async def get(self, room_id: RoomId) -> Room | None:
        return await self._db.row(SQL.room, Room, id=room_id)

    async def hold(self, room: Room) -> Room | None:
        await self._db.among(members_of(room.workspace_id))  # first, as for those who take all from a member
        return await self._db.row(SQL.hold, Room, workspace_id=room.workspace_id, id=room.id)

    async def direct(self, workspace_id: WorkspaceId, direct_key: str) -> Room | None:
        return await self._db.row(SQL.direct, Room, workspace_id=workspace_id, direct_key=direct_key)

    async def save(self, room: Room) -> Room:
        if not await self._db.run(SQL.save, **attrs.asdict(room)):
            raise Raced("The room has changed meanwhile.")
        return attrs.evolve(room, version=room.version + 1)

    async def add_member(self, member: RoomMember) -> ReadMark | None:
        await self._db.among(members_of(member.workspace_id))
        return await self._add_member(member)

    async def _add_member(self, member: RoomMember) -> ReadMark | None:
        row = await self._db.joined(SQL.add_member, **inserted(member), topic=f"room:{member.room_id}")
        return mark_of(row) if row is not None else None

    async def member(self, room: Room, user_id: UserId) -> RoomMember | None:
        return await self._db.row(SQL.member, RoomMember, **_of(room), user_id=user_id)

    async def members(self, room: Room) -> list[RoomMember]:
        return await self._db.rows(SQL.all_members, RoomMember, **_of(room))

    async def save_member(self, member: RoomMember) -> RoomMember:
        if not await self._db.run(SQL.save_member, **attrs.asdict(member)):
            raise Raced("The member has changed meanwhile.")
        return attrs.evolve(member, version=member.version + 1)

    async def remove_member(self, member: RoomMember) -> None:
        where = {"workspace_id": member.workspace_id, "room_id": member.room_id, "user_id": member.user_id}
        await self._db.run(SQL.remove_member, **where)
        if member.muted:
            await self._db.run(SQL.keep_mute, **where, until=member.muted_until)

    async def returning(self, member: RoomMember) -> RoomMember:
        where = {"workspace_id": member.workspace_id, "room_id": member.room_id, "user_id": member.user_id}
        kept = await self._db.joined(SQL.take_mute, **where)
        muted = member.muted_till(made(Maybe, kept["until"])) if kept is not None else member
        return muted if muted.silent(self._now()) else member

    async def of_member(self, workspace_id: WorkspaceId, user_id: UserId) -> list[Room]:
        return await self._db.rows(SQL.of_member, Room, workspace_id=workspace_id, user_id=user_id)

    async def standing(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        standing = await self.stands(room_id, user_id)
        return self._today(standing) if standing is not None else None

    async def stands(self, room_id: RoomId, user_id: UserId) -> Standing | None:
        """The same as the rows say."""
        found = await self._db.fetch(SQL.standing, {"room_id": room_id, "user_id": user_id})
        if not found.rows:
            return None
        standing = standing_from(user_id, tuple(found.names), tuple(found.rows[0]))
        return await self._between(standing) if standing.room.direct_key is not None else standing

    async def _between(self, standing: Standing) -> Standing:
        """With what is so between the two in a direct room."""
        return attrs.evolve(standing, blocked=True) if await blocked_in(self._db, standing.room) else standing

    def _today(self, standing: Standing) -> RoomStanding:
        return standing.as_of(self._now()) if standing.muted or standing.banned else standing

    async def recent(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        return await self.standing(room_id, user_id)

    async def details(self, room: Room, user_id: UserId) -> tuple[Head, MessageView | None, OwnView | None]:
        given = {**_of(room), "user_id": user_id, "topic": str(stream_of(room).topic)}
        found = await self._db.fetch(SQL.details, given)
        assert found.rows, "a room begins with an event"
        columns, last = found.parted("last_message")
        row = {name: value for name, (value,) in columns.items()}
        return head_of(row), _last(last)[0], own_view(row)

    async def rooms_of(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        return await OF_USER.page(self._db, cursor, limit, workspace_id=workspace_id, user_id=user_id)

    async def channels(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        return await CHANNELS.page(self._db, cursor, limit, workspace_id=workspace_id, user_id=user_id)

    async def bans_page(self, room: Room, cursor: str | None, limit: int, now: datetime) -> Page[RoomBan]:
        return await BANS.page(self._db, cursor, limit, **_of(room), now=now)

    async def members_page(self, room: Room, cursor: str | None, limit: int) -> Page[RoomMember]:
        return await MEMBERS.page(self._db, cursor, limit, **_of(room))

    async def in_workspace(self, workspace_id: WorkspaceId, user_ids: list[UserId]) -> list[UserId]:
        where = {"workspace_id": workspace_id, "ids": user_ids}
        return [UserId(u) for u in await self._db.values(WORKSPACES.in_workspace, UUID, **where)]

    async def in_room(self, room: Room, user_ids: list[UserId]) -> list[UserId]:
        return [UserId(u) for u in await self._db.values(SQL.in_room, UUID, **_of(room), ids=user_ids)]


def _of(room: Room) -> dict[str, Any]:
    return {"workspace_id": room.workspace_id, "room_id": room.id}
