"""What messages said before they were edited."""

from attrs import frozen

from ...domain.kernel.ids import MessageId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.ports import Messages
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, require
from ..kernel.catalogue import Query
from ..kernel.page import Cursor, Limit, Page
from ..rooms.views import RoomStandings
from .access import MISSING, access_message
from .views import EditReader, EditView


@frozen
class ListEdits(Query[Page[EditView]]):
    """What a message said before, its first words at the front: for its author, and for who may delete it. A deleted message
    has none."""

    message_id: MessageId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_edits(
    query: ListEdits, actor: Actor, messages: Messages, reader: EditReader, standings: RoomStandings, policy: Policy
) -> Page[EditView]:
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READ)
    if found.message.author_id != actor.user_id:
        require(policy, actor, P.ROOM_MESSAGE_DELETE, found.facts, MISSING)
    return await reader.edits(found.message, query.cursor, query.limit)
