"""A SQLite file with a million messages."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.sqlite_file import connect
from tests.house import MEANS

LOAD = Path(__file__).parent / "load.sqlite.sql"


def million_in(path: Path) -> sqlite3.Connection:
    """Made in half a minute. Indexes come when all rows are there; no statistics, because the store gathers none."""
    asyncio.run(open_sqlite(str(path), MEANS).close())
    connection = connect(path)
    found = "select name, sql from sqlite_schema where type = 'index' and sql is not null"
    with closing(sqlite3.connect(path, isolation_level=None)) as loading:
        indexes = loading.execute(found).fetchall()
        for name, _ in indexes:
            loading.execute(f"drop index {name}")
        loading.executescript(LOAD.read_text())
        for _, made in indexes:
            loading.execute(made)
    return connection
