"""Making and running rooms."""

from typing import Annotated

from attrs import field, frozen

from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.rooms import events
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import (
    RoomKind,
    check_takes_password,
    check_undescribed,
    checked_room_password,
    founding_members,
)
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Change, Command, Found
from ..kernel.constraints import Length, Name, Printable
from ..kernel.ports import Clock, Passwords
from ..kernel.uow import UnitOfWork
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .access import access_room, stream_of
from .founding import Founding
from .membership import hold_room, tell_channel
from .showing import showing
from .views import RoomReader, RoomStandings, RoomView

Description = Annotated[str, Length(0, 2000), Printable(lines=True)]
RoomTopic = Annotated[str, Length(0, 250), Printable()]
RoomPassword = Annotated[str, Length(1, 1024)]


@frozen
class CreateRoom(Command[RoomView]):
    """Make a room in a workspace: the one named, or the one this session works in.

    `direct` takes exactly one other person in `member_ids`, and answers the room the two have already, if they have one;
    `group` two others or more; `private_channel` whoever is asked in; `public_channel` nobody, since others join. A channel
    may have a `password` of 4 to 128 bytes, with which others join; nobody outside reads it then.
    """

    kind: RoomKind
    name: Name | None = None
    description: Description | None = None
    member_ids: Annotated[list[UserId], Length(0, 1000)] = field(factory=list)
    workspace_id: WorkspaceId | None = None
    topic: RoomTopic | None = None
    password: RoomPassword | None = None


async def create_room(
    command: CreateRoom, actor: Actor, uow: UnitOfWork, founding: Founding, standings: WorkspaceStandings,
    policy: Policy, passwords: Passwords,
) -> RoomView | Found[RoomView]:  # fmt: skip
    workspace_id, hashed = current_workspace(actor, command.workspace_id), None
    if command.password is not None:
        check_takes_password(command.kind)
        password = checked_room_password(command.password)
        await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_ROOM_CREATE)
        hashed = await passwords.hash(password)
    async with uow:
        await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_ROOM_CREATE)
        founders = founding_members(command.kind, actor.known, command.member_ids)
        if command.kind is RoomKind.DIRECT:
            check_undescribed(command.name, command.description, command.topic)
            founded = await founding.direct(uow, workspace_id, founders)
        else:
            founded = await founding.found(
                uow, workspace_id, command.kind, command.name, command.description, founders, topic=command.topic,
                password_hash=hashed,
            )  # fmt: skip
    return founded.view if founded.new else Found(founded.view)


DESCRIBED = frozenset({"name", "description", "topic"})


@frozen
class UpdateRoom(Change[RoomView]):
    """Change a room's name, description or topic, or a channel's password. What is not sent stays; null removes.

    Those in the channel stay when its password changes; others no longer follow a public one that has one now.
    """

    room_id: RoomId
    name: Name | None = None
    description: Description | None = None
    topic: RoomTopic | None = None
    password: RoomPassword | None = None
    fields: frozenset[str] = frozenset()


async def update_room(
    command: UpdateRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, passwords: Passwords, clock: Clock,
) -> RoomView:  # fmt: skip
    hashed = None
    if command.password is not None:
        password = checked_room_password(command.password)
        check_takes_password((await access_room(standings, policy, actor, command.room_id, P.ROOM_UPDATE)).room.kind)
        hashed = await passwords.hash(password)
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_UPDATE)
        room, now, told = found.room, clock.now(), None
        room.check_open()
        if command.fields & DESCRIBED or not command.fields:
            kept = {n: getattr(command if n in command.fields else room, n) for n in DESCRIBED}
            room = await rooms.save(room.described(now=now, **kept))
            updated = events.RoomUpdated(room.id, room.name, room.description, room.updated_at, room.topic)
            told = await uow.record(stream_of(room), updated)
        if "password" in command.fields and (hashed is not None or room.locked):
            room = await rooms.save(room.locked_by(hashed, now))
            changed = events.RoomPasswordChanged(room.id, room.locked, room.updated_at)
            told = await uow.record(stream_of(room), changed)
        if told is not None:
            await tell_channel(uow, room)
        shown = await showing(reader, actor.known, room, found.role, told)
    return shown.view


@frozen
class ArchiveRoom(Command[RoomView]):
    """Archive a room: it can be read, left and deleted, and members can be removed; nothing else. `archived: false` opens
    it again."""

    room_id: RoomId
    archived: bool = True


async def archive_room(
    command: ArchiveRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, clock: Clock,
) -> RoomView:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_ARCHIVE)
        room, told = found.room.archived_since(clock.now() if command.archived else None), None
        if room is not found.room:
            room = await rooms.save(room)
            told = await uow.record(stream_of(room), events.RoomArchived(room.id, room.archived))
            await tell_channel(uow, room)
        shown = await showing(reader, actor.known, room, found.role, told)
    return shown.view


@frozen
class DeleteRoom(Command[RoomView]):
    """Delete a room: nobody sees it or what was said in it any more, and it cannot be undone. An archived one too."""

    room_id: RoomId


async def delete_room(
    command: DeleteRoom, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings, reader: RoomReader,
    policy: Policy, clock: Clock,
) -> RoomView:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_DELETE)
        members = await rooms.members(found.room)
        room = await rooms.save(found.room.deleted(clock.now()))
        told = await uow.record(stream_of(room), events.RoomDeleted(room.id))
        for member in members:
            exited = events.RoomExited(room.id, room.workspace_id)
            await uow.record(Stream.of_user(member.user_id), exited)
        if room.kind is RoomKind.PUBLIC_CHANNEL:
            await uow.record(Stream.of_workspace(room.workspace_id), events.ChannelDeleted(room.id))
        shown = await showing(reader, actor.known, room, found.role, told)
    return shown.view
