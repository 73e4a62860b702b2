"""A PostgreSQL database with a million messages, owned by an ordinary role."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from attrs import frozen
from psycopg import sql

from tests.house import postgres_store
from tests.services.postgres import Postgres

LOAD = Path(__file__).parent / "load.postgres.sql"
PASSWORD = "ordinary"


@frozen
class Million:
    """Its address for a superuser, and for the role that owns it."""

    url: str
    owners_url: str


@contextmanager
def million_on(server: Postgres) -> Iterator[Million]:
    """Made in half a minute; gone at the end, with the role."""
    role = f"parlour_owner_{uuid4().hex[:12]}"
    name = sql.Identifier(role)
    server.run(sql.SQL("create role {} login password {}").format(name, PASSWORD))
    try:
        with server.database() as url:
            server.run(sql.SQL("alter database {} owner to {}").format(sql.Identifier(urlsplit(url).path[1:]), name))
            made = Million(url, as_role(url, role, PASSWORD))
            asyncio.run(postgres_store(made.owners_url).database.prepare())
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(LOAD.read_bytes())
                connection.execute("vacuum (analyze)")
            yield made
    finally:
        server.run(sql.SQL("drop role {}").format(name))


def as_role(url: str, role: str, password: str) -> str:
    """The same database for another role."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))


@contextmanager
def copied(server: Postgres, large: Million) -> Iterator[str]:
    """A copy of its own, for a superuser, in a second."""
    name, template = f"parlour_{uuid4().hex[:12]}", urlsplit(large.url).path[1:]
    made = sql.SQL("create database {} template {} strategy file_copy")
    server.run(made.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield server.dsn(name)
    finally:
        server.run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
