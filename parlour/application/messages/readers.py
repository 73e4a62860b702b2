"""Who has read a message: for the members of its room."""

from attrs import frozen

from ...domain.kernel.ids import MessageId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.ports import Messages
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Query
from ..kernel.page import Cursor, Limit, Page
from ..kernel.ports import People
from ..rooms.own import OwnReader, ReaderView
from ..rooms.views import RoomStandings
from .access import access_message


@frozen
class ListReaders(Query[Page[ReaderView]]):
    """Which members have read a message, without its author and those who came later; for the members of its room."""

    message_id: MessageId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_readers(
    query: ListReaders, actor: Actor, messages: Messages, standings: RoomStandings, policy: Policy, reader: OwnReader,
    people: People,
) -> Page[ReaderView]:  # fmt: skip
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READERS)
    page = await reader.readers(found.message, query.cursor, query.limit)
    named = await people.named(page.items)
    return Page([ReaderView(user_id, named.get(user_id)) for user_id in page.items], page.next, page.prev)
