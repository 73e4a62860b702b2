"""Messages that are to be sent later."""

from datetime import datetime

from attrs import evolve, frozen

from ..kernel.ids import RoomId, ScheduledId, TokenId, UserId, WorkspaceId
from ..kernel.times import checked_time
from .message import checked_content


@frozen
class Scheduled:
    """What somebody wants to say at a time. It is gone when it was said; `reason` is the code of why it could not be.

    `told_offset` is the place in its author's inbox of the newest event that carries its words. `token_id` is the token by
    which it was last decided, and without which it is not said.
    """

    id: ScheduledId
    workspace_id: WorkspaceId
    room_id: RoomId
    author_id: UserId
    content: str
    send_at: datetime
    created_at: datetime
    reason: str | None = None
    told_offset: int | None = None
    token_id: TokenId | None = None
    version: int = 1

    def changed(self, content: str, send_at: datetime, now: datetime, limit: int) -> "Scheduled":
        """Other words or another time; one that could not be sent is tried again then."""
        said = checked_content(content, limit)
        return evolve(self, content=said, send_at=checked_time(send_at, now, "send_at"), reason=None)

    def due(self, now: datetime) -> bool:
        return self.reason is None and self.send_at <= now

    def undone(self, reason: str) -> "Scheduled":
        return evolve(self, reason=reason)
