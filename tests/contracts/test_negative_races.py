"""The faults that the suite of races guards against, planted: each turns its tests red where units work beside each other."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from parlour.adapters.sql.db import Db
from parlour.adapters.sql.identity import SqlSessions, SqlUsers
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.rooms import SqlRooms
from parlour.adapters.sql.workspaces import SqlInvitations, SqlWorkspaces
from parlour.testing.contracts import House, RacesContract
from parlour.testing.contracts.support import NOW
from tests.house import postgres_house

pytestmark = pytest.mark.postgres
Test = Callable[[RacesContract, House], Awaitable[None]]


class Careless(Db):
    """Holds nothing: no locks, neither of rows nor of the whole."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def widen(self, *owners: UUID) -> None:
        await self._db.widen(*owners)

    async def fetch(self, query: Query, given: Any) -> Any:
        return await self._db.fetch(Query(query.name, "", query.postgres.replace("for share", "")), given)

    async def alone(self, what: str) -> None:
        """As on SQLite."""


TESTS: list[Test] = [test for name, test in vars(RacesContract).items() if name.startswith("test_")]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.__name__)
async def test_what_holds_nothing_is_seen(app_url: str, test: Test) -> None:
    careless: dict[str, Any] = {
        "users": lambda work: SqlUsers(Careless(work)),
        "sessions": lambda work: SqlSessions(Careless(work), lambda: NOW),
        "workspaces": lambda work: SqlWorkspaces(Careless(work)),
        "invitations": lambda work: SqlInvitations(Careless(work)),
        "rooms": lambda work: SqlRooms(Careless(work), lambda: NOW),
    }
    async with postgres_house(app_url, **careless) as house:
        with pytest.raises(AssertionError):
            await test(RacesContract(), house)
