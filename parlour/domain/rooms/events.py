"""What happens to rooms.

In `room:<id>` for all who may read it; in `workspace:<id>` what concerns the list of public channels; in `user:<id>` which
rooms one has.
"""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import RoomId, UserId, WorkspaceId


@event("room_created")
@frozen
class RoomCreated(Event):
    """The first event of a room."""

    room_id: RoomId
    workspace_id: WorkspaceId
    kind: str
    name: str | None
    description: str | None
    owner_id: UserId | None
    topic: str | None = None
    has_password: bool = False


@event("room_updated")
@frozen
class RoomUpdated(Event):
    """Name, description and topic, as they are now."""

    room_id: RoomId
    name: str | None
    description: str | None
    updated_at: datetime
    topic: str | None = None


@event("room_password_changed", rights=True)
@frozen
class RoomPasswordChanged(Event):
    """The channel has another password, or none any more. Those in it stay."""

    room_id: RoomId
    has_password: bool
    updated_at: datetime


@event("room_retention_changed")
@frozen
class RoomRetentionChanged(Event):
    """The room's own rule of how long messages are kept: for `days`, or for ever (None). Not `own`: it has none."""

    room_id: RoomId
    own: bool
    days: int | None


@event("history_cut")
@frozen
class HistoryCut(Event):
    """Messages up to the number `gone_to` are gone, with all that hung on them: they were older than the rule."""

    room_id: RoomId
    gone_to: int


@event("room_archived", rights=True)
@frozen
class RoomArchived(Event):
    """The room was archived, or opened again."""

    room_id: RoomId
    archived: bool


@event("room_deleted", rights=True)
@frozen
class RoomDeleted(Event):
    room_id: RoomId


@event("member_joined")
@frozen
class MemberJoined(Event):
    room_id: RoomId
    user_id: UserId
    role: str
    joined_at: datetime


@event("member_left", rights=True)
@frozen
class MemberLeft(Event):
    """A member went, or was removed by another."""

    room_id: RoomId
    user_id: UserId


@event("member_role_changed", rights=True)
@frozen
class MemberRoleChanged(Event):
    room_id: RoomId
    user_id: UserId
    role: str


@event("member_muted", rights=True)
@frozen
class MemberMuted(Event):
    """A member may read and say nothing, until a time or (None) for good."""

    room_id: RoomId
    user_id: UserId
    muted_until: datetime | None


@event("member_unmuted", rights=True)
@frozen
class MemberUnmuted(Event):
    """A member may speak again: the mute came to its end, or was taken away."""

    room_id: RoomId
    user_id: UserId


@event("member_banned", rights=True)
@frozen
class MemberBanned(Event):
    """Somebody is kept out, until a time or (None) for good; one who was a member left by it."""

    room_id: RoomId
    user_id: UserId
    until: datetime | None


@event("member_unbanned", rights=True)
@frozen
class MemberUnbanned(Event):
    """Somebody may come in again: the ban came to its end, or was taken away."""

    room_id: RoomId
    user_id: UserId


@event("owner_changed", rights=True)
@frozen
class OwnerChanged(Event):
    """The room was handed over; a former owner who is still there is a moderator from now on, and the new one not muted."""

    room_id: RoomId
    owner_id: UserId | None
    former_owner_id: UserId | None


@event("channel_created")
@frozen
class ChannelCreated(Event):
    """In the workspace: there is another public channel."""

    room_id: RoomId
    name: str
    description: str | None
    topic: str | None = None
    has_password: bool = False


@event("channel_updated")
@frozen
class ChannelUpdated(Event):
    """In the workspace: a public channel, as it is called and described now."""

    room_id: RoomId
    name: str
    description: str | None
    archived: bool
    topic: str | None = None
    has_password: bool = False


@event("channel_deleted")
@frozen
class ChannelDeleted(Event):
    """In the workspace: a public channel is gone."""

    room_id: RoomId


@event("room_entered")
@frozen
class RoomEntered(Event):
    """In the user's inbox: they have this room now, read up to `read_number`, and otherwise as they had it before."""

    room_id: RoomId
    workspace_id: WorkspaceId
    kind: str
    read_number: int = 0
    read_offset: int = 0
    favourite: int | None = None
    notifications: str = "all"


@event("room_exited")
@frozen
class RoomExited(Event):
    """In the user's inbox: they have this room no longer."""

    room_id: RoomId
    workspace_id: WorkspaceId


@event("room_banned")
@frozen
class RoomBanned(Event):
    """In the user's inbox: they are kept out of this room, and perhaps told why."""

    room_id: RoomId
    workspace_id: WorkspaceId
    until: datetime | None
    reason: str | None


@event("room_unbanned")
@frozen
class RoomUnbanned(Event):
    """In the user's inbox: they are kept out of this room no longer."""

    room_id: RoomId
    workspace_id: WorkspaceId
