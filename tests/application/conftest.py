"""An office for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from .desk import Office, office


@pytest_asyncio.fixture
async def desk_office() -> AsyncIterator[Office]:
    async with office() as opened:
        yield opened
