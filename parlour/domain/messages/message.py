"""A message: written once, edited by its author, deleted to a tombstone that keeps its place."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from ..kernel.errors import Conflict, invalid
from ..kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ..kernel.text import unprintable


class MessageType(StrEnum):
    """What kind of message it is."""

    TEXT = "text"


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
    reactions: Sequence[Reacted] = ()
    pin: Pin | None = None
    version: int = 1

    def check_there(self) -> None:
        """A deleted message stays deleted."""
        if self.deleted_at is not None:
            raise Conflict("The message was deleted.", code="message_deleted")

    def edited(self, content: str, now: datetime, limit: int) -> "Message":
        self.check_there()
        return evolve(self, content=checked_content(content, limit), edited_at=now)

    def deleted(self, now: datetime) -> "Message":
        """The tombstone: who, where and when stay, the words go, and what others made of them."""
        self.check_there()
        return evolve(self, content="", deleted_at=now, reactions=(), pin=None)


def checked_content(content: str, limit: int) -> str:
    """What may be said: 1 to `limit` characters of text, lines allowed, not blank, kept as written."""
    if not content.strip() or len(content) > limit:
        raise invalid("content", "length", f"A message has 1 to {limit:,} characters and is not blank.")
    if (bad := unprintable(content, lines=True)) is not None:
        raise invalid("content", "character", f"A message cannot hold the character {bad}.")
    return content
