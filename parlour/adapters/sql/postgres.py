"""The store on PostgreSQL, by psycopg: units of work run beside each other, each on a connection of its own.

Each decides by what is committed, and is refused as it ends when the rights it was decided by have changed. Offsets are
given by advancing a stream's row, so units that write to one stream commit one after the other.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NoReturn

from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.uow import Hosted, Kept, Key, LoggedEvent, TransactionUnfit
from .joined import JoinedUnit
from .loader import Query
from .messages import SqlMessages
from .migrations import migrations_of
from .postgres_batch import Batch
from .postgres_link import Link, Statements
from .postgres_messages import PostgresMessages, PostgresRooms, RelyingRooms
from .postgres_open import PostgresDatabase
from .postgres_roles import MISSING, Walls, as_seen_by, walls_of
from .postgres_telling import Telling
from .postgres_transaction import SQL, PostgresSnapshot
from .postgres_unit import PostgresUnit
from .postgres_within import Hosts
from .recorder import SQL as KERNEL
from .recorder import React, in_hand, nothing_follows
from .rooms import SqlRooms
from .standings import Standings


class PostgresStore:
    """`Store` on a PostgreSQL database."""

    file = None
    shared = True

    def __init__(self, database: PostgresDatabase) -> None:
        self.database, self.means, self.link, self.epoch = database, database.means, Link(database.reach), ""
        self.react: React = nothing_follows
        self.noticed: frozenset[str] = frozenset()
        self.walls = Walls.NONE
        self._hosts = Hosts(self)
        self._in_hand: set[tuple[str, str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.telling, self.standings = Telling(), Standings()
        self.batch = Batch(self)

    async def open(self) -> None:
        """Reach the server, migrate, and begin. `DatabaseUnreachable`, `DatabaseUnfit` or `MigrationError` when it cannot."""
        await self.database.prepare()
        await self.link.open()
        self.walls = await walls_of(self.link)
        async with self.snapshot() as db:
            self.epoch = await db.value(KERNEL.epoch)

    @property
    def walled(self) -> bool:
        return self.walls is not Walls.NONE

    @property
    def unguarded(self) -> Sequence[str]:
        return MISSING[self.walls]

    def beginning(self, actor: Actor, *, reading: bool) -> Statements:
        seen, given = as_seen_by(actor, self.walls)
        return Statements(self._begin(SQL.begin_reading if reading else SQL.begin) + seen, given)

    def _begin(self, query: Query) -> list[str]:
        said = [query.postgres]
        if self.link.reach.pooled:
            said += [f"set local {name} = {value}" for name, value in self.link.reach.bounds().items()]
        return said

    async def migrate(self, module: str, folder: Path) -> None:
        """Make a module's tables, also while units are at work."""
        await self.database.migrate(migrations_of(module, folder, "postgres"))

    def within(self, connection: Any) -> AbstractAsyncContextManager[Hosted]:
        return self._hosts.within(connection)

    def transaction(self) -> NoReturn:
        raise TransactionUnfit("On PostgreSQL a host has connections of its own: use `chat.within(connection)`.")

    def unit(self, actor: Actor = SYSTEM) -> PostgresUnit:
        return PostgresUnit(self, actor)

    def snapshot(self, actor: Actor = SYSTEM, *, slow: bool = False) -> PostgresSnapshot:
        return PostgresSnapshot(self, actor)

    def rooms_in(self, work: Any) -> SqlRooms:
        now = self.means.clock.now
        if isinstance(work, PostgresUnit):
            return PostgresRooms(work, now)
        return RelyingRooms(work, now) if isinstance(work, JoinedUnit) else SqlRooms(work, now)

    def messages_in(self, work: Any) -> SqlMessages:
        return PostgresMessages(work) if isinstance(work, PostgresUnit) else SqlMessages(work, work)

    async def claim(self, key: Key) -> Kept | None:
        mine = (key.actor, key.use_case, key.key)
        async with self.snapshot() as db:
            kept = await db.row(KERNEL.kept, Kept, actor=key.actor, use_case=key.use_case, key=key.key)
        if kept is None:
            if mine in self._in_hand:
                raise in_hand()
            self._in_hand.add(mine)
        return kept

    def release(self, key: Key) -> None:
        self._in_hand.discard((key.actor, key.use_case, key.key))

    def on_commit(self, observer: Callable[[Sequence[LoggedEvent]], None]) -> None:
        self.telling.observe(observer)

    async def apart(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, also when whoever waits for it goes away."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way, then let go of all connections."""
        await self.batch.finish()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.link.close()

    def abandon(self) -> None:
        """Nothing is held before it is opened."""
