"""Letters that wait, in SQL."""

from datetime import datetime
from uuid import UUID

import attrs

from ...application.kernel.mail import Waiting
from ...application.kernel.ports import Codec
from .db import Db
from .loader import load
from .shapes import made

SQL = load("letters")


class SqlLetters:
    """`Letters` in SQL."""

    def __init__(self, db: Db, codec: Codec) -> None:
        self._db, self._codec = db, codec

    async def add(self, letter: Waiting) -> None:
        columns = attrs.asdict(letter, recurse=False)
        await self._db.run(SQL.add, **{**columns, "data": self._codec.encode(letter.data).decode()})

    async def due(self, now: datetime, most: int) -> list[Waiting]:
        rows = await self._db.joins(SQL.due, now=now, most=most)
        return [made(Waiting, {**row, "data": self._codec.parse(row["data"])}) for row in rows]

    async def again(self, letter_id: UUID, due_at: datetime) -> None:
        await self._db.run(SQL.again, id=letter_id, due_at=due_at)

    async def done(self, letter_id: UUID) -> None:
        await self._db.run(SQL.done, id=letter_id)
