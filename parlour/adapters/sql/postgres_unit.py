"""A unit of work on PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Key, LoggedEvent, Place, Recorded
from ...domain.kernel.errors import DomainError
from ...domain.kernel.event import Event
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.streams import Stream
from .blocks import check_unblocked
from .db import Fetched
from .loader import Query
from .messages import SqlMessages
from .postgres_batch import Batch
from .postgres_group import Sending
from .postgres_notes import note, take
from .postgres_telling import Telling, Turn
from .postgres_transaction import SQL, PostgresSnapshot, Store, Transaction
from .standings import Known, Standings
from .unit import Keeper, RecordingUnit, State


class Owner(Store, Keeper, Protocol):
    """The store, as its units see it."""

    telling: Telling
    batch: Batch
    standings: Standings

    async def apart(self, work: Coroutine[Any, Any, None]) -> None: ...

    @property
    def noticed(self) -> frozenset[str]: ...


class PostgresUnit(RecordingUnit):
    """`Work`, and the `Db` its repositories read and write through. Before it is opened they read what is committed."""

    def __init__(self, store: Owner, actor: Actor, parent: "PostgresUnit | None" = None) -> None:
        super().__init__(store, actor.user_id)
        self._store, self._actor, self._parent = store, actor, parent
        self._depth: int = parent._depth + 1 if parent is not None else 0
        self._transaction: Transaction = (
            parent._transaction if parent is not None else Transaction(store, actor, reading=False)
        )
        self._key: Key | None = None
        self._sending: Sending | None = None
        self.known: dict[tuple[RoomId, UserId], Known] = {}
        self._line: asyncio.Lock | None = None
        self._turn: Turn | None = None
        self.logged: list[LoggedEvent] = []

    async def __aenter__(self) -> Self:
        self._enter()
        if self._parent is not None:
            await self._savepoint("savepoint")
        self._state = State.OPEN
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._end(error)
        finally:
            self._leave_line()

    async def _end(self, error: BaseException | None) -> None:
        if self._state is not State.OPEN:
            return
        if error is not None:
            await self.rollback()
            return
        if self._sending is not None:
            self._state = State.OVER
            self._store.batch.send(self._sending)
            self._leave_line()
            await self._sending.answer
            return
        try:
            self.logged += await self._recorder.settle()
            self._state = State.ENDED
            if self._parent is not None:
                await self._savepoint("release savepoint")
                self._parent.logged += self.logged
            else:
                self._turn = self._store.telling.line_up(self.logged)
        except BaseException:
            for room_id, user_id in self.known:  # perhaps they are why
                self.standings.forget(room_id, user_id)
            await self.rollback()
            raise

    async def commit(self) -> None:
        if self._state is not State.ENDED or self._parent is not None:
            return
        try:
            await self._note()
        except BaseException:
            await self.rollback()
            raise
        self._state = State.OVER
        await self._store.apart(self._commit())

    async def _commit(self) -> None:
        try:
            await self._transaction.end(SQL.commit)
        except BaseException:
            self._give_up_turn()
            raise
        if self._turn is not None:
            await self._store.telling.tell(self._turn)

    async def _note(self) -> None:
        await note(self, [e for e in self.logged if e.tag in self._store.noticed])

    async def rollback(self) -> None:
        if self._state not in {State.OPEN, State.ENDED} or (self._parent is not None and self._state is State.ENDED):
            return
        self._state = State.OVER
        self._give_up_turn()
        with suppress(DomainError):  # it is undone all the same: the connection is gone
            if self._parent is not None:
                await self._savepoint("rollback to savepoint")
            else:
                await self._transaction.end(SQL.rollback)

    def _give_up_turn(self) -> None:
        if self._turn is not None:
            self._store.telling.drop(self._turn)

    @property
    def untouched(self) -> bool:
        """Whether nothing was asked of the database in it yet."""
        return self._state is State.OPEN and self._parent is None and self._key is None and not self._transaction.begun

    @property
    def standings(self) -> Standings:
        return self._store.standings

    @property
    def noticed(self) -> frozenset[str]:
        """The events that other instances must learn of: one at a time, so that the batch need not."""
        return self._store.noticed

    async def wait_in_line(self, line: asyncio.Lock) -> None:
        """Go on in the order of asking, until what this unit sends is lined up: what somebody sends to a room keeps its
        order, though one message has to be looked at for longer than the next."""
        if self._line is None:
            await line.acquire()
            self._line = line

    async def after_those_before(self, stream: Stream, author_id: UserId) -> None:
        """What somebody sent to a room in groups is written first."""
        await self._store.batch.settled(stream.topic.text, author_id)

    def _leave_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.release()

    def beside(self) -> PostgresSnapshot:
        """Reads of what is committed, beside this unit."""
        return PostgresSnapshot(self._store, self._actor)

    def send(self, sending: Sending) -> None:
        """Let a message be all that this unit does: it is written with those of others, when the unit ends."""
        self._sending = sending

    def nested(self) -> "PostgresUnit":
        return PostgresUnit(self._store, self._actor, parent=self)

    async def _savepoint(self, verb: str) -> None:
        await self._store.link.say(await self._transaction.begin(), f"{verb} u{self._depth}")

    async def record(self, stream: Stream, event: Event) -> Recorded:
        await self._send_alone()
        return await super().record(stream, event)

    async def place(
        self, stream: Stream, write: Callable[[Place], Awaitable[Event]], *, numbered: bool = False
    ) -> Recorded:
        await self._send_alone()
        return await super().place(stream, write, numbered=numbered)

    async def hold(self, key: Key) -> None:
        self._key = key

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        if self._parent is not None:  # a unit inside a unit has ended by now: the one it joined keeps its key
            await self._parent.remember(key, answer, created)
        else:
            await super().remember(key, answer, created)

    async def widen(self, *owners: UUID) -> None:
        if self._state is not State.NEW:
            await self._begin(SQL.widen)
            await self._transaction.widen(*owners)

    async def alone(self, what: str) -> None:
        await self._begin(SQL.alone)
        await self._transaction.alone(what)

    async def among(self, what: str) -> None:
        if self._state is not State.NEW:
            await self._begin(SQL.among)
            await self._transaction.among(what)

    async def later(self, query: Query, **given: Any) -> None:
        await self._begin(query)
        await self._transaction.later(query, **given)

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._begin(query)
        await self._transaction.many(query, rows)

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        if self._state is State.NEW and self._parent is None:
            async with self.beside() as before:
                return await before.fetch(query, given)
        await self._begin(query)
        return await self._transaction.fetch(query, given)

    async def _begin(self, query: Query) -> None:
        if self._state is State.OVER or (self._state is State.ENDED and self._parent is not None):
            raise RuntimeError(f"the unit of work has ended; {query.name} came too late")
        await self._send_alone()
        key, self._key = self._key, None
        if key is not None:
            await take(self._transaction, key)

    async def _send_alone(self) -> None:
        """This unit does more than to send: then it does that itself."""
        sending, self._sending = self._sending, None
        if sending is not None:
            known = sending.known
            self._recorder.rely(known.stream, known.relied.room)
            self._recorder.rely(Stream.of_workspace(sending.draft.room.workspace_id), known.relied.workspace)
            await check_unblocked(self, sending.draft.room)
            sending.again = await SqlMessages(self, self).append(sending.draft)
