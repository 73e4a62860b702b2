"""Opening a store on PostgreSQL: reaching the server, seeing that the database will do, migrating it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from .migrations import CORE, Migration, migrations_of
from .postgres_away import unreachable
from .postgres_grants import make_roles
from .postgres_link import Connection, Reach
from .postgres_migrations import migrate_postgres
from .postgres_roles import SQL
from .recorder import SQL as KERNEL
from .recorder import Means
from .unfit import DatabaseUnfit, DatabaseUnreachable

log = logging.getLogger("parlour.store")

AGAIN = 0.5
REFUSED = (
    "authentication failed", "does not exist", "no pg_hba.conf entry", "SSL", "invalid", "unrecognized", "permission denied",
    "not permitted to log in", "no password supplied",
)  # fmt: skip
"""In the words of what waiting does not help."""


class PostgresDatabase:
    """A PostgreSQL database as a store is opened on it. `wait`: seconds that a server which does not answer is waited for."""

    def __init__(self, reach: Reach, means: Means, wait: float = 30.0, core: Path = CORE) -> None:
        self.reach, self.means, self._wait, self._core = reach, means, wait, core

    async def connect(self, *, direct: bool = True) -> Connection:
        """A connection, with a session of its own past any pooler unless `direct` is off; psycopg's errors as they are."""
        url = self._url(direct=direct)
        return await Connection.connect(url, **self.reach.options(direct=direct))

    def _url(self, *, direct: bool) -> str:
        return (self.reach.direct_url if direct else "") or self.reach.url

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Connection]:
        """A connection with a session of its own, past any pooler."""
        connection = await self._reached(direct=True)
        try:
            yield connection
        finally:
            await connection.close()

    async def _reached(self, *, direct: bool) -> Connection:
        url = self._url(direct=direct)
        ends = asyncio.get_running_loop().time() + self._wait
        told = False
        while True:
            try:
                return await self.connect(direct=direct)
            except psycopg.Error as error:
                if not _may_pass(error) or asyncio.get_running_loop().time() >= ends:
                    raise DatabaseUnreachable(unreachable(url, error)) from None
                if not told:
                    log.warning("%s; trying again for %.0f s", unreachable(url, error), self._wait)
                    told = True
            await asyncio.sleep(AGAIN)

    async def prepare(self) -> None:
        """Migrate the core and give the store its epoch, where that was not done. A pooler is seen to answer too."""
        if self.reach.direct_url:
            await (await self._reached(direct=False)).close()
        async with self.direct() as connection:
            await _check_fit(connection)
            await migrate_postgres(
                connection, migrations_of("core", self._core / "core", "postgres"), self.means.clock.now()
            )
            epoch = await connection.execute(KERNEL.epoch.postgres)
            if await epoch.fetchone() is None:  # whoever does not own the tables may only read it
                await connection.execute(KERNEL.set_epoch.postgres, {"epoch": self.means.ids.new().hex})

    async def make_roles(self) -> None:
        """Make the roles behind the second wall. `MigrationError` when this role may not."""
        async with self.direct() as connection:
            await make_roles(connection)

    async def migrate(self, steps: Sequence[Migration]) -> None:
        """Make a module's tables, also while units are at work."""
        async with self.direct() as connection:
            await migrate_postgres(connection, steps, self.means.clock.now())


async def _check_fit(connection: Connection) -> None:
    cursor = await connection.execute(SQL.database.postgres)
    row = await cursor.fetchone()
    assert row is not None, "the database we are in is there"
    name, encoding, known, may_read, may_create, role, taken = row
    if encoding != "UTF8":
        raise DatabaseUnfit(
            f"the database {name} is in {encoding}; parlour needs UTF8: create database … encoding 'UTF8'"
        )
    if not known and taken:
        raise DatabaseUnfit(
            f"the database {name} is somebody else's: it has tables called {taken}. Give parlour its own."
        )
    if known and not may_read:
        raise DatabaseUnfit(
            f"the role {role} has no rights in the database {name}: run `parlour migrate --roles` as the owner of its "
            f"tables, then: grant parlour_app to {role}"
        )
    if not known and not may_create:
        raise DatabaseUnfit(
            f"the role {role} may not create tables in the database {name}: grant create on schema public to {role}"
        )


def _may_pass(error: psycopg.Error) -> bool:
    """Whether waiting may help: the server is not there yet, or is starting or full; not a wrong password or name."""
    text = str(error)  # libpq gives no code for a connection that failed
    return not any(known in text for known in REFUSED)
