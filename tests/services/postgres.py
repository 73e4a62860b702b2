"""A PostgreSQL somewhere: its address, and databases on it that last as long as a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql


def at_database(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def at_port(dsn: str, port: int) -> str:
    """The same database through what listens at another port of 127.0.0.1: a proxy, a pooler."""
    parts = urlsplit(dsn)
    who, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{who}{at}127.0.0.1:{port}"))


def as_role(dsn: str, name: str) -> str:
    """The same database as another role, with the password that roles of tests have."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{name}:{ROLE_PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


ROLE_PASSWORD = "parlour-role"


class Postgres:
    """A PostgreSQL that answers. `url` names a superuser, with password, and a database to send statements from."""

    def __init__(self, url: str) -> None:
        self.url = url

    def dsn(self, database: str = "postgres") -> str:
        return at_database(self.url, database)

    @cached_property
    def version(self) -> str:
        """As `15.13`."""
        return str(self.run("show server_version")[0][0]).split()[0]

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def run(self, statement: str | sql.Composed, *values: object, dsn: str | None = None) -> list[tuple[Any, ...]]:
        """One statement in a connection of its own, outside a transaction; its rows, if it is one that has some."""
        with psycopg.connect(dsn or self.url, autocommit=True, connect_timeout=10) as connection:
            query = sql.SQL(statement) if isinstance(statement, str) else statement
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def role(self, name: str, kind: str = "login", member_of: str = "") -> str:
        """A role with the password of tests, made once for the whole server, whoever else makes it at the same time."""
        made = sql.SQL("create role {} {} password {}").format(
            sql.Identifier(name), sql.SQL(kind), sql.Literal(ROLE_PASSWORD)
        )
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self.run(made)
        with suppress(psycopg.errors.UniqueViolation):
            if member_of and not self.run("select pg_has_role(%s, %s, 'member')", name, member_of)[0][0]:
                self.run(sql.SQL("grant {} to {}").format(sql.Identifier(member_of), sql.Identifier(name)))
        return name

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The DSN of a new database, a copy of `template`; dropped at the end, whoever may be connected."""
        name = self._create(template or "template0")
        try:
            yield self.dsn(name)
        finally:
            self._drop(name)

    @contextmanager
    def template(self, make: Callable[[str], None]) -> Iterator[str]:
        """The name of a database that `make` filled by its DSN, to be copied. `make` leaves no connection open."""
        name = self._create("template0")
        try:
            make(self.dsn(name))
            yield name
        finally:
            self._drop(name)

    def _create(self, template: str) -> str:
        name = f"parlour_{uuid4().hex[:12]}"
        self.run(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
        self.run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
