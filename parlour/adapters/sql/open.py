"""Opening a store: taking its file, migrating it, and giving it its epoch."""

from collections.abc import Sequence
from pathlib import Path

from .migrations import CORE, Migration, migrate_sqlite, migrations_of
from .recorder import SQL, Means
from .sqlite import SqliteStore
from .sqlite_file import StoreFile


def open_sqlite(path: str, means: Means, *, readers: int = 4, core: Path = CORE) -> SqliteStore:
    """The store in a file, made and migrated as needed. `StoreInUse`, `StoreBroken` or `MigrationError` when it cannot."""
    file = StoreFile(path)
    try:
        connection = file.open()
        try:
            migrate_sqlite(connection, core_steps(core), means.clock.now().isoformat())
            connection.execute(SQL.set_epoch.sqlite, {"epoch": means.ids.new().hex})
            epoch = connection.execute(SQL.epoch.sqlite).fetchone()[0]
        finally:
            connection.close()
        return SqliteStore(file, means, epoch, readers)
    except BaseException:
        file.release()
        raise


def core_steps(folder: Path = CORE) -> Sequence[Migration]:
    """The migrations of the core."""
    return migrations_of("core", folder / "core", "sqlite")
