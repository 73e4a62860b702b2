"""Transactions on PostgreSQL: each begins with its first query, on a connection of its own. Snapshots are such."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from ...application.kernel.actor import Actor
from .db import Asked, Db, Fetched
from .loader import Query, load
from .postgres_link import Connection, Link, Statements

SQL = load("postgres")


class Store(Protocol):
    """The store, as its transactions see it."""

    link: Link

    def beginning(self, actor: Actor, *, reading: bool) -> Statements:
        """What a transaction begins with that sees what an actor may."""

    @property
    def walled(self) -> bool: ...


class Transaction(Db):
    """One transaction: begun by its first query, ended by `end`."""

    def __init__(self, store: Store, actor: Actor, *, reading: bool) -> None:
        self._store, self._actor, self._reading = store, actor, reading
        self._connection: Connection | None = None
        self._widened: set[UUID] = set()
        self._later: list[Asked] = []

    @property
    def begun(self) -> bool:
        return self._connection is not None

    async def begin(self) -> Connection:
        """The connection, in the transaction, with nothing left to be run."""
        if self._connection is not None and self._later:
            await self._store.link.run_each(self._connection, self._taken())
        if self._connection is None:
            before = self._beginning()
            self._connection = await self._store.link.take()
            await self._store.link.say(self._connection, "; ".join(before.texts), before.given)
        return self._connection

    def _beginning(self) -> Statements:
        return self._store.beginning(self._actor, reading=self._reading)

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        link = self._store.link
        if self._connection is not None and self._later:
            return (await link.run_each(self._connection, [*self._taken(), (query, given)]))[-1]
        if self._connection is not None:
            return await link.run(self._connection, query, given)
        before = self._beginning()
        self._connection = await link.take()
        return await link.run_after(self._connection, before, query, given)

    async def each(self, *asked: Asked) -> list[Fetched]:
        if len(asked) == 1 or self._connection is None:
            return await super().each(*asked)
        return (await self._store.link.run_each(self._connection, [*self._taken(), *asked]))[-len(asked) :]

    async def later(self, query: Query, **given: Any) -> None:
        if self._connection is None:
            await self.begin()
        self._later.append((query, given))

    def _taken(self) -> list[Asked]:
        later, self._later = self._later, []
        return later

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._store.link.run_many(await self.begin(), query, rows)

    async def widen(self, *owners: UUID) -> None:
        new = [owner for owner in owners if owner not in self._widened] if self._store.walled else []
        if new and not self._actor.system:
            await self.run(SQL.widen, owners=",".join(map(str, new)))
            self._widened.update(new)

    async def alone(self, what: str) -> None:
        await self.run(SQL.alone, what=what)

    async def among(self, what: str) -> None:
        await self.run(SQL.among, what=what)

    async def end(self, query: Query) -> None:
        """Commit or roll back, and give the connection back, whatever happens."""
        connection, self._connection = self._connection, None
        later = self._taken()
        if connection is not None:
            try:
                if later and query is SQL.commit:
                    await self._store.link.run_each(connection, [*later, (query, {})])
                else:
                    await self._store.link.say(connection, query.postgres)
            finally:
                await self._store.link.give(connection)


class PostgresSnapshot(Transaction):
    """`Snapshot`: all its reads see the store as of the first."""

    def __init__(self, store: Store, actor: Actor) -> None:
        super().__init__(store, actor, reading=True)
        self._over = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        connection, self._connection = self._connection, None
        if connection is not None:
            self._store.link.let_go(connection)

    async def among(self, what: str) -> None:
        """What is read here is of one moment, and nothing is decided by it that has to last."""

    def _beginning(self) -> Statements:
        if self._over:
            raise RuntimeError("the snapshot is over")
        return super()._beginning()
