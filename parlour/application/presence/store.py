"""The port that knows who is connected."""

from collections.abc import Sequence
from typing import Protocol

from ...domain.kernel.ids import UserId


class PresenceStore(Protocol):
    """Who is connected, on all instances that share it. Best effort: it may forget, when an instance dies for one; never
    what a connection said that is still open."""

    async def came(self, user_id: UserId, connection_id: str) -> bool:
        """A connection was opened; whether it is the user's first. Saying it again changes nothing."""

    async def went(self, user_id: UserId, connection_id: str) -> bool:
        """A connection has ended; whether it was the user's last. Of one that is not there it was not."""

    async def connected(self, user_ids: Sequence[UserId]) -> set[UserId]:
        """Those of some users who have a connection."""
