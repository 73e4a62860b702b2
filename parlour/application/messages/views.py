"""What is shown of messages, and the ports that write and read them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from ...domain.kernel.ids import MessageId, RoomId, ScheduledId, UserId, WorkspaceId
from ...domain.messages.besides import PLAIN, Besides, Forwarded, Quoted, Thread
from ...domain.messages.message import Message, MessageType
from ...domain.messages.scheduled import Scheduled
from ...domain.rooms.room import Room
from ..kernel.page import Page
from ..kernel.uow import Place


@frozen
class ReactionView:
    """An emoji, how many have reacted with it, and whether one has oneself. `mine` is null where nobody looked: in the last
    message of a room, and in the answer to a message that was sent again."""

    emoji: str
    count: int
    mine: bool | None = None


@frozen
class PinView:
    """When a message was pinned, and by whom."""

    at: datetime
    by: UserId


@frozen
class MessageView:
    """A message. `offset` is its place in the room's stream, `number` counts the room's messages from 1.

    A deleted message keeps its place and has no content. Inside a host's transaction `offset` is null until its end.

    `reply_to` is the first message of the thread it stands in; `thread` tells of the replies to it, when there are any.
    `mentions` are the people whom its words called as it was sent, `mentions_room` whether they called everybody.
    """

    id: MessageId
    room_id: RoomId
    offset: int | None
    number: int | None
    author_id: UserId
    type: MessageType
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
    reactions: list[ReactionView] = field(factory=list)
    pinned: PinView | None = None

    @classmethod
    def of(cls, message: Message, mine: Collection[str] | None = None) -> "MessageView":
        """`mine` are the emoji that whoever sees it has reacted with."""
        return cls(
            id=message.id,
            room_id=message.room_id,
            offset=message.offset,
            number=message.number,
            author_id=message.author_id,
            type=message.type,
            content=message.content,
            created_at=message.created_at,
            edited_at=message.edited_at,
            deleted_at=message.deleted_at,
            reply_to=message.reply_to,
            thread=message.thread,
            mentions=message.mentions,
            mentions_room=message.mentions_room,
            quote=message.quote,
            forwarded_from=message.forwarded_from,
            reactions=[
                ReactionView(r.emoji, r.count, r.emoji in mine if mine is not None else None) for r in message.reactions
            ],
            pinned=PinView(message.pin.at, message.pin.by) if message.pin is not None else None,
        )


@frozen
class Draft:
    """A message on its way: `key`, if there is one, makes it safe to send again; `body_hash` tells what it came with.

    Most messages are `PLAIN` beside their words, and those are written with others'.
    """

    id: MessageId
    room: Room
    author_id: UserId
    type: MessageType
    content: str
    created_at: datetime
    key: str | None = None
    body_hash: bytes = b""
    besides: Besides = PLAIN


class Sent(Protocol):
    """A message that was appended; whole when the unit of work has ended."""

    @property
    def view(self) -> MessageView: ...

    @property
    def place(self) -> Place | None:
        """Where a new one came to stand, once it has its place."""

    @property
    def new(self) -> bool:
        """False when the key was known: then the view is the first message, as it is now."""


class MessageLog(Protocol):
    """Where messages are appended: the hot path, with a way of its own on each store.

    Atomic with the unit it is called in. The key of a message lives with it: the same key of the same author gives the
    first message, in whatever workspace it is, however many race; with another body it is `Unprocessable`.

    What a message is beside its words is written in the same transaction: the thread that it answers counts it, and the
    people and the room that it mentions are kept to be counted.
    """

    async def append(self, draft: Draft) -> Sent:
        """Append a message. `Raced` when the message it answers was deleted meanwhile."""

    async def first(self, author_id: UserId, key: str, body_hash: bytes) -> Sent | None:
        """The message that an author first used a key for, as `append` would answer; None when there is none."""


class MessageReader(Protocol):
    """Messages as they are shown."""

    async def history(self, room: Room, cursor: str | None, around: int | None, limit: int) -> Page[MessageView]:
        """A page of a room's messages, oldest first: the newest, those at a cursor, or those around a number."""

    async def replies(self, message: Message, cursor: str | None, limit: int) -> Page[MessageView]:
        """The replies in a message's thread, oldest first, deleted ones too: the first of them, or those at a cursor."""

    async def followed(self, room: Room, user_id: UserId, cursor: str | None, limit: int) -> Page[MessageView]:
        """The first messages of the threads in a room that somebody follows, oldest first: the newest of them, or those at
        a cursor."""

    async def number_at(self, room: Room, at: datetime) -> int | None:
        """The number of the first message that was said at a time or after it; None when there is none. Where messages
        came in another order than their times, as clocks of several servers differ: of one whose predecessor was before."""

    async def pinned(self, room: Room, cursor: str | None, limit: int) -> Page[MessageView]:
        """The pinned messages of a room, those pinned first at the front."""


class MentionReader(Protocol):
    """Whom messages mention."""

    async def mentions_since(self, room: Room, user_id: UserId, number: int) -> int:
        """How many of a room's messages after a number mention somebody, by name or with everybody in the room; not their
        own, and none that was deleted."""


@frozen
class FollowingView:
    """Whether one follows a thread. `message_id` is the message that it began with."""

    message_id: MessageId
    room_id: RoomId
    following: bool


@frozen
class Reaction:
    """Somebody who reacted, and when."""

    user_id: UserId
    at: datetime


class ReactionReader(Protocol):
    """Who reacted to what."""

    async def own(
        self, workspace_id: WorkspaceId, user_id: UserId, message_ids: Sequence[MessageId]
    ) -> Mapping[MessageId, Collection[str]]:
        """What somebody reacted with, to those of some messages of a workspace that they reacted to."""

    async def who(self, message: Message, emoji: str, cursor: str | None, limit: int) -> Page[Reaction]:
        """Those who reacted to a message with an emoji, who did first at the front."""


@frozen
class EditView:
    """What a message said before: its words, since when it said so, and which version of them it was, from 1."""

    version: int
    content: str
    at: datetime


class EditReader(Protocol):
    """What messages said before."""

    async def edits(self, message: Message, cursor: str | None, limit: int) -> Page[EditView]:
        """The former versions of a message, the first at the front."""


@frozen
class ScheduledView:
    """A message that is to be sent at a time. `reason` says why it could not be, and is null while it waits."""

    id: ScheduledId
    workspace_id: WorkspaceId
    room_id: RoomId
    content: str
    send_at: datetime
    created_at: datetime
    reason: str | None = None

    @classmethod
    def of(cls, s: Scheduled) -> "ScheduledView":
        return cls(s.id, s.workspace_id, s.room_id, s.content, s.send_at, s.created_at, s.reason)


class ScheduleReader(Protocol):
    """What is to be sent later."""

    async def words(self, scheduled_id: ScheduledId) -> str | None:
        """What is to be said; None when there is nothing such."""

    async def of_author(
        self, workspace_id: WorkspaceId, author_id: UserId, cursor: str | None, limit: int
    ) -> Page[ScheduledView]:
        """What somebody wants to say in a workspace, the earliest first."""
