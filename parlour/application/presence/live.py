"""What is told to those who listen now, past the log."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Topic


@frozen
class Whisper:
    """Something about a user that is over in a moment."""

    tag: str
    topic: Topic
    id: UUID
    at: datetime
    user_id: UserId


class Whispers(Protocol):
    """To those who follow a topic now, on every instance that hears of it: at most once, best effort, never stored."""

    def whisper(self, said: Whisper) -> None:
        """Show it to whoever has the right to follow. Does not wait and never fails."""
