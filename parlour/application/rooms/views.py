"""What is shown of rooms and their members, and the ports that read it."""

from datetime import datetime
from functools import cached_property
from typing import Protocol

from attrs import evolve, frozen

from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.keeping import KeepRule
from ...domain.kernel.streams import Head, Stream
from ...domain.kernel.times import lasts
from ...domain.rooms.moderation import RoomBan, rank_in
from ...domain.rooms.own import NotificationLevel
from ...domain.rooms.room import Room, RoomKind, RoomMember, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from ..kernel.authorizer import RoomFacts
from ..kernel.page import Page
from ..kernel.ports import Person
from ..kernel.retention import OwnRule
from ..kernel.uow import Place
from ..messages.views import MessageView
from .own import OwnView


@frozen
class RoomView:
    """A room, as whoever asks sees it: `role`, and what a member keeps for themselves, are None for one who is not a
    member. `epoch` and `offset` are where its stream stands.

    Messages up to `read_number` are read, `unread` are not, and `mentions` of these call one; `read_offset` is the place of
    the last that is. Of the threads that one follows, `threads` have replies one has not read. `favourite` sorts one's
    favourites, and is null for other rooms. One who is `muted` says nothing until `muted_until`, or for good when that is
    null.

    `retention` is the rule in force for its messages, `own_retention` the room's own, if it has one. Messages up to the
    number `gone_to` are gone by a rule.
    """

    id: RoomId
    workspace_id: WorkspaceId
    kind: RoomKind
    name: str | None
    description: str | None
    owner_id: UserId | None
    archived: bool
    created_at: datetime
    updated_at: datetime
    members_count: int
    role: RoomRole | None
    epoch: str | None = None
    offset: int | None = None
    last_message: MessageView | None = None
    topic: str | None = None
    has_password: bool = False
    unread: int | None = None
    read_number: int | None = None
    read_offset: int | None = None
    favourite: int | None = None
    notifications: NotificationLevel | None = None
    retention: KeepRule | None = None
    own_retention: OwnRule | None = None
    gone_to: int = 0
    mentions: int | None = None
    threads: int | None = None
    muted: bool | None = None
    muted_until: datetime | None = None

    @classmethod
    def of(
        cls, room: Room, role: RoomRole | None, at: Head | Place | None = None, last: MessageView | None = None,
        own: OwnView | None = None, rule: KeepRule | None = None,
    ) -> "RoomView":  # fmt: skip
        return cls(
            id=room.id,
            workspace_id=room.workspace_id,
            kind=room.kind,
            name=room.name,
            description=room.description,
            owner_id=room.owner_id,
            archived=room.archived,
            created_at=room.created_at,
            updated_at=room.updated_at,
            members_count=room.members_count,
            role=role,
            epoch=at.epoch if at else None,
            offset=at.offset if at else None,
            last_message=last,
            topic=room.topic,
            has_password=room.locked,
            unread=own.unread if own else None,
            read_number=own.mark.number if own else None,
            read_offset=own.mark.offset if own else None,
            favourite=own.favourite if own else None,
            notifications=own.notifications if own else None,
            retention=rule,
            own_retention=OwnRule.of(room.keep_days),
            gone_to=room.gone_to,
            mentions=own.mentions if own else None,
            threads=own.threads if own else None,
            muted=own.muted if own else None,
            muted_until=own.muted_until if own else None,
        )


@frozen
class RoomMemberView:
    """A member; `user` is None where nobody knows the id any more. One who is `muted` says nothing until `muted_until`, or
    for good when that is null; from then on they are not bound by it, even while it is still shown for a moment.
    """

    room_id: RoomId
    user_id: UserId
    role: RoomRole
    joined_at: datetime
    user: Person | None = None
    muted: bool = False
    muted_until: datetime | None = None

    @classmethod
    def of(cls, member: RoomMember, user: Person | None = None) -> "RoomMemberView":
        return cls(
            member.room_id, member.user_id, member.role, member.joined_at, user, member.muted, member.muted_until
        )


