"""Extension data of users in SQL."""

from typing import Any

from ...application.kernel.ports import Codec
from ...domain.identity.extensions import UserExtensions
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId
from .db import Db
from .loader import load
from .shapes import made

SQL = load("extensions")


class SqlExtensions:
    """`Extensions` in SQL."""

    def __init__(self, db: Db, codec: Codec) -> None:
        self._db, self._codec = db, codec

    async def get(self, user_id: UserId) -> UserExtensions | None:
        row = await self._db.joined(SQL.one, user_id=user_id)
        return made(UserExtensions, {**row, "data": self._codec.parse(row["data"])}) if row is not None else None

    async def add(self, extensions: UserExtensions) -> None:
        columns = self._columns(extensions)
        if not await self._db.run(SQL.add, created_at=extensions.created_at, **columns):
            raise Raced("The user has extension data meanwhile.")

    async def save(self, extensions: UserExtensions) -> None:
        if not await self._db.run(SQL.save, version=extensions.version, **self._columns(extensions)):
            raise Raced("The extension data has changed meanwhile.")

    def _columns(self, extensions: UserExtensions) -> dict[str, Any]:
        data = self._codec.encode(extensions.data).decode()
        return {"user_id": extensions.user_id, "data": data, "updated_at": extensions.updated_at}
