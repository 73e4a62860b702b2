"""A session: one signed-in device, and the family of refresh tokens that keeps it alive."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from ..kernel.ids import SessionId, UserId, WorkspaceId

GRACE = timedelta(seconds=10)


class Refresh(StrEnum):
    """What a presented refresh token is worth."""

    ROTATE = "rotate"  # the newest: its successor is made
    AGAIN = "again"  # the one before, just replaced: the same successor is given once more
    REUSED = "reused"  # spent: somebody has a copy, the whole family ends
    EXPIRED = "expired"


@frozen
class Session:
    """A signed-in device. `generation` is the number of the refresh token that is valid now, counted from 1."""

    id: SessionId
    user_id: UserId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    generation: int = 1
    rotated_at: datetime | None = None
    workspace_id: WorkspaceId | None = None
    address: str | None = None
    agent: str | None = None
    ended_at: datetime | None = None
    version: int = 1

    def presented(self, generation: int, now: datetime) -> Refresh:
        """What the token of `generation` is worth now.

        Only the newest counts. The one before is forgiven for ten seconds after it was replaced, since two tabs may
        renew at once; by then its successor is unused, or it would not be the newest but one (RFC 9700, 4.14.2).
        """
        if self.ended_at is not None or now >= self.expires_at:
            return Refresh.EXPIRED
        if generation == self.generation:
            return Refresh.ROTATE
        fresh = self.rotated_at is not None and now - self.rotated_at <= GRACE
        return Refresh.AGAIN if generation == self.generation - 1 and fresh else Refresh.REUSED

    def rotated(self, now: datetime) -> "Session":
        return evolve(self, generation=self.generation + 1, rotated_at=now, last_seen_at=now)

    def ended(self, now: datetime) -> "Session":
        return self if self.ended_at is not None else evolve(self, ended_at=now)

    def in_workspace(self, workspace_id: WorkspaceId) -> "Session":
        return evolve(self, workspace_id=workspace_id)
