"""Rooms and their members in SQL."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import attrs

from ...application.kernel.page import Page
from ...application.kernel.retention import OwnRule
from ...application.messages.views import MessageView
from ...application.rooms.access import stream_of
from ...application.rooms.own import OwnView
from ...application.rooms.views import RoomStanding, RoomView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.keeping import FOR_EVER, KeepRule, WorkspaceKeeping, in_force
from ...domain.kernel.streams import Head
from ...domain.rooms.moderation import RoomBan
from ...domain.rooms.own import ReadMark
from ...domain.rooms.room import Room, RoomMember, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .bans import LISTED as BANS
from .besides import EVERYBODY
from .blocks import blocked_in
from .db import Db, Fetched, inserted
from .expiry import workspace_keeping
from .loader import load
from .messages import message_views
from .own_rooms import NOTHING, Maybe, mark_of, own_view, waiting_in
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
    own = [OwnRule.of(days) for days in rooms["keep_days"]]
    return shaped(RoomView, rooms, last_message=_last(last), retention=_rules(rooms), own_retention=own)


def _rules(columns: Columns) -> list[KeepRule]:
    """The rules in force for some rooms of one workspace."""
    keeping = WorkspaceKeeping(columns["workspace_days"][0], bool(columns["rooms_decide"][0]))
    instance_days = columns["instance_days"][0]
    return [in_force(days, keeping, instance_days) for days in columns["keep_days"]]


def _last(columns: Columns) -> list[MessageView | None]:
    """The last messages of some rooms; None where nothing was said."""
    return [view if there else None for view, there in zip(message_views(columns), columns["id"], strict=True)]


@lru_cache(4096)
def standing_from(user_id: UserId, names: tuple[str, ...], values: tuple[Any, ...]) -> RoomStanding:
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
    return RoomStanding(room, member, role_there, muted, banned, banned_until=banned_until)


OF_USER = listing(SQL, "rooms_of", ("name_key", "id"), ("", NOBODY), _views)
CHANNELS = listing(SQL, "channels", ("name_key", "id"), ("", NOBODY), _views)
MEMBERS = listing(SQL, "members", ("joined_at", "user_id"), (BEGINNING, NOBODY), lambda found: found.of(RoomMember))


class SqlRooms:
    """`Rooms`, `RoomStandings` and `RoomReader` in SQL. `instance_days` is the instance's rule of how long messages are
    kept, as `domain.kernel.keeping` has it."""

    instance_days = FOR_EVER

    def __init__(self, db: Db, now: Callable[[], datetime]) -> None:
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
        return member.muted_till(made(Maybe, kept["until"])) if kept is not None else member

    async def of_member(self, workspace_id: WorkspaceId, user_id: UserId) -> list[Room]:
        return await self._db.rows(SQL.of_member, Room, workspace_id=workspace_id, user_id=user_id)

    async def standing(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        standing = await self.stands(room_id, user_id)
        return self._today(standing) if standing is not None else None

    async def stands(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        """The same as the rows say."""
        found = await self._db.fetch(SQL.standing, {"room_id": room_id, "user_id": user_id})
        if not found.rows:
            return None
        standing = standing_from(user_id, tuple(found.names), tuple(found.rows[0]))
        return await self._between(standing) if standing.room.direct_key is not None else standing

    async def _between(self, standing: RoomStanding) -> RoomStanding:
        """With what is so between the two in a direct room."""
        return attrs.evolve(standing, blocked=True) if await blocked_in(self._db, standing.room) else standing

    def _today(self, standing: RoomStanding) -> RoomStanding:
        return standing.as_of(self._now()) if standing.muted or standing.banned else standing

    async def recent(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        return await self.standing(room_id, user_id)

    async def details(self, room: Room, user_id: UserId) -> tuple[Head, MessageView | None, OwnView | None]:
        given = {**_of(room), "user_id": user_id, "topic": str(stream_of(room).topic)}
        found = await self._db.fetch(SQL.details, given)
        assert found.rows, "a room begins with an event"
        columns, last = found.parted("last_message")
        row = {name: value for name, (value,) in columns.items()}
        inside = [room.id] if row["role"] is not None else []
        waiting = await waiting_in(self._db, room.workspace_id, user_id, inside)
        own = own_view({**row, "gone_to": room.gone_to}, waiting.get(room.id, NOTHING))
        return head_of(row), _last(last)[0], own

    async def rule(self, room: Room) -> KeepRule:
        return in_force(room.keep_days, await workspace_keeping(self._db, room.workspace_id), self.instance_days)

    async def rooms_of(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        return await OF_USER.page(self._db, cursor, limit, **self._mine(workspace_id, user_id))

    async def channels(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        return await CHANNELS.page(self._db, cursor, limit, **self._mine(workspace_id, user_id), now=self._now())

    def _mine(self, workspace_id: WorkspaceId, user_id: UserId) -> dict[str, Any]:
        """What a list of rooms is asked with."""
        of = {"workspace_id": workspace_id, "user_id": user_id, "everybody": EVERYBODY}
        return {**of, "instance_days": self.instance_days}

    async def bans_page(self, room: Room, cursor: str | None, limit: int, now: datetime) -> Page[RoomBan]:
        return await BANS.page(self._db, cursor, limit, **_of(room), now=now)

    async def members_page(self, room: Room, cursor: str | None, limit: int) -> Page[RoomMember]:
        return await MEMBERS.page(self._db, cursor, limit, **_of(room))

    async def in_workspace(self, workspace_id: WorkspaceId, user_ids: list[UserId]) -> list[UserId]:
        where = {"workspace_id": workspace_id, "ids": user_ids}
        return [UserId(u) for u in await self._db.values(WORKSPACES.in_workspace, UUID, **where)]

    async def in_room(self, room: Room, user_ids: list[UserId]) -> list[UserId]:
        return [UserId(u) for u in await self._db.values(SQL.in_room, UUID, **_of(room), ids=user_ids)]

    async def fellows(self, room_id: RoomId, user_id: UserId, most: int) -> list[UserId]:
        where = {"room_id": room_id, "user_id": user_id, "most": most}
        return [UserId(u) for u in await self._db.values(SQL.fellows, UUID, **where)]


def _of(room: Room) -> dict[str, Any]:
    return {"workspace_id": room.workspace_id, "room_id": room.id}
