"""The engines that tests run on: by the fixture `engine`, which everything with a store asks for."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest
from psycopg import sql

from .aside import SQL

ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
Databases = Callable[[], AbstractContextManager[str]]
"""Makes empty stores on an engine; each lasts as long as a block, which is told its URL."""

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For a test about SQLite's file, or whose outcome no engine can change."""


def tables_of(url: str) -> set[str]:
    """The names of the tables in a PostgreSQL database, parts of tables aside."""
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(SQL.tables.postgres.encode())}


def empty(url: str, own: set[str]) -> None:
    """Leave no rows, nobody connected, and no tables but its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL.part.postgres.encode())
        for name in tables_of(url) - own:
            connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier(name)))
        connection.execute(SQL.empty.postgres.encode())
