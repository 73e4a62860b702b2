"""Messages as events tell of them."""

from datetime import datetime

from attrs import evolve

from ..application.messages.views import MessageView
from ..domain.messages.events import MessageSent
from ..domain.messages.message import MessageType


def gone(message: MessageView, deleted_at: datetime) -> MessageView:
    """What is left of a message that was deleted."""
    left = evolve(message, content="", deleted_at=deleted_at)
    return evolve(left, mentions=[], mentions_room=False, quote=None, forwarded_from=None, reactions=[], pinned=None)


def unquoted(message: MessageView) -> MessageView:
    """A message whose quote has lost its words."""
    return evolve(message, quote=message.quote.emptied() if message.quote is not None else None)


def shown_as(event: MessageSent, offset: int) -> MessageView:
    """The message that an event tells of, as a query shows it."""
    return MessageView(
        id=event.id,
        room_id=event.room_id,
        offset=offset,
        number=event.number,
        author_id=event.author_id,
        type=MessageType(event.type),
        content=event.content,
        created_at=event.created_at,
        edited_at=event.edited_at,
        deleted_at=event.deleted_at,
        reply_to=event.reply_to,
        mentions=event.mentions,
        mentions_room=event.mentions_room,
        quote=event.quote,
        forwarded_from=event.forwarded_from,
    )
