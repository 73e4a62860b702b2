"""The suites on both engines, and on what works in one process."""

from collections.abc import AsyncIterator

import pytest

from parlour.testing.contracts import House
from tests.house import house_at


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with house_at(database_url) as house:
        yield house
