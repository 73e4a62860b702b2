"""Where presence is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..kernel.ids import UserId
from .presence import Presence


class Presences(Protocol):
    """What users chose, and when they were last seen. Nobody has to have chosen: then there is the default."""

    async def of(self, user_ids: Sequence[UserId]) -> dict[UserId, Presence]:
        """What is kept of some users, in one read; whoever has nothing kept is absent."""

    async def choose(self, presence: Presence) -> bool:
        """Keep a choice; whether it is another than the one that was kept. Of racing ones the last stays. When somebody was
        last seen is left alone."""

    async def end(self, user_id: UserId, now: datetime) -> bool:
        """End a choice whose time has come; whether there was one."""

    async def saw(self, user_id: UserId, at: datetime, unless_after: datetime) -> bool:
        """Keep when somebody was last seen, unless what is kept is after another time already; whether it was written."""

    async def known_to(self, asker: UserId, user_ids: Sequence[UserId]) -> list[UserId]:
        """Those of some users who are in a workspace with the one who asks, in one read."""
