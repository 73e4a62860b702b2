"""Running migrations on PostgreSQL, while others are at work.

A migration is one transaction. A change of a table waits for those that are at it, and everybody behind it waits too:
therefore it gives up after half a second, and is tried again.

A file that begins with the line `-- online` is run statement by statement, each by itself; a statement ends with the line
that ends in `;`. One under the line `-- in batches` is repeated until it changes no row. When one fails, or its server is
killed, the migration does not count, and the next run begins it anew: so each statement must be one that can run twice.
An index that was left half built is dropped first.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import psycopg
from attrs import frozen

from .migrations import ONLINE, SQL, Migration, MigrationError, check_applied
from .postgres_grants import renew_grants
from .postgres_link import Connection
from .postgres_transaction import SQL as OWN

log = logging.getLogger("parlour.store")

TRIES = 30
PAUSE = 0.3
TURN = 0.1
IN_BATCHES = "-- in batches"
_INDEX = re.compile(
    r"create\s+(?:unique\s+)?index\s+(concurrently\s+if\s+not\s+exists\s+(?P<name>[\w.]+))?", re.IGNORECASE
)


@frozen
class Statement:
    """One statement of an online migration. `index`: the one it builds."""

    text: str
    in_batches: bool
    index: str | None


def statements_of(step: Migration) -> list[Statement]:
    """The statements of an online migration. `MigrationError` for an index that would stand in others' way."""
    found, lines, in_batches = list[Statement](), list[str](), False
    for line in [*step.text.splitlines(), ";"]:
        if line.strip() == IN_BATCHES:
            in_batches = True
        elif line.strip() and not line.lstrip().startswith("--"):
            lines.append(line)
        if line.rstrip().endswith(";") and not line.lstrip().startswith("--"):
            text = "\n".join(lines).strip().removesuffix(";").strip()
            if text:
                found.append(Statement(text, in_batches, _index(step, text)))
            lines, in_batches = [], False
    return found


def _index(step: Migration, text: str) -> str | None:
    match = _INDEX.match(text)
    if match is not None and match["name"] is None:
        raise MigrationError(
            f"migration {step.number:03} ({step.name}) of {step.module} is online: it builds its indexes with "
            "`create index concurrently if not exists …`"
        )
    return match["name"] if match is not None else None


async def migrate_postgres(connection: Connection, steps: Sequence[Migration], now: datetime) -> list[Migration]:
    """Run the steps of one module that were not run yet; those that were. Two that start at once take turns. The connection
    is outside a transaction, and is not used for anything else afterwards: it has other bounds then, and sees all rows."""
    done = []
    await _take_turn(connection)
    try:
        await connection.execute(OWN.migrating_bounds.postgres)
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


async def _take_turn(connection: Connection) -> None:
    told = False
    while (await (await connection.execute(OWN.migrating.postgres)).fetchone()) != (True,):
        if not told:
            log.info("another process migrates the database; waiting until it is done")
            told = True
        await asyncio.sleep(TURN)


async def _applied(connection: Connection, steps: Sequence[Migration]) -> dict[int, tuple[str, str]]:
    known = await (await connection.execute(OWN.migrations_known.postgres)).fetchone()
    if not steps or known is None or not known[0]:
        return {}
    rows = await connection.execute(SQL.applied.postgres, {"module": steps[0].module})
    return {number: (name, digest) for number, name, digest in await rows.fetchall()}


async def _run(connection: Connection, step: Migration, now: datetime) -> None:
    online = step.text.startswith(ONLINE)
    try:
        for statement in statements_of(step) if online else ():
            await _run_online(connection, step, statement)
        await _patiently(step, lambda: _run_at_once(connection, step, "" if online else step.text, now))
    except psycopg.errors.InsufficientPrivilege as error:
        who = connection.info.user
        raise MigrationError(
            f"the role {who} may not run migration {step.number:03} ({step.name}) of {step.module}: {error.diag.message_primary}. "
            "Run `parlour migrate` as the owner of the tables."
        ) from error


async def _run_at_once(connection: Connection, step: Migration, text: str, now: datetime) -> None:
    row = {"module": step.module, "number": step.number, "name": step.name, "hash": step.hash, "now": now}
    async with connection.transaction():
        await connection.execute(SQL.make_table.postgres)
        await connection.execute(text)
        await connection.execute(SQL.add.postgres, row)
        await renew_grants(connection)


async def _run_online(connection: Connection, step: Migration, statement: Statement) -> None:
    if statement.index is not None:
        await _build(connection, statement)
        return
    while await _patiently(step, lambda: _changed(connection, statement.text)) and statement.in_batches:
        pass


async def _build(connection: Connection, statement: Statement) -> None:
    """Build an index concurrently. It waits for all transactions that were there before it, and nobody waits for it."""
    await connection.execute(OWN.wait_for_others.postgres)
    half_built = await connection.execute(OWN.half_built.postgres, {"name": statement.index})
    for (drop,) in await half_built.fetchall():
        await connection.execute(drop)
    await connection.execute(statement.text)
    await connection.execute(OWN.migrating_bounds.postgres)


async def _changed(connection: Connection, text: str) -> bool:
    return (await connection.execute(text)).rowcount > 0


async def _patiently(step: Migration, run: Callable[[], Awaitable[bool | None]]) -> bool | None:
    """Run something, again when it did not get its locks at once: in between, those that waited behind it get on."""
    for _ in range(TRIES - 1):
        try:
            return await run()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            await asyncio.sleep(PAUSE)
    try:
        return await run()
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationError(
            f"migration {step.number:03} ({step.name}) of {step.module} could not have a table for itself in {TRIES} tries: "
            "some transaction holds it for long (pg_stat_activity shows which). Run it again when that has ended."
        ) from error
