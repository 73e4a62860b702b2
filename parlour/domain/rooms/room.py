"""A room and its members: the four kinds, and what each allows."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import evolve, frozen

from ..kernel.errors import Conflict, invalid
from ..kernel.ids import RoomId, UserId, WorkspaceId
from ..kernel.text import checked_name, folded, unprintable
from ..kernel.times import lasts


class RoomKind(StrEnum):
    """What sort of room it is; it never changes."""

    DIRECT = "direct"
    GROUP = "group"
    PRIVATE_CHANNEL = "private_channel"
    PUBLIC_CHANNEL = "public_channel"

    @property
    def is_channel(self) -> bool:
        return self is RoomKind.PUBLIC_CHANNEL or self is RoomKind.PRIVATE_CHANNEL


class RoomRole(StrEnum):
    """What a member is in the room."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"

    @property
    def rank(self) -> int:
        return {RoomRole.MEMBER: 1, RoomRole.MODERATOR: 2, RoomRole.OWNER: 3}[self]


@frozen
class Room:
    """A room. `owner_id` is one of its members; a direct room has none, and no name. A channel may have a password: who is
    not asked in joins with it.

    `direct_key` names the pair of a direct room, so that there is one per pair and workspace for ever.
    `keep_days` is its own rule of how long messages are kept, see `domain.kernel.keeping`; messages up to the number
    `gone_to` are gone by a rule.
    """

    id: RoomId
    workspace_id: WorkspaceId
    kind: RoomKind
    name: str | None
    name_key: str
    description: str | None
    owner_id: UserId | None
    created_at: datetime
    updated_at: datetime
    members_count: int
    direct_key: str | None = None
    archived_at: datetime | None = None
    deleted_at: datetime | None = None
    topic: str | None = None
    password_hash: str | None = None
    keep_days: int | None = None
    gone_to: int = 0
    version: int = 1

    @property
    def locked(self) -> bool:
        return self.password_hash is not None

    @property
    def archived(self) -> bool:
        return self.archived_at is not None

    def check_open(self) -> None:
        """An archived room can be read, left and deleted, and nothing else."""
        if self.archived:
            raise Conflict("The room is archived.", code="room_archived")

    def described(
        self, name: str | None, description: str | None, now: datetime, *, topic: str | None = None
    ) -> "Room":
        """The room with another name, description and topic. A direct room is called after the people in it."""
        if self.kind is RoomKind.DIRECT:
            raise Conflict("A direct room has no name of its own.", code="direct_room")
        named = checked_room_name(self.kind, name)
        return evolve(
            self,
            name=named,
            name_key=folded(named) if named else "",
            description=checked_description(description),
            topic=checked_topic(topic),
            updated_at=now,
        )

    def locked_by(self, password_hash: str | None, now: datetime) -> "Room":
        """The room with another password, or without one."""
        if password_hash is not None:
            check_takes_password(self.kind)
        return evolve(self, password_hash=password_hash, updated_at=now)

    def archived_since(self, now: datetime | None) -> "Room":
        """Archived at `now`, or open again when there is none."""
        if self.kind is RoomKind.DIRECT:
            raise Conflict("A direct room stays as it is.", code="direct_room")
        return self if self.archived == (now is not None) else evolve(self, archived_at=now)

    def deleted(self, now: datetime) -> "Room":
        if self.kind is RoomKind.DIRECT:
            raise Conflict("A direct room stays for ever.", code="direct_room")
        return evolve(self, deleted_at=now)

    def with_members(self, more: int) -> "Room":
        return evolve(self, members_count=self.members_count + more)

    def owned_by(self, user_id: UserId | None) -> "Room":
        return evolve(self, owner_id=user_id)

    def check_joinable(self) -> None:
        """Only a public channel can be entered without being asked in, or one whose password one knows."""
        if self.kind is not RoomKind.PUBLIC_CHANNEL and not self.locked:
            raise Conflict("Only public channels can be joined; ask to be added.", code="not_joinable")
        self.check_open()

    def check_takes_members(self) -> None:
        """A direct room has its two for ever."""
        if self.kind is RoomKind.DIRECT:
            raise Conflict("A direct room has exactly two members.", code="direct_room")
        self.check_open()


@frozen
class RoomMember:
    """A user in a room. One who is muted reads and says nothing, until `muted_until` or for good."""

    workspace_id: WorkspaceId
    room_id: RoomId
    user_id: UserId
    role: RoomRole
    joined_at: datetime
    muted: bool = False
    muted_until: datetime | None = None
    version: int = 1

    def with_role(self, role: RoomRole) -> "RoomMember":
        """With another role; an owner is not muted."""
        return evolve(self.unmuted() if role is RoomRole.OWNER else self, role=role)

    def muted_till(self, until: datetime | None) -> "RoomMember":
        """Muted until a time, or for good."""
        return evolve(self, muted=True, muted_until=until)

    def unmuted(self) -> "RoomMember":
        return evolve(self, muted=False, muted_until=None)

    def silent(self, now: datetime) -> bool:
        """Whether they are muted now: an end that has come counts, whoever has noted it or not."""
        return self.muted and lasts(self.muted_until, now)


