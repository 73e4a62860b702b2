"""The suites on both engines, and on what works in one process. On PostgreSQL as a role that the wall between tenants holds
for: a superuser would pass where a server does not."""

from collections.abc import AsyncIterator

import pytest

from parlour.testing.contracts import House
from tests.house import house_at


@pytest.fixture(
    params=[
        pytest.param("sqlite_url", id="sqlite"),
        pytest.param("app_url", id="postgres", marks=pytest.mark.postgres),
    ]
)
def house_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
async def house(house_url: str) -> AsyncIterator[House]:
    async with house_at(house_url) as house:
        yield house
