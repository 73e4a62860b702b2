"""Messages, shown."""

from attrs import evolve, frozen

from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import MessageId, RoomId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.ports import Messages
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import StreamLog
from ..rooms.access import access_room, stream_of
from ..rooms.views import RoomStandings
from .access import MISSING, access_message
from .views import MessageReader, MessageView


@frozen
class GetMessage(Query[MessageView]):
    """One message."""

    message_id: MessageId


async def get_message(
    query: GetMessage, actor: Actor, messages: Messages, standings: RoomStandings, policy: Policy
) -> MessageView:
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READ)
    return MessageView.of(found.message)


@frozen
class ListMessages(Query[Page[MessageView]]):
    """What was said in a room, oldest first: the newest page, the page at a cursor, or the page around a message.

    Follow `prev` to older messages and `next` to newer ones. Its `position` is of `room:<id>`.
    """

    room_id: RoomId
    cursor: Cursor | None = None
    around: MessageId | None = None
    limit: Limit = 50


async def list_messages(
    query: ListMessages, actor: Actor, messages: Messages, reader: MessageReader, standings: RoomStandings,
    policy: Policy, log: StreamLog,
) -> Page[MessageView]:  # fmt: skip
    room = (await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)).room
    head = await log.head(stream_of(room))
    around = await messages.get(query.around) if query.around is not None else None
    if query.around is not None and (around is None or around.room_id != room.id):
        raise NotFound(MISSING)
    page = await reader.history(room, query.cursor, around.number if around is not None else None, query.limit)
    return evolve(page, position=PositionView.of(head))
