"""Fetching a message is being allowed to, in its room."""

from attrs import evolve, frozen

from ...domain.kernel.errors import Forbidden, NotFound
from ...domain.kernel.ids import MessageId
from ...domain.kernel.permissions import Permission
from ...domain.messages.message import Message
from ...domain.messages.ports import Messages
from ...domain.rooms.room import Room
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, RoomFacts, permissions_of, require
from ..rooms.access import access_room
from ..rooms.views import RoomStandings

MISSING = "There is no such message, or it is not for you."


@frozen
class MessageInRoom:
    """A message with the room it was said in, and what rights in that are decided by."""

    message: Message
    room: Room
    facts: RoomFacts


async def access_message(
    messages: Messages,
    standings: RoomStandings,
    policy: Policy,
    actor: Actor,
    message_id: MessageId,
    needed: Permission,
) -> MessageInRoom:
    """The message, if the actor has the permission in its room, and may read there: whoever does something with a message is
    shown it. Otherwise `NotFound` or `Forbidden`. One's own words are edited without reading."""
    actor.check_known()  # whatever they name
    message = await messages.get(message_id)
    if message is None:
        raise NotFound(MISSING)
    try:
        standing = await access_room(standings, policy, actor, message.room_id, needed)
        if needed not in {Permission.ROOM_READ, Permission.ROOM_MESSAGE_EDIT}:
            require(policy, actor, Permission.ROOM_READ, standing.facts, MISSING)
    except NotFound:
        raise NotFound(MISSING) from None
    return MessageInRoom(message, standing.room, standing.facts)


async def held(messages: Messages, message: Message) -> Message:
    """A message as it is now, kept from others, and not deleted."""
    now = await messages.held(message.id)
    if now is None:
        raise NotFound(MISSING)
    now.check_there()
    return now


def check_author(message: Message, actor: Actor) -> None:
    """Nobody puts words into another's mouth."""
    if message.author_id != actor.user_id:
        raise Forbidden("Only its author may edit a message.", code="not_the_author")


def check_may_delete(policy: Policy, actor: Actor, found: MessageInRoom) -> None:
    """An author takes their own words back where they could edit them if nobody had muted or blocked them: that is no way of
    speaking. Others need the right to delete."""
    own = found.message.author_id == actor.user_id
    if own and not permissions_of(policy, actor, found.facts, [Permission.ROOM_MESSAGE_DELETE]):
        unbound = evolve(found.facts, muted=False, blocked=False)
        require(policy, actor, Permission.ROOM_MESSAGE_EDIT, unbound, MISSING)
    else:
        require(policy, actor, Permission.ROOM_MESSAGE_DELETE, found.facts, MISSING)
