"""What happens to messages, in `room:<id>`. A message's event is named after the message's type."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from ..kernel.event import Event, event
from ..kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from .besides import Forwarded, Quoted, Thread
from .message import MessageType


@event("text")
@frozen
class MessageSent(Event):
    """A message, as it is now: an edit or a delete overwrites the words here too, so that no replay shows old ones.

    A reply says what became of its thread: `thread` is of the message `reply_to`, by then.
    """

    id: MessageId
    room_id: RoomId
    number: int
    author_id: UserId
    type: str
    content: str
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_to: MessageId | None = None
    thread: Thread | None = None
    mentions: list[UserId] = field(factory=list)
    mentions_room: bool = False
    quote: Quoted | None = None
    forwarded_from: Forwarded | None = None


@event("notification")
@frozen
class NotificationSent(MessageSent):
    """A message of the type `notification`."""


@event("system_message")
@frozen
class SystemMessageSent(MessageSent):
    """A message of the type `system_message`."""


SENT: Mapping[MessageType, type[MessageSent]] = {
    MessageType.TEXT: MessageSent,
    MessageType.NOTIFICATION: NotificationSent,
    MessageType.SYSTEM_MESSAGE: SystemMessageSent,
}
"""What tells of a message, by its type."""


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
    """A message was taken back. Of a reply, `thread` is what is left of its thread; None when no reply is."""

    message_id: MessageId
    deleted_at: datetime
    reply_to: MessageId | None = None
    thread: Thread | None = None


@event("quotes_gone")
@frozen
class QuotesGone(Event):
    """Messages that quoted what retention takes: their quotes are without words from now on."""

    room_id: RoomId
    message_ids: list[MessageId]


@event("mentioned")
@frozen
class Mentioned(Event):
    """In the inbox of somebody: a message calls them. Their mentions that wait are those with a number above the one
    they have read up to."""

    message_id: MessageId
    room_id: RoomId
    workspace_id: WorkspaceId
    author_id: UserId
    number: int


@event("thread_followed")
@frozen
class ThreadFollowed(Event):
    """In the inbox of somebody: they follow a thread now, or no longer. The message is the one it began with."""

    message_id: MessageId
    room_id: RoomId
    workspace_id: WorkspaceId
    following: bool


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
