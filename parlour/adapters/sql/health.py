"""How the store is."""

from .recorder import SQL
from .store import SqlStore


class StoreCheck:
    """`Check` of the store: it can be read."""

    name = "db"
    vital = True

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def check(self) -> None:
        async with self._store.snapshot() as db:
            await db.value(SQL.epoch)
