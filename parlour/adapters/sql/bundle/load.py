"""Reading a bundle into an empty store: all of it in one transaction, or nothing."""

from ....domain.kernel.errors import Conflict, Raced
from ..recorder import SQL as KERNEL
from ..store import Asked, SqlStore
from .lines import BundleRefused
from .read import Bundle, Row
from .tables import TABLES, Table


async def read_in(bundle: Bundle, store: SqlStore, *, new_epochs: bool = False) -> None:
    """Put a bundle's rows into a store that nobody else uses. `Conflict` when it is not empty, `BundleRefused` when rows
    contradict each other; nothing is changed then.

    With `new_epochs` every stream begins a new epoch: the store goes back to an earlier time, and clients that have seen
    more are to load anew. Otherwise all positions are good as they were.
    """
    epoch = store.means.ids.new().hex if new_epochs else None
    unit = store.unit()
    async with unit:
        await _make_room(unit)
        for table, rows in bundle.batches():
            if epoch is not None:
                _renew(table, rows, epoch)
            try:
                await unit.many(table.add, rows)
            except Raced as error:
                raise BundleRefused(f"Rows of {table.name} contradict each other, or rows they refer to.") from error
        epoch = await unit.value(KERNEL.epoch)
        if epoch is None:
            raise BundleRefused("The bundle does not say which epoch its store has.")
    await unit.commit()
    store.epoch = epoch


async def _make_room(db: Asked) -> None:
    """See that there is nothing, and take away what the store made by itself."""
    for table in TABLES:
        if table.replaced:
            await db.run(table.clear)
        elif await db.value(table.any) is not None:
            raise Conflict(
                f"The store is not empty: there is something in {table.name}. A bundle is read into an empty store only.",
                code="store_not_empty",
            )


def _renew(table: Table, rows: list[Row], epoch: str) -> None:
    for row in rows:
        if table.name == "streams":
            row["epoch"] = epoch
        elif table.name == "meta" and row["key"] == "epoch":
            row["value"] = epoch
