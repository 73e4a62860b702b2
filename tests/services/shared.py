"""The one PostgreSQL that a whole test run shares."""

import os
from functools import cached_property
from urllib.parse import urlsplit

import psycopg

from .find import find_postgres
from .missing import Missing
from .postgres import Postgres
from .process import DidNotStart
from .server import PostgresServer


class SharedPostgres:
    """Found or started when it is first asked for, by the process that leads the run."""

    def __init__(self, major: int | None) -> None:
        self.major = major
        self._own: PostgresServer | None = None

    @cached_property
    def answer(self) -> dict[str, str]:
        """What workers are told: its `url`; or why there is none, `missing` or `failed`."""
        try:
            return {"url": self._find()}
        except Missing as missing:
            return {"missing": str(missing)}
        except DidNotStart as failed:
            return {"failed": str(failed)}

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    def __str__(self) -> str:
        """Which it is going to be, without starting it."""
        if given := os.environ.get("TEST_DATABASE_URL"):
            return f"PostgreSQL at {urlsplit(given).hostname} (TEST_DATABASE_URL)"
        try:
            return str(find_postgres(self.major))
        except Missing:
            return "no PostgreSQL"

    def _find(self) -> str:
        if given := os.environ.get("TEST_DATABASE_URL"):
            return self._given(given)
        self._own = PostgresServer(find_postgres(self.major))
        return self._own.start().url

    def _given(self, url: str) -> str:
        try:
            found = Postgres(url).major
        except psycopg.Error as error:
            raise DidNotStart(f"Nothing answers at TEST_DATABASE_URL: {error}") from None
        if self.major not in (None, found):
            place = f"TEST_DATABASE_URL: the server there is a {found}, and nothing else is tried"
            raise Missing(f"PostgreSQL {self.major}", [place], ["another address in TEST_DATABASE_URL, or none"])
        return url
