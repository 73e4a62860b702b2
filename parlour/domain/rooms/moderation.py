"""Keeping order in a room: who stands above whom, silence and exclusion with or without an end."""

from datetime import datetime

from attrs import frozen

from ..kernel.errors import Conflict, Forbidden, invalid
from ..kernel.ids import RoomId, UserId, WorkspaceId
from ..kernel.text import unprintable
from ..kernel.times import lasts
from .room import Room, RoomKind, RoomMember, RoomRole

REASON_CHARACTERS = 500


@frozen
class RoomBan:
    """Somebody is kept out of a room, until a time or for good. It holds whether they were in it or not."""

    workspace_id: WorkspaceId
    room_id: RoomId
    user_id: UserId
    banned_by: UserId
    banned_at: datetime
    until: datetime | None = None
    reason: str | None = None

    def holds(self, now: datetime) -> bool:
        return lasts(self.until, now)


def rank_in(kind: RoomKind, role: RoomRole | None, workspace_rank: int) -> int:
    """How high somebody stands in a room: 0 outside it, then by their role. In channels those who administer the workspace
    stand above all roles, its owner highest; `workspace_rank` is 1 for its members, 2 for administrators, 3 for the owner."""
    if kind.is_channel and workspace_rank > 1:
        return RoomRole.OWNER.rank + workspace_rank - 1
    return role.rank if role is not None else 0


def check_outranks(by: int, over: int) -> None:
    """The one rule of removing, muting and banning: it is done to those who stand below oneself, and to nobody else."""
    if by <= over:
        raise Forbidden("You can do this only to those who stand below you here.", code="rank")


def check_moderated(room: Room, role: RoomRole | None) -> None:
    """Two in a direct room have no power over each other, and an owner is never silenced or kept out of what is theirs."""
    if room.kind is RoomKind.DIRECT:
        raise Conflict("Nobody is muted or banned in a direct room; block them instead.", code="direct_room")
    if role is RoomRole.OWNER:
        raise Conflict("Make another member the owner first.", code="last_owner")
    room.check_open()


def returned(member: RoomMember) -> RoomMember:
    """Somebody as they come back in: a mute that ended while they were away binds them no more."""
    return member if member.silent(member.joined_at) else member.unmuted()


def checked_reason(text: str | None) -> str | None:
    """Up to 500 printable characters, lines allowed."""
    if text is not None and len(text) > REASON_CHARACTERS:
        raise invalid("reason", "length", f"A reason has at most {REASON_CHARACTERS} characters.")
    if text is not None and (bad := unprintable(text, lines=True)) is not None:
        raise invalid("reason", "character", f"A reason cannot hold the character {bad}.")
    return text
