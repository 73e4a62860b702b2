"""A unit of work on SQLite: a savepoint in the group's transaction."""

import asyncio
import sqlite3
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from ...application.kernel.uow import Key, LoggedEvent, Recorded
from ...domain.kernel.errors import Raced
from ...domain.kernel.event import Event
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from .db import Fetched
from .loader import Query
from .sqlite_reads import ReadDb, run, unavailable
from .turns import Turns
from .unit import Keeper, RecordingUnit, State


class Forgetful(Protocol):
    """What is remembered while nobody's rights change."""

    def forget(self) -> None: ...


class Owner(Keeper, Protocol):
    """The store, as its units see it: who has the turn, and who commits."""

    writer: sqlite3.Connection
    turns: Turns
    losses: int

    @property
    def members(self) -> Forgetful: ...

    def begin(self) -> None: ...

    def join_group(self, unit: "SqliteUnit") -> "asyncio.Future[None]": ...

    def pass_on(self) -> None: ...

    def lost(self, error: sqlite3.Error) -> None: ...


class SqliteUnit(RecordingUnit):
    """`Work`, and the `Db` its repositories read and write through. Before it is opened they read what is committed."""

    def __init__(
        self, store: Owner, before: ReadDb, actor_id: UserId | None, parent: "SqliteUnit | None" = None
    ) -> None:
        super().__init__(store, actor_id)
        self._store, self._before, self._actor_id, self._parent = store, before, actor_id, parent
        self._depth: int = parent._depth + 1 if parent is not None else 0
        self._losses: int = parent._losses if parent is not None else 0
        self.logged: list[LoggedEvent] = []

    async def __aenter__(self) -> Self:
        self._enter()
        if self._parent is None:
            await self.take_turn()
            self._losses = self._store.losses
            try:
                self._store.begin()
            except BaseException:
                self._store.pass_on()
                raise
        self._savepoint("SAVEPOINT")
        self._state = State.OPEN
        return self

    async def take_turn(self) -> None:
        await self._store.turns.take()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state is not State.OPEN:
            return
        if error is not None:
            await self.rollback()
            return
        try:
            self.logged += await self._recorder.settle()
        except BaseException:
            await self.rollback()
            raise
        self._state = State.ENDED
        if self._parent is not None:
            self._savepoint("RELEASE")
            self._parent.logged += self.logged

    async def commit(self) -> None:
        if self._state is not State.ENDED or self._parent is not None:
            return
        self._state = State.OVER
        try:
            self._savepoint("RELEASE")
        except BaseException:
            self._store.pass_on()
            raise
        await self._store.join_group(self)

    async def rollback(self) -> None:
        if self._state not in {State.OPEN, State.ENDED} or (self._parent is not None and self._state is State.ENDED):
            return
        self._state = State.OVER
        try:
            if self._losses == self._store.losses:
                self._savepoint("ROLLBACK TO")
                self._savepoint("RELEASE")
        finally:
            if self._parent is None:
                self._store.pass_on()

    def nested(self) -> "SqliteUnit":
        return SqliteUnit(self._store, self._before, self._actor_id, parent=self)

    def _savepoint(self, verb: str, name: str = "") -> None:
        self._check_not_lost()
        try:
            self._store.writer.execute(f"{verb} {name or f'u{self._depth}'}")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    @property
    def untouched(self) -> bool:
        """Whether it has the turn, and has done nothing with it."""
        return self._parent is None and self._state is State.OPEN and not self._recorder.waiting

    async def record(self, stream: Stream, event: Event) -> Recorded:
        if event.rights:
            self._store.members.forget()
        return await super().record(stream, event)

    async def hold(self, key: Key) -> None:
        """Who claimed a key has it: there is one process on a file."""

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        if self._parent is not None:  # a unit inside a unit has ended by now: the one it joined keeps its key
            await self._parent.remember(key, answer, created)
        else:
            await super().remember(key, answer, created)

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        if self._state is State.NEW and self._parent is None:
            return await self._before.fetch(query, given)
        if self._state is State.OVER or (self._state is State.ENDED and self._parent is not None):
            raise RuntimeError(f"the unit of work has ended; {query.name} came too late")
        self._check_not_lost()
        try:
            return run(self._store.writer, query, given)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _check_not_lost(self) -> None:
        """Nothing more is written once the engine has ended the transaction: it would stand alone."""
        if self._losses != self._store.losses:
            raise unavailable(sqlite3.OperationalError("the transaction was lost"))

    def _trouble(self, error: sqlite3.Error) -> Exception:
        """The domain's error for the engine's; when the engine has ended the transaction, all of the group is told."""
        if not self._store.writer.in_transaction:
            self._store.lost(error)
            return unavailable(error)
        if isinstance(error, sqlite3.IntegrityError):
            return Raced("Somebody else was faster.")
        if isinstance(error, sqlite3.ProgrammingError):
            return error
        return unavailable(error)
