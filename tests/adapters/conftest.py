"""A large store on each engine, made once for those who ask for it."""

from collections.abc import Iterator

import pytest

from tests.services.postgres import Postgres

from .million.postgres import Million, million_on


@pytest.fixture(scope="session")
def million(postgres: Postgres) -> Iterator[Million]:
    """Everybody reads from it and changes nothing: who wants to takes a copy. Carry `xdist_group("million")`."""
    with million_on(postgres) as made:
        yield made