def checked_room_name(kind: RoomKind, name: str | None) -> str | None:
    """A name, as names are. Channels need one, a group may have one, a direct room never."""
    if kind is RoomKind.DIRECT:
        if name is not None:
            raise invalid("name", "direct_room", "A direct room has no name of its own.")
        return None
    if name is None:
        if kind.is_channel:
            raise invalid("name", "required", "A channel needs a name.")
        return None
    return checked_name(name)


def check_undescribed(name: str | None, description: str | None, topic: str | None) -> None:
    """A direct room is known by its two, and by nothing else."""
    for field, text in (("name", name), ("description", description), ("topic", topic)):
        if text is not None:
            raise invalid(field, "direct_room", f"A direct room has no {field} of its own.")


def checked_description(text: str | None) -> str | None:
    """Up to 2,000 printable characters, lines allowed."""
    if text is not None and len(text) > 2000:
        raise invalid("description", "length", "A description has at most 2,000 characters.")
    if text is not None and (bad := unprintable(text, lines=True)) is not None:
        raise invalid("description", "character", f"A description cannot hold the character {bad}.")
    return text


def checked_topic(text: str | None) -> str | None:
    """What a room is about just now: one line of up to 250 printable characters."""
    if text is not None and len(text) > 250:
        raise invalid("topic", "length", "A topic has at most 250 characters.")
    if text is not None and (bad := unprintable(text, lines=False)) is not None:
        raise invalid("topic", "character", f"A topic cannot hold the character {bad}.")
    return text


def check_takes_password(kind: RoomKind) -> None:
    """Others are let into groups and direct rooms by those in them, or not at all."""
    if not kind.is_channel:
        raise invalid("password", "not_a_channel", "Only channels have passwords.")


def checked_room_password(password: str) -> str:
    """4 to 128 bytes in UTF-8."""
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise invalid("password", "character", "A password cannot hold half of a surrogate pair.") from None
    if not 4 <= size <= 128:
        raise invalid("password", "length", "A password has 4 to 128 bytes.")
    return password


def direct_key_of(one: UserId, other: UserId) -> str:
    """The name of a pair, whoever begins."""
    return ":".join(sorted((str(one), str(other))))


def pair_of(direct_key: str) -> tuple[UserId, UserId]:
    """The two whose direct room it is."""
    one, other = (UserId(UUID(part)) for part in direct_key.split(":"))
    return one, other


def founding_members(kind: RoomKind, creator: UserId, others: Iterable[UserId]) -> list[UserId]:
    """Everybody who is in a new room of this kind, its creator first.

    A direct room has exactly two, not oneself; a group three or more at its creation; a private channel its creator and
    whoever is asked in; a public channel starts with its creator alone.
    """
    members = list(dict.fromkeys([creator, *others]))
    if kind is RoomKind.DIRECT and len(members) != 2:
        raise invalid("member_ids", "direct_room", "A direct room is with exactly one other person.")
    if kind is RoomKind.GROUP and len(members) < 3:
        raise invalid("member_ids", "group_size", "A group begins with three people or more.")
    if kind is RoomKind.PUBLIC_CHANNEL and len(members) > 1:
        raise invalid("member_ids", "public_channel", "A public channel starts with its creator alone; others join.")
    return members


def new_room(
    room_id: RoomId,
    workspace_id: WorkspaceId,
    kind: RoomKind,
    name: str | None,
    description: str | None,
    members: list[UserId],
    now: datetime,
    *,
    topic: str | None = None,
    password_hash: str | None = None,
) -> tuple[Room, list[RoomMember]]:
    """A room with its first members, who come from `founding_members`: the first of them owns it, but for a direct room."""
    direct = kind is RoomKind.DIRECT
    named = checked_room_name(kind, name)
    room = Room(
        id=room_id,
        workspace_id=workspace_id,
        kind=kind,
        name=named,
        name_key=folded(named) if named else "",
        description=checked_description(description),
        owner_id=None if direct else members[0],
        created_at=now,
        updated_at=now,
        members_count=len(members),
        direct_key=direct_key_of(*members) if direct else None,
        topic=checked_topic(topic),
        password_hash=password_hash,
    )
    roles = [RoomRole.MEMBER if direct or n else RoomRole.OWNER for n in range(len(members))]
    return room, [RoomMember(workspace_id, room_id, u, r, now) for u, r in zip(members, roles, strict=True)]


def check_may_leave(room: Room, member: RoomMember) -> None:
    """A direct room is never left, and its owner hands a room over before they go."""
    if room.kind is RoomKind.DIRECT:
        raise Conflict("A direct room is not left.", code="direct_room")
    if member.role is RoomRole.OWNER:
        raise Conflict("Make another member the owner first, or delete the room.", code="last_owner")


def check_role_change(room: Room, member: RoomMember, role: RoomRole) -> None:
    """Ownership is handed over, never given up; nobody in a direct room is more than the other."""
    if room.kind is RoomKind.DIRECT:
        raise Conflict("A direct room has no roles.", code="direct_room")
    if member.role is RoomRole.OWNER and role is not RoomRole.OWNER:
        raise Conflict("Make another member the owner first.", code="last_owner")


def heir(members: Iterable[RoomMember]) -> RoomMember | None:
    """Who owns a room when its owner had to go: a moderator before a member, the longest there first."""
    rest = [m for m in members if m.role is not RoomRole.OWNER]
    return min(rest, key=lambda m: (-m.role.rank, m.joined_at, str(m.user_id)), default=None)