@frozen
class RoomBanView:
    """Who is kept out of a room, by whom, until when (null: for good) and why."""

    room_id: RoomId
    user_id: UserId
    banned_by: UserId
    banned_at: datetime
    until: datetime | None
    reason: str | None
    user: Person | None = None

    @classmethod
    def of(cls, ban: RoomBan, user: Person | None = None) -> "RoomBanView":
        return cls(ban.room_id, ban.user_id, ban.banned_by, ban.banned_at, ban.until, ban.reason, user)


@frozen
class RoomStanding:
    """A room, and what somebody is in it and in its workspace (None: not a member), and whether they are muted in it or
    banned from it, or whether one of the two in a direct room blocks the other, as it was read. Readers answer it `as_of` the
    moment."""

    room: Room
    member: RoomMember | None
    workspace_role: WorkspaceRole | None
    muted: bool = False
    banned: bool = False
    blocked: bool = False
    banned_until: datetime | None = None

    def as_of(self, now: datetime) -> "RoomStanding":
        """The same at a time: a mute or a ban whose end has come counts no more, whoever has noted it."""
        muted = self.member is not None and self.member.silent(now)
        return evolve(self, muted=muted, banned=self.banned and lasts(self.banned_until, now))

    @property
    def role(self) -> RoomRole | None:
        return self.member.role if self.member is not None else None

    @cached_property
    def facts(self) -> RoomFacts:
        """What the policy decides by. A standing that is remembered is decided by again and again."""
        room = self.room
        return RoomFacts(
            Stream.of_room(room.workspace_id, room.id),
            room.kind,
            self.role,
            self.workspace_role,
            self.muted,
            self.banned,
            room.locked,
            blocked=self.blocked,
        )

    @property
    def rank(self) -> int:
        """How high they stand among those in the room, see `domain.rooms.moderation.rank_in`."""
        return rank_in(self.room.kind, self.role, self.workspace_role.rank if self.workspace_role is not None else 0)


class RoomStandings(Protocol):
    """What somebody is in a room: what access is decided by. Reads the unit or snapshot it is asked in."""

    async def standing(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        """None when there is no such room, or its workspace is gone."""

    async def recent(self, room_id: RoomId, user_id: UserId) -> RoomStanding | None:
        """The same, perhaps as of a moment ago: good enough to allow what `MessageLog` then looks at again; a refusal is to
        be decided by `standing`."""


class RoomReader(Protocol):
    """Rooms as they are shown."""

    async def details(self, room: Room, user_id: UserId) -> tuple[Head, MessageView | None, OwnView | None]:
        """Where a room's stream stands, its last message, and what somebody keeps of it (None: not a member)."""

    async def rule(self, room: Room) -> KeepRule:
        """The rule in force for how long its messages are kept."""

    async def rooms_of(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        """The rooms of a workspace that somebody is in, by name, unnamed ones first."""

    async def channels(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomView]:
        """The public channels of a workspace by name, with the role somebody has in each. Of one with a password, or that a
        ban keeps them out of, those who are not in it learn neither what was said nor how far its stream has come."""

    async def bans_page(self, room: Room, cursor: str | None, limit: int, now: datetime) -> Page[RoomBan]:
        """The bans that have not ended, the oldest at the front."""

    async def members_page(self, room: Room, cursor: str | None, limit: int) -> Page[RoomMember]:
        """The members, those who came first at the front."""

    async def in_workspace(self, workspace_id: WorkspaceId, user_ids: list[UserId]) -> list[UserId]:
        """Those of some users who are members of a workspace."""

    async def in_room(self, room: Room, user_ids: list[UserId]) -> list[UserId]:
        """Those of some users who are members of a room."""

    async def fellows(self, room_id: RoomId, user_id: UserId, most: int) -> list[UserId]:
        """The members of a room that somebody is in, those who came first, at most so many; of another room, nobody."""
