"""The writer's turn for a host: its own tables and use cases in one transaction of a SQLite store."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Key, LoggedEvent
from .db import Fetched
from .ground import Ground
from .hosted import HostTransaction
from .loader import Query
from .sqlite_reads import ReadDb
from .sqlite_unit import Owner as UnitOwner
from .sqlite_unit import SqliteUnit

OURS = ("begin", "commit", "end", "rollback", "savepoint", "release", "pragma", "attach", "detach", "vacuum")


class Owner(UnitOwner, Protocol):
    """The store, as a transaction of a host's sees it."""

    async def finish(self) -> None: ...


class HostUnit(SqliteUnit):
    """The unit that holds a host's transaction. Nobody's commit waits for the host: the group goes to disk before."""

    def __init__(self, store: Owner, before: ReadDb) -> None:
        super().__init__(store, before, None)
        self._finish = store.finish

    async def take_turn(self) -> None:
        await super().take_turn()
        await self._finish()

    def say(self, verb: str) -> None:
        """A savepoint of one part, in the host's own."""
        self._savepoint(verb, "part")

    def host_says(self, work: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> sqlite3.Cursor:
        """A statement of the host's own. When the engine ends the transaction over it, all of it is lost."""
        self._check_not_lost()
        try:
            return work(self._store.writer)
        except sqlite3.Error as error:
            if not self._store.writer.in_transaction:
                self._store.lost(error)
            raise


class GuardedConnection:
    """The writer of a SQLite store, for a host's own statements in its transaction; only parlour begins and ends that."""

    def __init__(self, unit: HostUnit) -> None:
        self._unit: HostUnit | None = unit

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement here and now; errors are `sqlite3`'s own."""
        return self._guarded(sql).host_says(lambda writer: writer.execute(sql, parameters))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any] | Mapping[str, Any]]) -> sqlite3.Cursor:
        """Run one statement for each row."""
        return self._guarded(sql).host_says(lambda writer: writer.executemany(sql, rows))

    def _guarded(self, sql: str) -> HostUnit:
        if self._unit is None:
            raise sqlite3.ProgrammingError("the transaction is over")
        if first_word(sql) in OURS:
            raise sqlite3.ProgrammingError(
                f"{first_word(sql).upper()} is not the host's here: the block commits, and an exception rolls back"
            )
        return self._unit

    def end(self) -> None:
        self._unit = None


def first_word(sql: str) -> str:
    """The keyword that a statement begins with, in lower case."""
    rest = sql.lstrip(" \t\r\n;\ufeff")
    while rest.startswith(("--", "/*")):
        _, _, rest = rest.partition("\n" if rest.startswith("--") else "*/")
        rest = rest.lstrip(" \t\r\n;")
    word = ""
    for sign in rest:
        if not sign.isalpha():
            break
        word += sign
    return word.lower()


class SqliteGround(Ground):
    """A host's transaction on the writer."""

    def __init__(self, store: Owner, unit: HostUnit) -> None:
        self.store: Owner = store
        self._unit, self._connection = unit, GuardedConnection(unit)

    @property
    def connection(self) -> GuardedConnection:
        return self._connection

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        return await self._unit.fetch(query, given)

    async def goes_on(self) -> bool:
        return True

    async def enter(self, actor: Actor | None) -> None:
        self._unit.say("SAVEPOINT")

    async def keep(self, number: int) -> None:
        self._unit.say("RELEASE")

    async def undo(self) -> None:
        self._unit.say("ROLLBACK TO")
        self._unit.say("RELEASE")

    async def standing(self, numbers: Collection[int]) -> Collection[int]:
        return numbers

    async def hold(self, key: Key) -> None:
        """Whoever else has it in hand waits for the writer's turn, and finds it used."""

    async def settled(self, logged: Sequence[LoggedEvent]) -> None:
        self._unit.logged += logged


@asynccontextmanager
async def transaction(store: Owner, before: ReadDb) -> AsyncIterator[HostTransaction]:
    """The writer's turn, until the block ends."""
    unit = HostUnit(store, before)
    async with unit:
        ground = SqliteGround(store, unit)
        host = HostTransaction(ground)
        store.turns.keeper = asyncio.current_task()
        try:
            yield host
            await host.flush()
        finally:
            store.turns.keeper = None
            ground.connection.end()
            host.end("its block is over")
    await unit.commit()
