"""PostgreSQL's errors as the domain's, by their codes and never by their words."""

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from ...domain.kernel.errors import Raced, Unavailable

RACES = frozenset({
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # a lock was waited for too long
    "23505",  # unique
    "23503",  # foreign key
    "23P01",  # exclusion
})  # fmt: skip
CHANGED = "RevalidateCachedQuery"
FULL = frozenset({"53100", "53200"})


def tables_changed(error: Exception) -> bool:
    """Whether a statement that was prepared before a table was changed cannot be used any more."""
    return isinstance(error, psycopg.errors.FeatureNotSupported) and error.diag.source_function == CHANGED


def translated(error: Exception, *, away: bool = False) -> Exception:
    """What a caller is told: `Raced` when trying again may do, `Unavailable` when the server cannot; a fault of ours as it
    is. `away`: it is known that the server lets nobody in."""
    if isinstance(error, TooManyRequests | PoolTimeout) and not away:
        return Unavailable("The store has too much to do.", retry_after=1, code="store_busy")
    if isinstance(error, TooManyRequests | PoolTimeout):
        return Unavailable("The store does not work now.", retry_after=1, code="store_unavailable")
    if isinstance(error, PoolClosed):
        return Unavailable("The store is closed.", code="closed")
    if not isinstance(error, psycopg.Error):
        return error
    code = error.sqlstate or ""
    if tables_changed(error):
        return Raced("The tables have changed meanwhile.")
    if code in RACES:
        return Raced("Somebody else was faster.")
    if code in FULL:
        return Unavailable("The disk of the store is full.", retry_after=30, code="store_full")
    if code == "25006":
        return Unavailable("The store cannot be written to.", retry_after=5, code="store_read_only")
    if code[:2] in {"08", "53", "57", "58", "25", "XX"} or isinstance(error, psycopg.OperationalError):
        return Unavailable("The store does not work now.", retry_after=1, code="store_unavailable")
    return error
