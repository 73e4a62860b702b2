"""What the message rules need of a store. Sending has a port of its own in the application: `MessageLog`."""

from typing import Protocol

from ..kernel.ids import MessageId
from .besides import Thread
from .message import Message


class Messages(Protocol):
    """Messages, in the current unit of work."""

    async def get(self, message_id: MessageId) -> Message | None: ...

    async def save(self, message: Message) -> Message:
        """Keep the changes of a message read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""

    async def uncount(self, reply: Message) -> Thread | None:
        """Take a reply that was deleted out of its thread, and its calls out of the mentions; what is left of the thread.
        Done where its event gets its place, so that counts change in the order of the events."""
