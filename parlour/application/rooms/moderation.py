"""Keeping order in a room: muting and banning, until a time or for good."""

from datetime import datetime
from typing import Annotated, Any

from attrs import frozen

from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.kernel.times import checked_end
from ...domain.rooms import events
from ...domain.rooms.moderation import RoomBan, check_moderated, check_outranks, checked_reason
from ...domain.rooms.ports import Bans, Rooms
from ...domain.rooms.room import Room, RoomMember
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.constraints import Aware, Length, Printable
from ..kernel.ports import Clock, People
from ..kernel.uow import UnitOfWork
from .access import access_room, stream_of
from .membership import exit_room, hold_room
from .views import RoomBanView, RoomStanding, RoomStandings

Until = Annotated[datetime, Aware()]
Reason = Annotated[str, Length(0, 500), Printable(lines=True)]


async def standing_under(standings: RoomStandings, by: RoomStanding, user_id: UserId) -> RoomStanding:
    """What somebody is in a room whom whoever stands `by` may moderate there; `NotFound` when they are not in the
    workspace, `Forbidden` when they do not stand below."""
    theirs = await standings.standing(by.room.id, user_id)
    if theirs is None or (theirs.workspace_role is None and theirs.member is None):
        raise NotFound("There is no such member.")
    check_outranks(by.rank, theirs.rank)
    return theirs


async def mute(
    uow: UnitOfWork, rooms: Rooms, room: Room, member: RoomMember, until: datetime | None, now: datetime
) -> RoomMember:
    """Let a member be silent until a time or for good, and say so; the scheduler tells of the end."""
    until = checked_end(until, now, "muted_until")
    if member.muted and member.muted_until == until:
        return member
    muted = await rooms.save_member(member.muted_till(until))
    await uow.record(stream_of(room), events.MemberMuted(room.id, member.user_id, until))
    await _end_at(uow, "mute", room, member.user_id, until)
    return muted


async def unmute(uow: UnitOfWork, rooms: Rooms, room: Room, member: RoomMember) -> RoomMember:
    """Let a member speak again, and say so if they could not."""
    if not member.muted:
        return member
    speaking = await rooms.save_member(member.unmuted())
    await uow.record(stream_of(room), events.MemberUnmuted(room.id, member.user_id))
    return speaking


async def _end_at(uow: UnitOfWork, what: str, room: Room, user_id: UserId, until: datetime | None) -> None:
    """Let the scheduler tell of an end. What is left of an earlier one finds that it has not come, and does nothing."""
    if until is not None:
        asked: dict[str, Any] = {"room_id": str(room.id), "user_id": str(user_id)}
        await uow.schedule(f"{what}:{room.id}:{user_id}", until, f"end_{what}", asked)


@frozen
class EndMute(Command[bool]):
    """Let a member speak again whose mute has come to its end; whether there was one."""

    room_id: RoomId
    user_id: UserId


async def end_mute(command: EndMute, uow: UnitOfWork, rooms: Rooms, clock: Clock) -> bool:
    async with uow:
        await hold_room(rooms, command.room_id)
        room = await rooms.get(command.room_id)
        member = await rooms.member(room, command.user_id) if room is not None else None
        if room is None or member is None or not member.muted or member.silent(clock.now()):
            return False
        await unmute(uow, rooms, room, member)
    return True


@frozen
class BanMember(Command[RoomBanView]):
    """Keep somebody of the workspace out of a room, until a time or for good. A member leaves by it, and nobody can join or
    be added, nor read a public channel, while it holds. Again with another end or reason replaces the ban.

    It is done to those who stand below oneself in the room; not to its owner, and not in an archived or direct room.
    """

    room_id: RoomId
    user_id: UserId
    until: Until | None = None
    reason: Reason | None = None


async def ban_member(
    command: BanMember, actor: Actor, uow: UnitOfWork, rooms: Rooms, bans: Bans, standings: RoomStandings,
    policy: Policy, people: People, clock: Clock,
) -> RoomBanView:  # fmt: skip
    person = (await people.named([command.user_id])).get(command.user_id)
    now = clock.now()
    until, reason = checked_end(command.until, now, "until"), checked_reason(command.reason)
    async with uow:
        await hold_room(rooms, command.room_id)
        by = await access_room(standings, policy, actor, command.room_id, P.ROOM_MEMBER_BAN)
        theirs = await standing_under(standings, by, command.user_id)
        room = theirs.room
        check_moderated(room, theirs.role)
        ban = RoomBan(room.workspace_id, room.id, command.user_id, actor.known, now, until, reason)
        await bans.ban(ban)
        if theirs.member is not None:
            await exit_room(uow, rooms, room, theirs.member)
        else:
            await rooms.save(room)  # whoever lets them in by what they knew of the room before is refused
        await uow.record(stream_of(room), events.MemberBanned(room.id, ban.user_id, until))
        told = events.RoomBanned(room.id, room.workspace_id, until, reason)
        await uow.record(Stream.of_user(ban.user_id), told)
        await _end_at(uow, "ban", room, ban.user_id, until)
    return RoomBanView.of(ban, person)


@frozen
class UnbanMember(Command[RoomBanView]):
    """Take a ban away before its end. It brings nobody back into the room."""

    room_id: RoomId
    user_id: UserId


async def unban_member(
    command: UnbanMember, actor: Actor, uow: UnitOfWork, rooms: Rooms, bans: Bans, standings: RoomStandings,
    policy: Policy, people: People, clock: Clock,
) -> RoomBanView:  # fmt: skip
    person = (await people.named([command.user_id])).get(command.user_id)
    async with uow:
        await hold_room(rooms, command.room_id)
        by = await access_room(standings, policy, actor, command.room_id, P.ROOM_MEMBER_BAN)
        found = [ban for ban in await bans.of(by.room, [command.user_id]) if ban.holds(clock.now())]
        if not found:
            raise NotFound("There is no such ban.")
        theirs = await standings.standing(by.room.id, command.user_id)
        check_outranks(by.rank, theirs.rank if theirs is not None else 0)
        await _lift(uow, bans, by.room.workspace_id, found[0])
    return RoomBanView.of(found[0], person)


@frozen
class EndBan(Command[bool]):
    """Lift a ban that has come to its end; whether there was one."""

    room_id: RoomId
    user_id: UserId


async def end_ban(command: EndBan, uow: UnitOfWork, rooms: Rooms, bans: Bans, clock: Clock) -> bool:
    async with uow:
        await hold_room(rooms, command.room_id)
        room = await rooms.get(command.room_id)
        found = await bans.of(room, [command.user_id]) if room is not None else []
        over = [ban for ban in found if not ban.holds(clock.now())]
        for ban in over:
            await _lift(uow, bans, ban.workspace_id, ban)
    return bool(over)


async def _lift(uow: UnitOfWork, bans: Bans, workspace_id: WorkspaceId, ban: RoomBan) -> None:
    await bans.lift(ban)
    await uow.record(Stream.of_room(workspace_id, ban.room_id), events.MemberUnbanned(ban.room_id, ban.user_id))
    await uow.record(Stream.of_user(ban.user_id), events.RoomUnbanned(ban.room_id, workspace_id))
