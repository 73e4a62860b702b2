"""What rooms do when something happens."""

from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.rooms.events import (
    MemberBanned,
    MemberLeft,
    MemberRoleChanged,
    OwnerChanged,
    RoomDeleted,
    RoomEntered,
    RoomPasswordChanged,
)
from ...domain.rooms.ports import OwnRooms, Rooms
from ...domain.rooms.room import RoomKind
from ...domain.workspaces.events import WorkspaceEntered, WorkspaceMemberLeft
from ..kernel.ports import Clock, LiveConnections
from ..kernel.uow import LoggedEvent, UnitOfWork
from .membership import bring_out


async def when_member_leaves_workspace_take_them_out_of_its_rooms(
    event: WorkspaceMemberLeft, stream: Stream, uow: UnitOfWork, rooms: Rooms, clock: Clock
) -> None:
    """Out of all but their direct rooms, which wait for them: there is one per pair for ever."""
    for room in await rooms.of_member(event.workspace_id, event.user_id):
        if room.kind is not RoomKind.DIRECT:
            await bring_out(uow, rooms, room, event.user_id, clock.now())


async def when_member_enters_workspace_give_them_their_rooms_back(
    event: WorkspaceEntered, stream: Stream, uow: UnitOfWork, rooms: Rooms, own_rooms: OwnRooms
) -> None:
    """As they left them: what they have read, favourites, notifications."""
    user_id = UserId(stream.owner)
    kinds = {room.id: room.kind for room in await rooms.of_member(event.workspace_id, user_id)}
    for own in await own_rooms.all_of(event.workspace_id, user_id):
        if own.room_id in kinds:  # and not gone between the two
            kind, mark, level = kinds[own.room_id], own.mark, own.notifications
            entered = RoomEntered(own.room_id, own.workspace_id, kind, mark.number, mark.offset, own.favourite, level)
            await uow.record(stream, entered)


def when_member_leaves_room_recheck_them(event: MemberLeft, logged: LoggedEvent, live: LiveConnections) -> None:
    live.recheck_user(event.user_id)


def when_somebody_is_banned_recheck_them(event: MemberBanned, logged: LoggedEvent, live: LiveConnections) -> None:
    """A public channel is followed by those who are not in it as well."""
    live.recheck_user(event.user_id)


def when_room_is_deleted_recheck_its_followers(event: RoomDeleted, logged: LoggedEvent, live: LiveConnections) -> None:
    live.recheck_topic(str(logged.stream.topic))


def when_room_is_locked_recheck_its_followers(
    event: RoomPasswordChanged, logged: LoggedEvent, live: LiveConnections
) -> None:
    """Whoever follows a public channel from outside does so no longer."""
    live.recheck_topic(str(logged.stream.topic))


def when_role_in_room_changes_recheck_its_member(
    event: MemberRoleChanged, logged: LoggedEvent, live: LiveConnections
) -> None:
    """The built-in policy lets all roles read; a host's own may not."""
    live.recheck_user(event.user_id)


def when_room_is_handed_over_recheck_both(event: OwnerChanged, logged: LoggedEvent, live: LiveConnections) -> None:
    for user_id in (event.owner_id, event.former_owner_id):
        if user_id is not None:
            live.recheck_user(user_id)
