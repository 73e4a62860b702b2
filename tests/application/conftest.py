"""An office for each test, on each engine."""

from collections.abc import AsyncIterator

import pytest_asyncio

from .desk import Office, office


@pytest_asyncio.fixture
async def desk_office(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url) as opened:
        yield opened
