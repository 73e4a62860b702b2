"""The store on SQLite, by the standard library's `sqlite3` alone: one writer, units in turns, one commit for many.

Units take turns on the writer, inline in the event loop, each in a savepoint. When nobody waits for the turn, or the group
is large, one commit in a thread makes the whole group last, and answers all of it. Reads have connections of their own.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.uow import Hosted, Kept, Key, LoggedEvent, TransactionUnfit
from ...domain.kernel.errors import Unavailable
from .messages import SqlMessages
from .migrations import migrate_sqlite, migrations_of
from .recorder import SQL, Means, React, in_hand, nothing_follows
from .rooms import SqlRooms
from .sqlite_file import StoreFile, connect
from .sqlite_reads import ReadDb, Readers, SqliteSnapshot, unavailable
from .sqlite_rooms import Members, SqliteRooms
from .sqlite_unit import SqliteUnit
from .sqlite_within import transaction
from .turns import Turns

log = logging.getLogger("parlour.store")

GROUP = 512
T = TypeVar("T")


class SqliteStore:
    """`Store` on one SQLite file. Made by `open_sqlite`."""

    shared = False

    def __init__(self, file: StoreFile, means: Means, epoch: str, readers: int = 4) -> None:
        self.file, self.means, self.epoch = file, means, epoch
        self.turns = Turns(self.pass_on)
        self.writer = connect(file.path)
        self.react: React = nothing_follows
        self.noticed: frozenset[str] = frozenset()
        self.losses = 0
        self.members = Members()
        self._readers = Readers(file.path, readers)
        self._committed = ReadDb(self._readers)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="parlour-commit")
        self._group: list[tuple[SqliteUnit, asyncio.Future[None]]] = []
        self._observers: list[Callable[[Sequence[LoggedEvent]], None]] = []
        self._in_hand: set[tuple[str, str, str]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def unguarded(self) -> Sequence[str]:
        return ()

    async def open(self) -> None:
        """It is open since it was made."""

    def unit(self, actor: Actor = SYSTEM) -> SqliteUnit:
        return SqliteUnit(self, self._committed, actor.user_id)

    def snapshot(self, actor: Actor = SYSTEM, *, slow: bool = False) -> SqliteSnapshot:
        return SqliteSnapshot(self._readers, aside=slow)

    def rooms_in(self, work: Any) -> SqlRooms:
        now = self.means.clock.now
        return SqliteRooms(work, self.members, now) if isinstance(work, SqliteUnit) else SqlRooms(work, now)

    def messages_in(self, work: Any) -> SqlMessages:
        return SqlMessages(work, work)

    async def claim(self, key: Key) -> Kept | None:
        mine = (key.actor, key.use_case, key.key)
        if mine in self._in_hand:
            raise in_hand()
        self._in_hand.add(mine)
        try:
            async with self.snapshot() as db:
                kept = await db.row(SQL.kept, Kept, actor=key.actor, use_case=key.use_case, key=key.key)
        except BaseException:
            self.release(key)
            raise
        if kept is not None:
            self.release(key)
        return kept

    def release(self, key: Key) -> None:
        self._in_hand.discard((key.actor, key.use_case, key.key))

    def on_commit(self, observer: Callable[[Sequence[LoggedEvent]], None]) -> None:
        self._observers.append(observer)

    def begin(self) -> None:
        """Begin the group's transaction, unless it runs already. The caller has the turn."""
        if not self.writer.in_transaction:
            try:
                self.writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise unavailable(error) from error

    def join_group(self, unit: SqliteUnit) -> asyncio.Future[None]:
        """Take a unit that has ended into the group, and pass the turn on; the future is done when the group is on disk."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._group.append((unit, answer))
        self.pass_on()
        return answer

    def pass_on(self) -> None:
        """Give the turn to whoever waits, or commit the group first when nobody does, or when it is large."""
        if self._group and (len(self._group) >= GROUP or not self.turns.awaited):
            self._apart(self._commit_and_give())
        else:
            self.turns.give()

    def _apart(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of the store's own: whoever waits for it may go away."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _commit_and_give(self) -> None:
        """Commit, unless others came in the same turn of the loop: they join the group first."""
        try:
            if len(self._group) >= GROUP or not self.turns.awaited:
                await self._commit()
        finally:
            self.turns.give()

    async def _commit(self) -> None:
        """Make the group last and answer it. The caller has the turn."""
        group, self._group = self._group, []
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, self.writer.execute, "COMMIT")
        except sqlite3.Error as error:
            self._fail(group, error)
        except BaseException as error:
            self._refuse(group, error)
            raise
        else:
            self._tell([event for unit, _ in group for event in unit.logged])
            for _, answer in group:
                if not answer.done():
                    answer.set_result(None)

    def lost(self, error: sqlite3.Error) -> None:
        """The engine ended the transaction by itself: all that was in it is gone, for the whole group."""
        self.losses += 1
        group, self._group = self._group, []
        self._fail(group, error)

    def _fail(self, group: list[tuple[SqliteUnit, asyncio.Future[None]]], error: sqlite3.Error) -> None:
        log.error("the store could not commit %d units: %s", len(group), error)
        self._refuse(group, error)
        try:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
        except sqlite3.Error as failure:
            log.error("the store could not roll back: %s", failure)  # noqa: TRY400 - one line, as above

    def _refuse(self, group: list[tuple[SqliteUnit, asyncio.Future[None]]], error: BaseException) -> None:
        self.members.forget()
        for _, answer in group:
            if not answer.done():
                answer.set_exception(unavailable(error))

    def _tell(self, events: list[LoggedEvent]) -> None:
        for observer in self._observers if events else ():
            try:
                observer(events)
            except Exception:
                log.exception("an observer of commits failed")

    async def migrate(self, module: str, folder: Path) -> None:
        """Make a module's tables, also while units are at work."""
        steps = migrations_of(module, folder, "sqlite")
        now = self.means.clock.now().isoformat()
        await self.aside(lambda writer: migrate_sqlite(writer, steps, now))

    async def finish(self) -> None:
        """Make what was done so far last, for a host that is to say what follows. The caller has the turn; cancelled, it
        goes to the next one."""
        self.members.forget()
        if not (self._group or self.writer.in_transaction):
            return
        committing = self._apart(self._commit())
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            committing.add_done_callback(lambda _: self.pass_on())
            raise

    def within(self, connection: Any) -> NoReturn:
        raise TransactionUnfit("A SQLite store has one writer: use `chat.transaction()`, and its connection.")

    def transaction(self) -> AbstractAsyncContextManager[Hosted]:
        return transaction(self, self._committed)

    async def aside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something on the writer between two groups, outside every unit."""
        await self.turns.take()
        return await asyncio.shield(self._apart(self._alone(work)))

    async def _alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._group or self.writer.in_transaction:
                await self._commit()
            self.members.forget()
            return work(self.writer)
        finally:
            self.turns.give()

    async def close(self) -> None:
        """Wait for what is under way, then let go of the file."""
        await self.turns.take()
        if self._group:
            await self._commit()
        self.abandon()
        self.turns.close(Unavailable("The store is closed.", code="closed"))

    def abandon(self) -> None:
        """Let go of the file at once; what was not committed is gone."""
        self._pool.shutdown()
        self._readers.close()
        self.writer.close()
        self.file.release()
