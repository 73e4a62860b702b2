"""Notes in SQL."""

from pathlib import Path

from parlour.adapters.sql.db import Db
from parlour.adapters.sql.loader import Queries
from parlour.domain.kernel.ids import UserId

from .notes import Note

SQL = Queries(Path(__file__).with_name("notes.sql"))


class SqlNotes:
    """`Notes` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, user_id: UserId, text: str) -> int:
        number = len(await self.of(user_id)) + 1
        await self._db.run(SQL.add, user_id=user_id, number=number, text=text)
        return number

    async def of(self, user_id: UserId) -> list[Note]:
        return await self._db.rows(SQL.of_user, Note, user_id=user_id)
