"""Messages, shown."""

from datetime import datetime
from typing import Annotated

from attrs import evolve, frozen

from ...domain.kernel.errors import NotFound, invalid
from ...domain.kernel.ids import MessageId, RoomId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.ports import Messages
from ...domain.rooms.room import Room
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.constraints import Aware
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import StreamLog
from ..rooms.access import access_room, stream_of
from ..rooms.views import RoomStandings
from .access import MISSING, access_message
from .showing import shown, shown_page
from .views import MessageReader, MessageView, ReactionReader

Time = Annotated[datetime, Aware()]


@frozen
class GetMessage(Query[MessageView]):
    """One message."""

    message_id: MessageId


async def get_message(
    query: GetMessage,
    actor: Actor,
    messages: Messages,
    reader: ReactionReader,
    standings: RoomStandings,
    policy: Policy,
) -> MessageView:
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READ)
    return await shown(reader, found.message, actor)


@frozen
class ListMessages(Query[Page[MessageView]]):
    """What was said in a room, oldest first: the newest page, the page at a cursor, the page around a message, or around
    the first one said at a time or after it.

    Follow `prev` to older messages and `next` to newer ones. Its `position` is of `room:<id>`.
    """

    room_id: RoomId
    cursor: Cursor | None = None
    around: MessageId | None = None
    at: Time | None = None
    limit: Limit = 50


async def list_messages(
    query: ListMessages, actor: Actor, messages: Messages, reader: MessageReader, standings: RoomStandings,
    policy: Policy, log: StreamLog, reactions: ReactionReader,
) -> Page[MessageView]:  # fmt: skip
    room = (await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)).room
    head = await log.head(stream_of(room))
    around = await _middle(query, messages, reader, room)
    page = await reader.history(room, query.cursor, around, query.limit)
    page = await shown_page(reactions, room.workspace_id, page, actor)
    return evolve(page, position=PositionView.of(head))


async def _middle(query: ListMessages, messages: Messages, reader: MessageReader, room: Room) -> int | None:
    """The number of the message that the page is to be around, if of any."""
    given = [name for name in ("cursor", "around", "at") if getattr(query, name) is not None]
    if len(given) > 1:
        raise invalid(given[-1], "one_of", "A page is at a cursor, around a message, or around a time: one of these.")
    if query.around is not None:
        around = await messages.get(query.around)
        if around is None or around.room_id != room.id:
            raise NotFound(MISSING)
        return around.number
    return await reader.number_at(room, query.at) if query.at is not None else None
