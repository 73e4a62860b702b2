"""Coming into and going out of a room: the same steps whoever causes it."""

from datetime import datetime

from attrs import frozen

from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.streams import Stream
from ...domain.rooms import events
from ...domain.rooms.moderation import returned
from ...domain.rooms.own import ReadMark
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import Room, RoomKind, RoomMember, RoomRole, heir
from ..kernel.uow import Recorded, UnitOfWork
from .access import stream_of


@frozen
class Entered:
    """A room with one more in it, and what it was told of that."""

    room: Room
    told: Recorded


async def hold_room(rooms: Rooms, room_id: RoomId) -> None:
    """For units that change a room or who is in it: others of them wait, before anything is read that they decide by.
    Otherwise of many who come at once most would be too late, again and again."""
    room = await rooms.get(room_id)
    if room is not None:
        await rooms.hold(room)


async def tell_entered(uow: UnitOfWork, room: Room, member: RoomMember, mark: ReadMark) -> Recorded:
    """Tell the room and the member that they are in it; what the room was told."""
    entered = events.RoomEntered(room.id, room.workspace_id, room.kind, mark.number, mark.offset)
    await uow.record(Stream.of_user(member.user_id), entered)
    joined = events.MemberJoined(room.id, member.user_id, member.role, member.joined_at)
    return await uow.record(stream_of(room), joined)


async def enter_room(uow: UnitOfWork, rooms: Rooms, room: Room, member: RoomMember) -> Entered | None:
    """Make somebody a member and say so. None, and nothing said, when they are one already. Nobody gets out of a mute by
    going and coming back."""
    member = returned(await rooms.returning(member))
    mark = await rooms.add_member(member)
    if mark is None:
        return None
    larger = await rooms.save(room.with_members(1))
    told = await tell_entered(uow, room, member, mark)
    if member.muted:
        told = await uow.record(stream_of(room), events.MemberMuted(room.id, member.user_id, member.muted_until))
    return Entered(larger, told)


async def exit_room(uow: UnitOfWork, rooms: Rooms, room: Room, member: RoomMember) -> Recorded:
    """Let somebody go and say so; what the room was told."""
    await rooms.remove_member(member)
    await rooms.save(room.with_members(-1))
    told = await uow.record(stream_of(room), events.MemberLeft(room.id, member.user_id))
    await uow.record(Stream.of_user(member.user_id), events.RoomExited(room.id, room.workspace_id))
    return told


async def hand_over(uow: UnitOfWork, rooms: Rooms, room: Room, to: RoomMember) -> Room:
    """Make another member the owner; the former one is a moderator from now on."""
    former = await rooms.member(room, room.owner_id) if room.owner_id is not None else None
    if former is not None:
        await rooms.save_member(former.with_role(RoomRole.MODERATOR))
    await rooms.save_member(to.with_role(RoomRole.OWNER))
    owned = await rooms.save(room.owned_by(to.user_id))
    await uow.record(stream_of(room), events.OwnerChanged(room.id, owned.owner_id, room.owner_id))
    return owned


async def bring_out(uow: UnitOfWork, rooms: Rooms, room: Room, user_id: UserId, now: datetime) -> None:
    """Take somebody who must go out of a room. One they own goes to the next in line; with nobody left it is archived."""
    held = await rooms.hold(room)
    member = await rooms.member(held, user_id) if held is not None else None
    if held is None or member is None:
        return
    room = held
    if member.role is RoomRole.OWNER:
        next_in_line = heir(await rooms.members(room))
        if next_in_line is not None:
            room = await hand_over(uow, rooms, room, next_in_line)
            member = await rooms.member(room, user_id) or member
        else:
            room = await rooms.save(room.owned_by(None).archived_since(now))
            await uow.record(stream_of(room), events.OwnerChanged(room.id, None, user_id))
            await uow.record(stream_of(room), events.RoomArchived(room.id, True))
            await tell_channel(uow, room)
    await exit_room(uow, rooms, room, member)


async def tell_channel(uow: UnitOfWork, room: Room) -> None:
    """Tell the workspace how a public channel is called and described now; of other rooms it learns nothing."""
    if room.kind is RoomKind.PUBLIC_CHANNEL and room.name is not None:
        told = events.ChannelUpdated(room.id, room.name, room.description, room.archived, room.topic, room.locked)
        await uow.record(Stream.of_workspace(room.workspace_id), told)
