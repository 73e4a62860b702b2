"""Folding what happens to the members of a room."""

from typing import Any

from ..domain.kernel.event import Event
from ..domain.kernel.ids import UserId
from ..domain.rooms import events as rooms

Members = dict[UserId, tuple[str, Any, bool, Any]]
"""Who is in a room: their role, since when, whether they are muted, and until when."""


def fold_members(members: Members, event: Event) -> None:
    """What an event makes of them."""
    match event:
        case rooms.MemberJoined(_, user_id, role, joined_at):
            members[user_id] = (role, joined_at, False, None)
        case rooms.MemberLeft(_, user_id):
            members.pop(user_id, None)
        case rooms.MemberRoleChanged(_, user_id, role):
            _role(members, user_id, role)
        case rooms.OwnerChanged(_, owner_id, former_owner_id):
            _role(members, former_owner_id, "moderator")
            _role(members, owner_id, "owner")
            _mute(members, owner_id, False, None)
        case rooms.MemberMuted(_, user_id, muted_until):
            _mute(members, user_id, True, muted_until)
        case rooms.MemberUnmuted(_, user_id):
            _mute(members, user_id, False, None)
        case _:
            pass


def _role(members: Members, user_id: UserId | None, role: str) -> None:
    if user_id is not None and user_id in members:
        members[user_id] = (role, *members[user_id][1:])


def _mute(members: Members, user_id: UserId | None, muted: bool, until: Any) -> None:
    if user_id is not None and user_id in members:
        members[user_id] = (*members[user_id][:2], muted, until)
