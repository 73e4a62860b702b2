"""What the message rules need of a store. Sending has a port of its own in the application: `MessageLog`."""

from typing import Protocol

from ..kernel.ids import MessageId
from .message import Message


class Messages(Protocol):
    """Messages, in the current unit of work."""

    async def get(self, message_id: MessageId) -> Message | None: ...

    async def save(self, message: Message) -> Message:
        """Keep the changes of a message read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""
