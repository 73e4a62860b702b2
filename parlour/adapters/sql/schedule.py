"""Messages that are to be sent later, in SQL."""

import attrs

from ...application.kernel.page import Page
from ...application.messages.views import ScheduledView
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import ScheduledId, UserId, WorkspaceId
from ...domain.messages.scheduled import Scheduled
from .db import Db, inserted
from .loader import load
from .pages import BEGINNING, NOBODY, listing

SQL = load("schedule")
OF_AUTHOR = listing(SQL, "of_author", ("send_at", "id"), (BEGINNING, NOBODY), lambda found: found.of(ScheduledView))


class SqlSchedule:
    """`Schedule` and `ScheduleReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, scheduled: Scheduled) -> None:
        await self._db.run(SQL.add, **inserted(scheduled))

    async def held(self, scheduled_id: ScheduledId) -> Scheduled | None:
        return await self._db.row(SQL.held, Scheduled, id=scheduled_id)

    async def save(self, scheduled: Scheduled) -> Scheduled:
        if not await self._db.run(SQL.save, **attrs.asdict(scheduled)):
            raise Raced("The scheduled message has changed meanwhile.")
        return attrs.evolve(scheduled, version=scheduled.version + 1)

    async def remove(self, scheduled: Scheduled) -> None:
        await self._db.run(SQL.remove, workspace_id=scheduled.workspace_id, id=scheduled.id)

    async def told(self, scheduled_id: ScheduledId, offset: int) -> None:
        await self._db.run(SQL.told, id=scheduled_id, told_offset=offset)

    async def all_of(self, workspace_id: WorkspaceId, author_id: UserId) -> list[Scheduled]:
        return await self._db.rows(SQL.all_of, Scheduled, workspace_id=workspace_id, author_id=author_id)

    async def count(self, workspace_id: WorkspaceId, author_id: UserId) -> int:
        await self._db.alone(f"schedule of {author_id}")
        return int(await self._db.value(SQL.count, workspace_id=workspace_id, author_id=author_id))

    async def waiting(self, scheduled_id: ScheduledId) -> Scheduled | None:
        return await self._db.row(SQL.waiting, Scheduled, id=scheduled_id)

    async def of_author(
        self, workspace_id: WorkspaceId, author_id: UserId, cursor: str | None, limit: int
    ) -> Page[ScheduledView]:
        return await OF_AUTHOR.page(self._db, cursor, limit, workspace_id=workspace_id, author_id=author_id)
