"""What happens to messages, in `room:<id>`. A message's event is named after the message's type."""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import MessageId, RoomId, UserId


@event("text")
@frozen
class MessageSent(Event):
    """A message, as it is now: an edit or a delete overwrites the words here too, so that no replay shows old ones."""

    id: MessageId
    room_id: RoomId
    number: int
    author_id: UserId
    type: str
    content: str
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@event("message_edited")
@frozen
class MessageEdited(Event):
    """A message has other words. `content` is None when a later edit or delete has overwritten them here."""

    message_id: MessageId
    content: str | None
    edited_at: datetime


@event("message_deleted")
@frozen
class MessageDeleted(Event):
    message_id: MessageId
    deleted_at: datetime


@event("reaction_added")
@frozen
class ReactionAdded(Event):
    message_id: MessageId
    emoji: str
    user_id: UserId


@event("reaction_removed")
@frozen
class ReactionRemoved(Event):
    message_id: MessageId
    emoji: str
    user_id: UserId


@event("message_pinned")
@frozen
class MessagePinned(Event):
    message_id: MessageId
    pinned_at: datetime
    pinned_by: UserId


@event("message_unpinned")
@frozen
class MessageUnpinned(Event):
    message_id: MessageId
