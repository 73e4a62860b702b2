"""What the message rules need of a store. Sending has a port of its own in the application: `MessageLog`."""

from datetime import datetime
from typing import Protocol

from ..kernel.ids import MessageId, RoomId, ScheduledId, UserId, WorkspaceId
from .besides import Thread
from .message import Message
from .scheduled import Scheduled


class Messages(Protocol):
    """Messages, in the current unit of work."""

    async def get(self, message_id: MessageId) -> Message | None: ...

    async def held(self, message_id: MessageId) -> Message | None:
        """The message as it is now; no other unit changes it before this one has ended."""

    async def pins(self, message: Message) -> int:
        """How many messages of its room are pinned; no other unit that asks comes to know before this one has ended."""

    async def save(self, message: Message) -> Message:
        """Keep the changes of a message read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""

    async def uncall(self, message: Message) -> None:
        """Let a message that is deleted count for nobody it mentioned."""

    async def uncount(self, reply: Message) -> Thread | None:
        """Take a reply that was deleted out of its thread; what is left of that, None when no reply is. Threads change in the
        order of the events that tell of it."""


class ThreadFollowers(Protocol):
    """Who follows which thread, in the current unit of work. A thread is named by the message it began with."""

    async def follow(self, first: Message, user_id: UserId, following: bool) -> bool:
        """Somebody follows a thread from now on, or does not; False when it was so before."""

    async def answered(self, message_id: MessageId, user_id: UserId) -> list[UserId]:
        """Somebody answered: they follow the thread from now on, and so does who began it, unless they have left the room
        or said otherwise. Those who did not follow it before."""

    async def leave(self, workspace_id: WorkspaceId, user_id: UserId, room_id: RoomId | None = None) -> None:
        """Somebody follows nothing in a room any more, or, without one, in a workspace."""


class Reactions(Protocol):
    """Who reacted to which message with what, in the current unit of work. How many did stands in the message itself, which
    the caller holds."""

    async def add(self, message: Message, emoji: str, user_id: UserId, at: datetime) -> bool:
        """False when they have done so already."""

    async def remove(self, message: Message, emoji: str, user_id: UserId) -> bool:
        """False when they have not done so."""

    async def clear(self, message: Message) -> None:
        """Forget all that is said of a message so."""


class Edits(Protocol):
    """What messages said before, in the current unit of work. The caller has saved the message in it, so that nobody else
    changes it meanwhile."""

    async def add(self, before: Message) -> None:
        """Keep what a message said until now."""

    async def clear(self, message: Message) -> None:
        """Forget all that a message ever said."""


class Schedule(Protocol):
    """Messages that are to be sent later, in the current unit of work."""

    async def add(self, scheduled: Scheduled) -> None: ...

    async def held(self, scheduled_id: ScheduledId) -> Scheduled | None:
        """One of them as it is now; no other unit changes it before this one has ended."""

    async def save(self, scheduled: Scheduled) -> Scheduled:
        """Keep the changes of one that is held."""

    async def remove(self, scheduled: Scheduled) -> None: ...

    async def told(self, scheduled_id: ScheduledId, offset: int) -> None:
        """Keep where the newest event stands that carries the words of one, if it is there."""

    async def all_of(self, workspace_id: WorkspaceId, author_id: UserId) -> list[Scheduled]:
        """All that somebody has in a workspace; no other unit changes them before this one has ended."""

    async def count(self, workspace_id: WorkspaceId, author_id: UserId) -> int:
        """How many somebody has in a workspace; no other unit that asks comes to know before this one has ended."""
