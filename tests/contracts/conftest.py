"""The suites on the embedded adapters: SQLite, and what works in one process."""

from collections.abc import AsyncIterator

import pytest

pytest.register_assert_rewrite("parlour.testing.contracts")

from parlour.testing.contracts import House  # noqa: E402 - after pytest was told
from tests.house import sqlite_house  # noqa: E402 - after pytest was told


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with sqlite_house() as house:
        yield house
