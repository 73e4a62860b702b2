"""Fetching a room is being allowed to."""

from uuid import UUID

from ...domain.kernel.decisions import Allowed
from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ...domain.rooms.room import Room
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, RoomFacts, require
from .views import RoomStanding, RoomStandings

MISSING = "There is no such room, or it is not for you."


def stream_of(room: Room) -> Stream:
    return Stream.of_room(room.workspace_id, room.id)


async def room_facts(room_id: UUID, user_id: UserId, standings: RoomStandings) -> RoomFacts | None:
    """What the policy decides by, for a user and a room."""
    standing = await standings.standing(RoomId(room_id), user_id)
    return standing.facts if standing is not None else None


async def access_room_to_send(standings: RoomStandings, policy: Policy, actor: Actor, room_id: RoomId) -> RoomStanding:
    """The room, if the actor may send to it; otherwise `NotFound`, `Forbidden` or `Conflict`. The hot path: whoever may is
    let through by what was read a moment ago, which the log of messages looks at again."""
    standing = await standings.recent(room_id, actor.known)
    if standing is not None and not standing.room.archived:
        decision = policy.decide(actor, Permission.ROOM_MESSAGE_SEND, standing.facts)
        if isinstance(decision, Allowed):
            return standing
    return await access_room_to_write(standings, policy, actor, room_id)


async def access_room_to_write(standings: RoomStandings, policy: Policy, actor: Actor, room_id: RoomId) -> RoomStanding:
    """The room, if the actor may send to it as of now: for what the log of messages does not look at again."""
    standing = await access_room(standings, policy, actor, room_id, Permission.ROOM_MESSAGE_SEND)
    standing.room.check_open()
    return standing


async def access_room(
    standings: RoomStandings, policy: Policy, actor: Actor, room_id: RoomId, permission: Permission
) -> RoomStanding:
    """The room and what the actor is in it, if they have the permission; otherwise `NotFound` or `Forbidden`."""
    standing = await standings.standing(room_id, actor.known)
    if standing is None:
        raise NotFound(MISSING)
    require(policy, actor, permission, standing.facts, MISSING)
    return standing
