"""Passing on what another said."""

from attrs import frozen

from ...domain.kernel.errors import invalid
from ...domain.kernel.ids import MessageId, RoomId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.besides import Besides, Forwarded
from ...domain.messages.message import MessageType
from ...domain.messages.ports import Messages
from ...domain.rooms.room import RoomKind
from ..kernel.actor import Actor, Call
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Found
from ..kernel.ports import Clock, Ids
from ..kernel.uow import UnitOfWork
from ..rooms.access import access_room
from ..rooms.views import RoomStandings
from .access import MessageInRoom, access_message
from .views import Draft, MessageLog, MessageView


@frozen
class ForwardMessage(Command[MessageView]):
    """Say in a room what somebody said in another of the same workspace: whoever may read it there, and may send here.

    The words stay as they were: nobody can edit them here, and what becomes of the first message does not change them.
    They call nobody. Forwarded again, they are still those of whoever said them first. A key makes it safe to do again: it
    gives the message as it is now.
    """

    message_id: MessageId
    room_id: RoomId


async def forward_message(
    command: ForwardMessage, actor: Actor, call: Call, uow: UnitOfWork, messages: Messages, log: MessageLog,
    standings: RoomStandings, policy: Policy, clock: Clock, ids: Ids,
) -> MessageView | Found[MessageView]:  # fmt: skip
    async with uow:
        if call.key is not None:  # before what is forwarded, which may be gone since
            first = await log.first(actor.known, call.key, call.body_hash)
            if first is not None:
                await access_room(standings, policy, actor, command.room_id, P.ROOM_MESSAGE_SEND)
                actor.check_covered(P.ROOM_READ)
                return Found(first.view)
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_READ)
        found.message.check_there()
        room = (await access_room(standings, policy, actor, command.room_id, P.ROOM_MESSAGE_SEND)).room
        room.check_open()
        if room.workspace_id != found.room.workspace_id:
            raise invalid("room_id", "other_workspace", "A message is forwarded within its workspace.")
        message_id, now, content = MessageId(ids.new()), clock.now(), found.message.content
        besides = Besides(forwarded_from=_origin(found))
        text = MessageType.TEXT
        draft = Draft(message_id, room, actor.known, text, content, now, call.key, call.body_hash, besides)
        sent = await log.append(draft)
    return sent.view if sent.new else Found(sent.view)


def _origin(found: MessageInRoom) -> Forwarded:
    message = found.message
    if message.forwarded_from is not None:
        return message.forwarded_from
    public = found.room.kind is RoomKind.PUBLIC_CHANNEL
    return Forwarded(message.id, message.author_id, message.created_at, found.room.id if public else None)
