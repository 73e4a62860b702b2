"""The other instances on the same database: who leads, and what they did that this one must learn of."""

import asyncio
from collections.abc import Sequence

import psycopg

from ...application.kernel.uow import LoggedEvent
from ...domain.kernel.ids import EventId
from .postgres import PostgresStore
from .postgres_link import Connection
from .postgres_transaction import SQL
from .streams import logged_event

BATCH = 500
OWN = 10_000


class PostgresLeadership:
    """`Leadership` by advisory locks on a session of its own: they are gone with the process, whatever ends it."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._turn = asyncio.Lock()

    async def lead(self, what: str) -> bool:
        async with self._turn:
            try:
                return await self._lead(what)
            except (psycopg.Error, OSError, TimeoutError):
                await self.close()
                return False

    async def _lead(self, what: str) -> bool:
        if self._connection is None:
            self._connection = await self._store.database.connect()
        async with asyncio.timeout(self._store.link.reach.statement):
            query = SQL.leading if what in self._held else SQL.lead
            row = await (await self._connection.execute(query.postgres, {"what": what})).fetchone()
        if row is not None and row[0]:
            self._held.add(what)
            return True
        return False

    async def close(self) -> None:
        """Let others lead."""
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            await connection.close()


class PostgresNotices:
    """`Notices` from a table whose numbers grow in the order of commits."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._number: int | None = None
        self._own: dict[EventId, None] = {}
        store.on_commit(self._remember)

    def _remember(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            if event.tag in self._store.noticed:
                self._own[event.id] = None
        while len(self._own) > OWN:
            del self._own[next(iter(self._own))]

    async def new(self) -> list[LoggedEvent]:
        async with self._store.snapshot() as db:
            if self._number is None:
                self._number = await db.value(SQL.last_notice)
            rows = await db.joins(SQL.noticed, number=self._number, most=BATCH)
        events = [logged_event(row, self._store.means.codec) for row in rows]
        if rows:
            self._number = rows[-1]["number"]
        return [event for event in events if event.id not in self._own]
