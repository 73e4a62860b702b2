"""The roles behind the second wall between tenants: made once for a server, given their rights in each database."""

import psycopg

from .loader import load
from .migrations import MigrationError
from .postgres_link import Connection

SQL = load("postgres_grants")
NOTHING: dict[str, object] = {}


async def make_roles(connection: Connection) -> None:
    """Make the roles that are missing and give all of them their rights here; again does no harm. Others may be at work."""
    who = connection.info.user
    if not await _asked(connection, SQL.owns.postgres):
        raise MigrationError(
            f"the role {who} does not own parlour's tables: run `parlour migrate --roles` as their owner"
        )
    try:
        async with connection.transaction():
            await connection.execute(SQL.make_roles.postgres, NOTHING)
            await connection.execute(SQL.grant.postgres, NOTHING)
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            f"the role {who} may not make roles: {error.diag.message_primary}. Say `alter role {who} createrole` as a "
            "superuser, or run `parlour migrate --roles` once as one."
        ) from error
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationError("the tables are in use; run `parlour migrate --roles` again in a moment") from error
    if await _asked(connection, SQL.inherits.postgres):
        raise MigrationError(
            "parlour_app has the rights of parlour_relay by inheritance, so there is no wall. Say `alter role parlour_app "
            "noinherit` and `revoke parlour_relay from parlour_app`, and run `parlour migrate --roles` again."
        )


async def renew_grants(connection: Connection) -> None:
    """Give the roles their rights in tables that are new, where they have any here."""
    if await _asked(connection, SQL.granted.postgres):
        await connection.execute(SQL.grant.postgres, NOTHING)


async def _asked(connection: Connection, question: str) -> bool:
    row = await (await connection.execute(question)).fetchone()
    return row is not None and bool(row[0])
