"""What is derived, worked out again in SQL."""

from ...application.kernel.doctor import Drift
from .db import Db
from .loader import load

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
