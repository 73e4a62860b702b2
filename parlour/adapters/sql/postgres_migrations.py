"""Running migrations on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from .migrations import SQL, Migration, MigrationError, check_applied
from .postgres_grants import renew_grants
from .postgres_link import Connection
from .postgres_transaction import SQL as OWN


async def migrate_postgres(connection: Connection, steps: Sequence[Migration], now: datetime) -> list[Migration]:
    """Run the steps of one module that were not run yet; those that were. Two that start at once take turns."""
    done = []
    await connection.execute(OWN.migrating.postgres)
    try:
        applied = await _applied(connection, steps)
        check_applied(steps[0].module if steps else "", steps, applied)
        for step in steps:
            if step.number not in applied:
                await _run(connection, step, now)
                done.append(step)
    finally:
        if not connection.broken:
            await connection.execute(OWN.migrated.postgres)
    return done


async def _applied(connection: Connection, steps: Sequence[Migration]) -> dict[int, tuple[str, str]]:
    known = await (await connection.execute(OWN.migrations_known.postgres)).fetchone()
    if not steps or known is None or not known[0]:
        return {}
    rows = await connection.execute(SQL.applied.postgres, {"module": steps[0].module})
    return {number: (name, digest) for number, name, digest in await rows.fetchall()}


async def _run(connection: Connection, step: Migration, now: datetime) -> None:
    row = {"module": step.module, "number": step.number, "name": step.name, "hash": step.hash, "now": now}
    try:
        async with connection.transaction():
            await connection.execute("set local statement_timeout = 0")
            await connection.execute(SQL.make_table.postgres)
            await connection.execute(step.text)
            await connection.execute(SQL.add.postgres, row)
            await renew_grants(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        who = connection.info.user
        raise MigrationError(
            f"the role {who} may not run migration {step.number:03} ({step.name}) of {step.module}: {error.diag.message_primary}. "
            "Run `parlour migrate` as the owner of the tables."
        ) from error
