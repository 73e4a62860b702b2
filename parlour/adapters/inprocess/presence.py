"""Presence within one process."""

from collections.abc import Sequence

from ...domain.kernel.ids import UserId


class LocalPresence:
    """`PresenceStore` in memory."""

    def __init__(self) -> None:
        self._connections: dict[UserId, set[str]] = {}

    async def came(self, user_id: UserId, connection_id: str) -> bool:
        theirs = self._connections.setdefault(user_id, set())
        theirs.add(connection_id)
        return theirs == {connection_id}

    async def went(self, user_id: UserId, connection_id: str) -> bool:
        theirs = self._connections.get(user_id, set())
        if connection_id not in theirs:
            return False
        theirs.discard(connection_id)
        if not theirs:
            del self._connections[user_id]
        return not theirs

    async def connected(self, user_ids: Sequence[UserId]) -> set[UserId]:
        return {u for u in user_ids if u in self._connections}
