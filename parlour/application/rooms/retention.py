"""How long a room keeps its messages, as far as the workspace leaves that to it."""

from attrs import frozen

from ...domain.kernel.ids import RoomId
from ...domain.kernel.permissions import Permission as P
from ...domain.rooms.events import RoomRetentionChanged
from ...domain.rooms.keeping import keeping, keeping_as_others
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import Room
from ...domain.workspaces.ports import Workspaces
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.retention import OwnRule
from ..kernel.uow import Recorded, UnitOfWork
from .access import access_room, stream_of
from .membership import hold_room
from .showing import showing
from .views import RoomReader, RoomStandings, RoomView


@frozen
class SetRoomRetention(Command[RoomView]):
    """Let a room keep its messages for some days, 1 to 36,500, or for ever (null), whatever the rule of the workspace: for its owner and
    moderators, and in channels the administrators of the workspace, where that lets rooms decide.

    What is older goes at once, and cannot be had back.
    """

    room_id: RoomId
    days: int | None


async def set_room_retention(
    command: SetRoomRetention, actor: Actor, uow: UnitOfWork, rooms: Rooms, workspaces: Workspaces,
    standings: RoomStandings, reader: RoomReader, policy: Policy,
) -> RoomView:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_RETENTION)
        workspace = await workspaces.get(found.room.workspace_id)
        assert workspace is not None, "a standing is of a workspace that is there"
        room = keeping(found.room, command.days, workspace.keeping)
        room, told = await _kept(uow, rooms, found.room, room)
        shown = await showing(reader, actor.known, room, found.role, told)
    return shown.view


@frozen
class ClearRoomRetention(Command[RoomView]):
    """Let a room have no rule of its own for how long its messages are kept: that of the workspace holds, or the
    instance's."""

    room_id: RoomId


async def clear_room_retention(
    command: ClearRoomRetention, actor: Actor, uow: UnitOfWork, rooms: Rooms, standings: RoomStandings,
    reader: RoomReader, policy: Policy,
) -> RoomView:  # fmt: skip
    async with uow:
        await hold_room(rooms, command.room_id)
        found = await access_room(standings, policy, actor, command.room_id, P.ROOM_RETENTION)
        room, told = await _kept(uow, rooms, found.room, keeping_as_others(found.room))
        shown = await showing(reader, actor.known, room, found.role, told)
    return shown.view


async def _kept(uow: UnitOfWork, rooms: Rooms, before: Room, room: Room) -> tuple[Room, Recorded | None]:
    """Keep a room whose rule may be another than before, and say so when it is."""
    if room.keep_days == before.keep_days:
        return before, None
    room = await rooms.save(room)
    rule = OwnRule.of(room.keep_days)
    changed = RoomRetentionChanged(room.id, rule is not None, rule.days if rule is not None else None)
    return room, await uow.record(stream_of(room), changed)
