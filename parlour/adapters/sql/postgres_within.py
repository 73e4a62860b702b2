"""Use cases in a transaction that a host has begun on a connection of its own to the same PostgreSQL database.

Everything that is set for them (whose rows are seen, the role, the time zone, where tables are looked for) is set back
after each. What was recorded is noted in a setting of the transaction: it goes with what the host undoes, savepoints too.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus

from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.uow import Key, LoggedEvent, TransactionUnfit
from ...domain.kernel.errors import DomainError
from .db import Fetched
from .ground import Ground, undone
from .ground import Owner as GroundOwner
from .hosted import HostTransaction
from .loader import Query, load
from .migrations import MigrationError
from .postgres_link import Link
from .postgres_notes import SQL, note, take
from .postgres_roles import SQL as ROLES
from .postgres_roles import Walls, as_seen_by, walls_from
from .postgres_wire import Wire, wire_of
from .recorder import SQL as KERNEL

OWN = load("postgres_within")

ENDED = "it has ended, or another has begun since; what was recorded in it and had no offset yet is lost"


class Owner(GroundOwner, Protocol):
    """The store, as a transaction of a host's sees it."""

    link: Link

    @property
    def noticed(self) -> frozenset[str]: ...


class PostgresGround(Ground):
    """A transaction on a connection of the host's."""

    def __init__(self, store: Owner, wire: Wire, path: str) -> None:
        self.store: Owner = store
        self._wire, self._path = wire, path
        self._walls = Walls.NONE
        self._actor = SYSTEM
        self._before: Mapping[str, Any] = {}
        self._open = False
        self._owners: set[str] = set()
        self._system = False
        self._widened: set[UUID] = set()

    @property
    def connection(self) -> Any:
        return self._wire.connection

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        return await self._wire.run(query, given)

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._wire.run_many(query, rows)

    async def widen(self, *owners: UUID) -> None:
        new = [owner for owner in owners if owner not in self._widened]
        if new and self._walls is not Walls.NONE and not self._actor.system:
            await self.run(SQL.widen, owners=",".join(map(str, new)))
            self._widened.update(new)

    async def alone(self, what: str) -> None:
        await self.run(SQL.alone, what=what)

    async def among(self, what: str) -> None:
        await self.run(SQL.among, what=what)

    async def hold(self, key: Key) -> None:
        await take(self, key)

    async def open(self) -> None:
        """See that use cases can run here, and begin the block. `TransactionUnfit` when they cannot."""
        self._check_open()
        self._before = await self._as_it_was()
        await self._wire.say(OWN.open.postgres)
        try:
            await self._check_house()
        except BaseException:
            await self._wire.say(OWN.undo_all.postgres)
            raise
        await self._wire.say(OWN.set_back.postgres, self._before)

    def _check_open(self) -> None:
        status = self._wire.status
        if status is TransactionStatus.INERROR:
            raise TransactionUnfit("The transaction of this connection has failed: roll it back first.")
        if status is TransactionStatus.IDLE and self.connection.autocommit:
            raise TransactionUnfit(
                "This connection is in no transaction: use `connection.transaction()`, or no autocommit."
            )
        if status not in {TransactionStatus.IDLE, TransactionStatus.INTRANS}:
            raise TransactionUnfit("This connection is closed or in use.")

    async def _check_house(self) -> None:
        await self.run(OWN.look_in, path=self._path)
        if not await self.value(OWN.known):
            raise TransactionUnfit(
                "This connection is to another database than this parlour's: no tables of it are seen."
            )
        try:
            epoch = await self.value(KERNEL.epoch)
            self._walls = walls_from((await self.joins(ROLES.who))[0])
        except psycopg.errors.InsufficientPrivilege as error:
            who = self.connection.info.user
            raise TransactionUnfit(
                f"The role {who} may not use parlour's tables ({error.diag.message_primary}): grant parlour_app to {who}."
            ) from error
        except MigrationError as error:
            raise TransactionUnfit(str(error)) from error
        if epoch != self.store.epoch:
            raise TransactionUnfit("This connection is to another database than this parlour's.")

    async def _as_it_was(self) -> Mapping[str, Any]:
        found = await self.joined(OWN.as_it_is)
        assert found is not None, "settings always have a value"
        return found

    async def goes_on(self) -> bool:
        if self._wire.status is not TransactionStatus.INTRANS:
            return False
        now = await self._as_it_was()
        same: bool = now["began"] == self._before["began"]
        if same and not self._open:
            self._before = now
        return same

    async def enter(self, actor: Actor | None) -> None:
        if self._wire.status is TransactionStatus.INERROR:
            raise TransactionUnfit("The transaction of this connection has failed: roll it back first.")
        if not await self.goes_on():
            raise TransactionUnfit(f"Nothing more can be done in this transaction: {ENDED}.")
        self._actor, self._widened = actor or (SYSTEM if self._system else Actor()), set()
        seen, given = as_seen_by(self._actor, self._walls)
        if actor is None and not self._system:
            seen, given = [OWN.as_all.postgres], {"owners": ",".join(sorted(self._owners))}
        self._open = True
        try:
            await self._wire.say("; ".join([OWN.begin.postgres, *seen]), {**given, "path": self._path})
        except BaseException:
            await undone(self)
            raise

    async def keep(self, number: int) -> None:
        owners = await self.value(OWN.mark, number=str(number))
        self._owners.update(filter(None, (owners or "").split(",")))
        self._system = self._system or self._actor.system
        await self._wire.say(OWN.keep.postgres, self._before)
        self._open = False

    async def undo(self) -> None:
        if self._wire.status is not TransactionStatus.INTRANS or await self.value(OWN.is_open):
            with suppress(psycopg.errors.InvalidSavepointSpecification):
                await self._wire.say(OWN.undo.postgres)
        self._open = False

    async def standing(self, numbers: Collection[int]) -> Collection[int]:
        marked = set((await self.value(OWN.marked)).split(","))
        return [n for n in numbers if str(n) in marked]

    async def settled(self, logged: Sequence[LoggedEvent]) -> None:
        await note(self, [e for e in logged if e.tag in self.store.noticed])

    async def close(self, *, undo: bool) -> None:
        """End the block, where its transaction still goes on."""
        failed = self._wire.status is TransactionStatus.INERROR
        if (undo and failed) or await self.goes_on():
            await self._wire.say((OWN.undo_all if undo else OWN.keep_all).postgres)


class Hosts:
    """The transactions of hosts that a store takes part in."""

    def __init__(self, store: Owner) -> None:
        self._store = store
        self._path = ""

    @asynccontextmanager
    async def within(self, connection: Any) -> AsyncIterator[HostTransaction]:
        with closing(wire_of(connection)) as wire:
            async with self._block(PostgresGround(self._store, wire, await self._found_at())) as host:
                yield host

    @asynccontextmanager
    async def _block(self, ground: PostgresGround) -> AsyncIterator[HostTransaction]:
        await ground.open()
        host = HostTransaction(ground)
        try:
            yield host
            await host.flush()
            await ground.close(undo=False)
        except BaseException:
            with suppress(DomainError, psycopg.Error):  # the error that led here is the one to be told of
                await ground.close(undo=True)
            raise
        finally:
            host.end("its block is over")

    async def _found_at(self) -> str:
        """Where parlour's tables are, whatever the host's connection looks at."""
        if not self._path:
            link = self._store.link
            connection = await link.take()
            try:
                self._path = (await link.run(connection, OWN.path, {})).rows[0][0]
            finally:
                await link.give(connection)
        return self._path
