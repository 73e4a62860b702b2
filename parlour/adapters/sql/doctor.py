"""What is derived, worked out again in SQL."""

from ...application.kernel.doctor import Drift
from .db import Db
from .loader import load
from .store import SqlStore

SQL = load("doctor")


class SqlDerived:
    """`Derived` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def drift(self) -> list[Drift]:
        found: list[Drift] = []
        for query in SQL:
            rows = await self._db.joins(query)
            found += [Drift(query.name, str(r["of"]), str(r["kept"]), str(r["right"])) for r in rows]
        return found


class StoreGuard:
    """`Guard` of a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def missing(self) -> list[str]:
        return list(self._store.unguarded)
