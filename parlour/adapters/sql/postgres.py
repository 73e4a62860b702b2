"""The store on PostgreSQL, by psycopg: units of work run beside each other, each on a connection of its own.

Each decides by what is committed, and is refused as it ends when the rights it was decided by have changed. Offsets are
given by advancing a stream's row, so units that write to one stream commit one after the other.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NoReturn

from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.uow import Hosted, Kept, Key, LoggedEvent, TransactionUnfit
from ...domain.kernel.streams import Stream
from .migrations import migrations_of
from .postgres_link import Link
from .postgres_open import PostgresDatabase
from .postgres_roles import Walls, as_seen_by, walls_of
from .postgres_unit import SQL, PostgresSnapshot, PostgresUnit
from .postgres_within import Hosts
from .recorder import SQL as KERNEL
from .recorder import React, in_hand, nothing_follows

log = logging.getLogger("parlour.store")


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
        self._observers: list[Callable[[Sequence[LoggedEvent]], None]] = []
        self._in_hand: set[tuple[str, str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[Stream, tuple[PostgresUnit, asyncio.Event]] = {}
        self._before: dict[PostgresUnit, tuple[asyncio.Event, list[asyncio.Event]]] = {}

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

    def beginning(self, actor: Actor, *, reading: bool) -> tuple[str, Mapping[str, Any]]:
        """The statements a transaction begins with, and what they are given."""
        said = [(SQL.begin_reading if reading else SQL.begin).postgres]
        if self.link.reach.pooled:
            said += [f"set local {name} = {value}" for name, value in self.link.reach.bounds().items()]
        seen, given = as_seen_by(actor, self.walls)
        return "; ".join(said + seen), given

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
        self._observers.append(observer)

    async def apart(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, also when whoever waits for it goes away."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    def settled(self, unit: PostgresUnit) -> None:
        """A unit has its offsets: it is told of after those that had theirs before it in the same streams."""
        over, before = asyncio.Event(), []
        for stream in {e.stream for e in unit.logged}:
            if stream in self._last:
                before.append(self._last[stream][1])
            self._last[stream] = (unit, over)
        self._before[unit] = (over, before)

    async def committed(self, unit: PostgresUnit) -> None:
        """Tell what a unit did, in the order of commits. Those before it are committed too: their answers are under way."""
        try:
            for earlier in self._before[unit][1]:
                await earlier.wait()
        finally:
            self._tell(unit.logged)
            self.undone(unit)

    def undone(self, unit: PostgresUnit) -> None:
        """A unit is over: whoever waits for it goes on."""
        over, _ = self._before.pop(unit, (None, None))
        if over is not None:
            over.set()
            for stream in {e.stream for e in unit.logged}:
                if self._last.get(stream, (None,))[0] is unit:
                    del self._last[stream]

    def _tell(self, events: list[LoggedEvent]) -> None:
        for observer in self._observers if events else ():
            try:
                observer(events)
            except Exception:
                log.exception("an observer of commits failed")

    async def close(self) -> None:
        """Wait for what is under way, then let go of all connections."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.link.close()

    def abandon(self) -> None:
        """Nothing is held before it is opened."""
