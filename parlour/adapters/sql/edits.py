"""What messages said before, in SQL."""

from ...application.kernel.page import Page
from ...application.messages.views import EditView
from ...domain.messages.message import Message
from .db import Db
from .loader import load
from .pages import listing

SQL = load("edits")
EDITS = listing(SQL, "edits", ("version",), (0,), lambda found: found.of(EditView))


class SqlEdits:
    """`Edits` and `EditReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, before: Message) -> None:
        await self._db.run(
            SQL.add,
            workspace_id=before.workspace_id,
            message_id=before.id,
            content=before.content,
            at=before.edited_at or before.created_at,
        )

    async def clear(self, message: Message) -> None:
        await self._db.run(SQL.clear, workspace_id=message.workspace_id, message_id=message.id)

    async def edits(self, message: Message, cursor: str | None, limit: int) -> Page[EditView]:
        where = {"workspace_id": message.workspace_id, "message_id": message.id}
        return await EDITS.page(self._db, cursor, limit, **where)
