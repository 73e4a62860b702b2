"""The rooms feature, as the catalogue knows it."""

from typing import Any

from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import TopicKind
from ...domain.rooms.events import (
    MemberBanned,
    MemberLeft,
    MemberRoleChanged,
    OwnerChanged,
    RoomDeleted,
    RoomPasswordChanged,
)
from ...domain.workspaces.events import WorkspaceEntered, WorkspaceMemberLeft
from ..kernel.catalogue import Feature, ResourceKind, everywhere, in_unit, use_case
from ..kernel.retention import SCHEDULERS_OWN
from . import commands, favourites, members, moderation, queries, reactions, reading, retention, unread
from .access import room_facts

PASSWORD = {"password": "room_password"}


def with_password(asked: Any) -> bool:
    """A password is hashed, which takes long."""
    return asked.password is not None


ROOMS = Feature(
    "rooms",
    use_cases=(
        use_case(commands.create_room, slow_when=with_password, rates_with=PASSWORD),
        use_case(commands.update_room, slow_when=with_password, rates_with=PASSWORD),
        use_case(commands.archive_room),
        use_case(retention.set_room_retention),
        use_case(retention.clear_room_retention),
        use_case(commands.delete_room),
        use_case(members.join_room, slow_when=with_password, rates_with=PASSWORD),
        use_case(members.leave_room),
        use_case(members.add_members),
        use_case(members.remove_members),
        use_case(members.update_member),
        use_case(moderation.ban_member),
        use_case(moderation.unban_member),
        use_case(moderation.end_mute, absent=SCHEDULERS_OWN),
        use_case(moderation.end_ban, absent=SCHEDULERS_OWN),
        use_case(queries.get_room),
        use_case(queries.list_rooms),
        use_case(queries.list_channels),
        use_case(queries.list_members),
        use_case(queries.list_bans),
        use_case(queries.list_events),
        use_case(reading.mark_read),
        use_case(reading.mark_unread),
        use_case(unread.get_unread),
        use_case(unread.list_unread),
        use_case(favourites.put_favourite),
        use_case(favourites.remove_favourite),
        use_case(favourites.get_favourites),
        use_case(favourites.set_notifications),
    ),
    resources=(ResourceKind(TopicKind.ROOM, room_facts, Permission.ROOM_READ),),
    reactions=(
        in_unit(WorkspaceMemberLeft, reactions.when_member_leaves_workspace_take_them_out_of_its_rooms),
        in_unit(WorkspaceEntered, reactions.when_member_enters_workspace_give_them_their_rooms_back),
        everywhere(MemberLeft, reactions.when_member_leaves_room_recheck_them),
        everywhere(MemberBanned, reactions.when_somebody_is_banned_recheck_them),
        everywhere(MemberRoleChanged, reactions.when_role_in_room_changes_recheck_its_member),
        everywhere(OwnerChanged, reactions.when_room_is_handed_over_recheck_both),
        everywhere(RoomPasswordChanged, reactions.when_room_is_locked_recheck_its_followers),
        everywhere(RoomDeleted, reactions.when_room_is_deleted_recheck_its_followers),
    ),
)
