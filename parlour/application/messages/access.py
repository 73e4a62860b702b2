"""Fetching a message is being allowed to, in its room."""

from attrs import frozen

from ...domain.kernel.errors import Forbidden, NotFound
from ...domain.kernel.ids import MessageId
from ...domain.kernel.permissions import Permission
from ...domain.messages.message import Message
from ...domain.messages.ports import Messages
from ...domain.rooms.room import Room
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, RoomFacts
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
    """The message, if the actor has the permission in its room; otherwise `NotFound` or `Forbidden`."""
    actor.check_known()  # whatever they name
    message = await messages.get(message_id)
    if message is None:
        raise NotFound(MISSING)
    try:
        standing = await access_room(standings, policy, actor, message.room_id, needed)
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
