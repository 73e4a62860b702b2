"""Transactions on PostgreSQL: units of work and snapshots. Each begins with its first query, on a connection of its own."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Kept, Key, LoggedEvent, Place, Recorded
from ...domain.kernel.errors import DomainError, Raced
from ...domain.kernel.event import Event
from ...domain.kernel.ids import EventId, RoomId, UserId
from ...domain.kernel.streams import Stream
from .db import Db, Fetched
from .loader import Query, load
from .messages import SqlMessages
from .postgres_batch import Batch, Sending
from .postgres_link import Connection, Link
from .postgres_telling import Telling, Turn
from .recorder import SQL as KERNEL
from .recorder import Means, React, Recorder, in_hand
from .sqlite_unit import State
from .standings import Relied, Standings

SQL = load("postgres")


class Owner(Protocol):
    """The store, as its transactions see it."""

    means: Means
    link: Link
    epoch: str
    react: React

    def beginning(self, actor: Actor, *, reading: bool) -> tuple[str, Mapping[str, Any]]: ...

    telling: Telling
    batch: Batch
    standings: Standings

    async def apart(self, work: Coroutine[Any, Any, None]) -> None: ...

    @property
    def walled(self) -> bool: ...

    @property
    def noticed(self) -> frozenset[str]: ...


class Transaction(Db):
    """One transaction: begun by its first query, ended by `end`."""

    def __init__(self, store: Owner, actor: Actor, *, reading: bool) -> None:
        self._store, self._actor, self._reading = store, actor, reading
        self._connection: Connection | None = None
        self._widened: set[UUID] = set()

    @property
    def begun(self) -> bool:
        return self._connection is not None

    async def begin(self) -> Connection:
        """The connection, in the transaction."""
        if self._connection is None:
            link = self._store.link
            connection = await link.take()
            try:
                await link.say(connection, *self._store.beginning(self._actor, reading=self._reading))
            except BaseException:
                await link.give(connection)
                raise
            self._connection = connection
        return self._connection

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        return await self._store.link.run(await self.begin(), query, given)

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._store.link.run_many(await self.begin(), query, rows)

    async def widen(self, *owners: UUID) -> None:
        new = [owner for owner in owners if owner not in self._widened] if self._store.walled else []
        if new and not self._actor.system:
            await self.run(SQL.widen, owners=",".join(map(str, new)))
            self._widened.update(new)

    async def alone(self, what: str) -> None:
        await self.run(SQL.alone, what=what)

    async def end(self, query: Query) -> None:
        """Commit or roll back, and give the connection back, whatever happens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await self._store.link.say(connection, query.postgres)
            finally:
                await self._store.link.give(connection)


class PostgresSnapshot(Transaction):
    """`Snapshot`: all its reads see the store as of the first."""

    def __init__(self, store: Owner, actor: Actor) -> None:
        super().__init__(store, actor, reading=True)
        self._over = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        try:
            await self.end(SQL.commit)
        except DomainError:
            if error is None:
                raise

    async def begin(self) -> Connection:
        if self._over:
            raise RuntimeError("the snapshot is over")
        return await super().begin()


class PostgresUnit(Db):
    """`Work`, and the `Db` its repositories read and write through. Before it is opened they read what is committed."""

    def __init__(self, store: Owner, actor: Actor, parent: "PostgresUnit | None" = None) -> None:
        self._store, self._actor, self._parent = store, actor, parent
        self._state = State.NEW
        self._depth: int = parent._depth + 1 if parent is not None else 0
        self._transaction: Transaction = (
            parent._transaction if parent is not None else Transaction(store, actor, reading=False)
        )
        self._recorder = Recorder(self, store.means, store.epoch, actor.user_id)
        self._key: Key | None = None
        self._sending: Sending | None = None
        self.relied: dict[tuple[RoomId, UserId], Relied] = {}
        self._turn: Turn | None = None
        self.logged: list[LoggedEvent] = []

    @property
    def entered(self) -> bool:
        return self._state is not State.NEW

    async def __aenter__(self) -> Self:
        if self._state is not State.NEW:
            raise RuntimeError("a unit of work is opened once")
        if self._parent is not None:
            await self._savepoint("savepoint")
        self._state = State.OPEN
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state is not State.OPEN:
            return
        if error is not None:
            await self.rollback()
            return
        if self._sending is not None:
            self._state = State.OVER
            await self._store.batch.send(self._sending)
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
        """Tell the other instances what they must learn of, last of all: units that do so wait for each other."""
        events = [e for e in self.logged if e.tag in self._store.noticed]
        if events:
            await self.run(
                SQL.notice,
                count=len(events),
                owner_ids=[e.stream.owner for e in events],
                topics=[str(e.stream.topic) for e in events],
                stream_offsets=[e.offset for e in events],
            )

    async def rollback(self) -> None:
        if self._state not in {State.OPEN, State.ENDED} or (self._parent is not None and self._state is State.ENDED):
            return
        self._state = State.OVER
        if self._parent is not None:
            await self._savepoint("rollback to savepoint")
            return
        self._give_up_turn()
        try:
            await self._transaction.end(SQL.rollback)
        except DomainError:
            pass  # it is undone all the same: the connection is gone

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
        recorded = self._recorder.add(stream, event)
        await self._store.react(event, stream, self)
        return recorded

    async def place(
        self, stream: Stream, write: Callable[[Place], Awaitable[Event]], *, numbered: bool = False
    ) -> Recorded:
        await self._send_alone()
        return self._recorder.place(stream, write, numbered=numbered)

    async def rewrite(self, stream: Stream, offset: int, change: Callable[[Any], Event]) -> None:
        await self._recorder.rewrite(stream, offset, change)

    async def cut(self, stream: Stream, floor: int, most: int) -> int:
        return await self._recorder.cut(stream, floor, most)

    async def first_time(self, consumer: str, event_id: EventId) -> bool:
        return await self._recorder.first_time(consumer, event_id)

    async def schedule(self, key: str, due_at: datetime, name: str, data: dict[str, Any]) -> None:
        await self._recorder.schedule(key, due_at, name, data)

    async def hold(self, key: Key) -> None:
        self._key = key

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        if self._parent is not None:  # a unit inside a unit has ended by now: the one it joined keeps its key
            await self._parent.remember(key, answer, created)
        else:
            await self._recorder.remember(key, answer, created)

    def rely(self, stream: Stream, version: int) -> None:
        if self._state is State.OPEN:
            self._recorder.rely(stream, version)

    async def widen(self, *owners: UUID) -> None:
        if self._state is not State.NEW:
            await self._transaction.widen(*owners)

    async def alone(self, what: str) -> None:
        await self._transaction.alone(what)

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
            await self._take(key)

    async def _send_alone(self) -> None:
        """This unit does more than to send: then it does that itself."""
        sending, self._sending = self._sending, None
        if sending is not None:
            self._recorder.rely(sending.stream, sending.relied.room)
            self._recorder.rely(Stream.of_workspace(sending.draft.room.workspace_id), sending.relied.workspace)
            sending.again = await SqlMessages(self, self).append(sending.draft)

    async def _take(self, key: Key) -> None:
        """Keep other instances off a key, and see that none has used it since it was looked up."""
        named = {"actor": key.actor, "use_case": key.use_case, "key": key.key}
        if not await self._transaction.value(SQL.hold_key, what="\n".join(named.values())):
            raise in_hand()
        if await self._transaction.row(KERNEL.kept, Kept, **named) is not None:
            raise Raced("Another instance was faster.")
