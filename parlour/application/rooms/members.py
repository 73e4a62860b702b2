"""Who is in a room: joining, leaving, adding, removing, roles."""

from typing import Annotated

from attrs import frozen

from ...domain.kernel.errors import NotFound, invalid
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.permissions import Permission as P
from ...domain.rooms import events
from ...domain.rooms.moderation import check_moderated, check_outranks
from ...domain.rooms.ports import Bans, Rooms
from ...domain.rooms.room import Room, RoomMember, RoomRole, check_may_leave, check_role_change
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Change, Command, Found
from ..kernel.constraints import Length
from ..kernel.ports import Clock, Passwords, People
from ..kernel.uow import UnitOfWork
from .access import access_room, stream_of
from .commands import RoomPassword
from .entrance import access_to_join, lock_opened
from .membership import enter_room, exit_room, hand_over, hold_room
from .moderation import Until, mute, standing_under, unmute
from .showing import showing
from .views import RoomMemberView, RoomReader, RoomStandings, RoomView

UserIds = Annotated[list[UserId], Length(1, 1000)]


@frozen
class JoinRoom(Command[RoomView]):
    """Become a member of a public channel, or of any channel whose password one knows. Somebody who is one already stays
    as they are; who administers the workspace joins its public channels without the password."""

    room_id: RoomId
    password: RoomPassword | None = None


async def join_room(
    command: JoinRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, passwords: Passwords, clock: Clock,
) -> RoomView | Found[RoomView]:  # fmt: skip
    opened = await lock_opened(command.password, standings, actor, command.room_id, passwords)
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_to_join(standings, policy, actor, command.room_id, command.password, opened)
        if found.member is not None:
            return Found((await showing(reader, actor, found.room, found.member.role)).view)
        found.room.check_joinable()
        member = RoomMember(found.room.workspace_id, found.room.id, actor.known, RoomRole.MEMBER, clock.now())
        entered = await enter_room(uow, rooms, found.room, member)
        room, told = (entered.room, entered.told) if entered is not None else (found.room, None)
        shown = await showing(reader, actor, room, member.role, told)
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
        shown = await showing(reader, actor, found.room.with_members(-1), None, told)
    return shown.view


@frozen
class AddMembers(Command[list[RoomMemberView]]):
    """Bring members of the workspace into a room. Those who are in it already stay as they are."""

    room_id: RoomId
    user_ids: UserIds


async def add_members(
    command: AddMembers, actor: Actor, uow: UnitOfWork, rooms: Rooms, bans: Bans, standings: RoomStandings,
    reader: RoomReader, policy: Policy, people: People, clock: Clock,
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
        if any(ban.holds(clock.now()) for ban in await bans.of(room, wanted)):
            raise invalid("user_ids", "banned", "Not all of these may come in: a ban has to end first.")
        for user_id in wanted:
            member = RoomMember(room.workspace_id, room.id, user_id, RoomRole.MEMBER, clock.now())
            entered = await enter_room(uow, rooms, room, member)
            room = entered.room if entered is not None else room
            added.append(await _member(rooms, room, user_id))
    return [RoomMemberView.of(m, named.get(m.user_id)) for m in added]


Few = Annotated[list[UserId], Length(1, 200)]  # as many as fit into an address


@frozen
class RemoveMembers(Command[list[RoomMemberView]]):
    """Take members out of a room: those who stand below oneself in it, and not its owner. Taking oneself out is leaving.

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
            theirs = await standings.standing(command.room_id, user_id)
            if theirs is None or theirs.member is None:
                raise NotFound("There is no such member.")
            if user_id != actor.user_id:
                check_outranks(found.rank, theirs.rank)
            check_may_leave(theirs.room, theirs.member)
            await exit_room(uow, rooms, theirs.room, theirs.member)
            removed.append(RoomMemberView.of(theirs.member))
    return removed


@frozen
class UpdateMember(Change[RoomMemberView]):
    """Give a member another role, mute them, or let them speak again. What is not sent stays.

    The role `owner` hands the room over: the former owner becomes a moderator. `muted: true` lets a member read and say
    nothing, until `muted_until` or for good; it is done to those who stand below oneself in the room, and not to its owner.
    Not in an archived or direct room.
    """

    room_id: RoomId
    user_id: UserId
    role: RoomRole | None = None
    muted: bool | None = None
    muted_until: Until | None = None
    fields: frozenset[str] = frozenset()

    @property
    def mutes(self) -> bool | None:
        """Whether the member is to be muted; None when nothing is said of it."""
        if self.muted is None and self.muted_until is None and self.fields & {"muted", "muted_until"}:
            raise invalid("muted", "required", "Say whether the member is muted: true or false.")
        if self.muted is False and self.muted_until is not None:
            raise invalid("muted_until", "not_muted", "Who is not muted has no end of that.")
        return True if self.muted_until is not None else self.muted


async def update_member(
    command: UpdateMember, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, policy: Policy,
    people: People, clock: Clock,
) -> RoomMemberView:  # fmt: skip
    mutes = command.mutes
    if "role" in command.fields and command.role is None:
        raise invalid("role", "required", "A role can be changed, not removed.")
    person = (await people.named([command.user_id])).get(command.user_id)
    async with uow:
        await hold_room(rooms, command.room_id)
        if command.role is not None:
            needed = P.ROOM_TRANSFER if command.role is RoomRole.OWNER else P.ROOM_MEMBER_ROLE
            room = (await access_room(standings, policy, actor, command.room_id, needed)).room
            room.check_open()
            await _give_role(uow, rooms, room, await _member(rooms, room, command.user_id), command.role)
        if mutes is not None:
            by = await access_room(standings, policy, actor, command.room_id, P.ROOM_MEMBER_MUTE)
            theirs = await standing_under(standings, by, command.user_id)
            check_moderated(theirs.room, theirs.role)
            member = await _member(rooms, theirs.room, command.user_id)
            if mutes:
                await mute(uow, rooms, theirs.room, member, command.muted_until, clock.now())
            else:
                await unmute(uow, rooms, theirs.room, member)
        room = (await access_room(standings, policy, actor, command.room_id, P.ROOM_READ)).room
        member = await _member(rooms, room, command.user_id)
    return RoomMemberView.of(member, person)


async def _give_role(uow: UnitOfWork, rooms: Rooms, room: Room, member: RoomMember, role: RoomRole) -> None:
    check_role_change(room, member, role)
    if role is RoomRole.OWNER and member.role is not RoomRole.OWNER:
        await hand_over(uow, rooms, room, member)
    elif member.role is not role:
        await rooms.save_member(member.with_role(role))
        await uow.record(stream_of(room), events.MemberRoleChanged(room.id, member.user_id, role))


async def _member(rooms: Rooms, room: Room, user_id: UserId) -> RoomMember:
    member = await rooms.member(room, user_id)
    if member is None:
        raise NotFound("There is no such member.")
    return member
