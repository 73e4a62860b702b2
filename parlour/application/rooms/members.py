"""Who is in a room: joining, leaving, adding, removing, roles."""

from typing import Annotated

from attrs import frozen

from ...domain.kernel.errors import Forbidden, NotFound, invalid
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.permissions import Permission as P
from ...domain.rooms import events
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import Room, RoomMember, RoomRole, check_may_leave, check_role_change
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Found
from ..kernel.constraints import Length
from ..kernel.ports import Clock, People
from ..kernel.uow import UnitOfWork
from .access import access_room, stream_of
from .membership import enter_room, exit_room, hand_over, hold_room
from .showing import showing
from .views import RoomMemberView, RoomReader, RoomStanding, RoomStandings, RoomView

UserIds = Annotated[list[UserId], Length(1, 1000)]


@frozen
class JoinRoom(Command[RoomView]):
    """Become a member of a public channel. Somebody who is one already stays as they are."""

    room_id: RoomId


async def join_room(
    command: JoinRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, clock: Clock,
) -> RoomView | Found[RoomView]:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_READ)
        if found.member is not None:
            return Found((await showing(reader, actor.known, found.room, found.member.role)).view)
        await access_room(standings, policy, actor, command.room_id, P.ROOM_JOIN)
        found.room.check_joinable()
        member = RoomMember(found.room.workspace_id, found.room.id, actor.known, RoomRole.MEMBER, clock.now())
        entered = await enter_room(uow, rooms, found.room, member)
        room, told = (entered.room, entered.told) if entered is not None else (found.room, None)
        shown = await showing(reader, actor.known, room, member.role, told)
    return shown.view


@frozen
class LeaveRoom(Command[RoomView]):
    """Leave a room, an archived one too. Its owner hands it over first; a direct room is never left."""

    room_id: RoomId


async def leave_room(
    command: LeaveRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy,
) -> RoomView:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_LEAVE)
        if found.member is None:
            raise NotFound("You are not in this room.")
        check_may_leave(found.room, found.member)
        told = await exit_room(uow, rooms, found.room, found.member)
        shown = await showing(reader, actor.known, found.room.with_members(-1), None, told)
    return shown.view


@frozen
class AddMembers(Command[list[RoomMemberView]]):
    """Bring members of the workspace into a room. Those who are in it already stay as they are."""

    room_id: RoomId
    user_ids: UserIds


async def add_members(
    command: AddMembers, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, people: People, clock: Clock,
) -> list[RoomMemberView]:  # fmt: skip
    wanted = list(dict.fromkeys(command.user_ids))
    named = await people.named(wanted)
    added = []
    async with uow:
        await hold_room(rooms, command.room_id)
        room = (await access_room(standings, policy, actor, command.room_id, P.ROOM_MEMBER_ADD)).room
        room.check_takes_members()
        known = set(await reader.in_workspace(room.workspace_id, wanted))
        if any(user_id not in known for user_id in wanted):
            raise invalid("user_ids", "unknown_member", "Not all of these are members of the workspace.")
        for user_id in wanted:
            member = RoomMember(room.workspace_id, room.id, user_id, RoomRole.MEMBER, clock.now())
            entered = await enter_room(uow, rooms, room, member)
            room = entered.room if entered is not None else room
            added.append(await _member(rooms, room, user_id))
    return [RoomMemberView.of(m, named.get(m.user_id)) for m in added]


Few = Annotated[list[UserId], Length(1, 200)]  # as many as fit into an address


@frozen
class RemoveMembers(Command[list[RoomMemberView]]):
    """Take members out of a room. A moderator cannot remove another or the owner; taking oneself out is leaving.

    An archived room lets go of its members too.
    """

    room_id: RoomId
    user_ids: Few


async def remove_members(
    command: RemoveMembers, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, policy: Policy
) -> list[RoomMemberView]:
    wanted, removed = list(dict.fromkeys(command.user_ids)), []
    needed = P.ROOM_LEAVE if wanted == [actor.user_id] else P.ROOM_MEMBER_REMOVE
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, needed)
        for user_id in wanted:
            room = (await access_room(standings, policy, actor, command.room_id, P.ROOM_READ)).room
            member = await _member(rooms, room, user_id)
            _check_outranks(actor, found, member)
            check_may_leave(room, member)
            await exit_room(uow, rooms, room, member)
            removed.append(RoomMemberView.of(member))
    return removed


def _check_outranks(actor: Actor, by: RoomStanding, member: RoomMember) -> None:
    """Within a room nobody removes one of their own rank; whoever administers the workspace may, in its channels."""
    over = by.room.kind.is_channel and by.workspace_role is not None and by.workspace_role.rank > 1
    if member.user_id == actor.user_id or over or by.member is None:
        return
    if by.member.role.rank <= member.role.rank and by.member.role.rank < 3:
        raise Forbidden("You cannot remove somebody of your own rank or above.", code="rank")


@frozen
class ChangeMemberRole(Command[RoomMemberView]):
    """Give a member another role. `owner` hands the room over: the former owner becomes a moderator.

    Not in an archived room.
    """

    room_id: RoomId
    user_id: UserId
    role: RoomRole


async def change_member_role(
    command: ChangeMemberRole, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, policy: Policy,
    people: People,
) -> RoomMemberView:  # fmt: skip
    person = (await people.named([command.user_id])).get(command.user_id)
    needed = P.ROOM_TRANSFER if command.role is RoomRole.OWNER else P.ROOM_MEMBER_ROLE
    async with uow:
        await hold_room(rooms, command.room_id)
        room = (await access_room(standings, policy, actor, command.room_id, needed)).room
        room.check_open()
        member = await _member(rooms, room, command.user_id)
        check_role_change(room, member, command.role)
        if command.role is RoomRole.OWNER and member.role is not RoomRole.OWNER:
            await hand_over(uow, rooms, room, member)
        elif member.role is not command.role:
            await rooms.save_member(member.with_role(command.role))
            changed = events.MemberRoleChanged(room.id, member.user_id, command.role)
            await uow.record(stream_of(room), changed)
    return RoomMemberView.of(member.with_role(command.role), person)


async def _member(rooms: Rooms, room: Room, user_id: UserId) -> RoomMember:
    member = await rooms.member(room, user_id)
    if member is None:
        raise NotFound("There is no such member.")
    return member
