"""A message: written once, edited by its author, deleted to a tombstone that keeps its place."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from ..kernel.errors import Conflict, invalid
from ..kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ..kernel.text import blank, unprintable
from .besides import Forwarded, Quoted, Thread


class MessageType(StrEnum):
    """What kind of message it is. All but `text` are announcements: they take a permission of their own."""

    TEXT = "text"
    NOTIFICATION = "notification"
    SYSTEM_MESSAGE = "system_message"


@frozen
class Reacted:
    """An emoji, and how many have reacted to a message with it."""

    emoji: str
    count: int


@frozen
class Pin:
    """That a message was pinned: when, and by whom."""

    at: datetime
    by: UserId


@frozen
class Message:
    """What somebody said. `offset` is its place in the room's stream, `number` counts the room's messages from 1.

    `edit_offset` is the place of the newest event that carries its edited content, which the next edit overwrites.
    `reply_to` is the first message of the thread it stands in; whoever it mentions was called when it was sent.
    `reactions` stand in the order in which their emoji came.
    """

    id: MessageId
    workspace_id: WorkspaceId
    room_id: RoomId
    author_id: UserId
    type: MessageType
    content: str
    created_at: datetime
    offset: int
    number: int
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    edit_offset: int | None = None
    reply_to: MessageId | None = None
    thread: Thread | None = None
    mentions: list[UserId] = field(factory=list)
    mentions_room: bool = False
    quote: Quoted | None = None
    forwarded_from: Forwarded | None = None
    reactions: Sequence[Reacted] = ()
    pin: Pin | None = None
    version: int = 1

    def check_there(self) -> None:
        """A deleted message stays deleted."""
        if self.deleted_at is not None:
            raise Conflict("The message was deleted.", code="message_deleted")

    def edited(self, content: str, now: datetime, limit: int) -> "Message":
        self.check_there()
        if self.forwarded_from is not None:
            raise Conflict("These are another's words; they stay as they are.", code="forwarded")
        return evolve(self, content=checked_content(content, limit), edited_at=now)

    def deleted(self, now: datetime) -> "Message":
        """The tombstone: who, where and when stay, also of a thread; the words go, whom they called and quoted, and what
        others made of them."""
        self.check_there()
        tombstone = evolve(self, content="", deleted_at=now, reactions=(), pin=None)
        return evolve(tombstone, mentions=[], mentions_room=False, quote=None, forwarded_from=None)


def checked_content(content: str, limit: int) -> str:
    """What may be said: 1 to `limit` characters of text, lines allowed, not blank, kept as written."""
    if blank(content) or len(content) > limit:
        raise invalid("content", "length", f"A message has 1 to {limit:,} characters and is not blank.")
    if (bad := unprintable(content, lines=True)) is not None:
        raise invalid("content", "character", f"A message cannot hold the character {bad}.")
    return content
