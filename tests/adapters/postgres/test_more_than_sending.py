"""A unit that sends, and then does more, does both in its own transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from parlour.adapters.sql.postgres_unit import PostgresUnit
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in
from tests.house import postgres_house

pytestmark = [pytest.mark.postgres, pytest.mark.row("MS1")]

MORE: dict[str, Callable[[PostgresUnit], Awaitable[None]]] = {
    "alone": lambda unit: unit.alone("a thing"),
    "among": lambda unit: unit.among("a thing"),
    "widen": lambda unit: unit.widen(uuid4()),
}


@pytest.fixture
async def house(app_url: str) -> AsyncIterator[House]:
    async with postgres_house(app_url) as opened:
        yield opened


@pytest.mark.parametrize("more", MORE)
async def test_it_leaves_no_transaction_behind(more: str, house: House) -> None:
    room = await a_room(house)
    for _ in range(12):  # more than there are connections
        unit = house.store.unit()
        assert isinstance(unit, PostgresUnit)
        async with asyncio.timeout(5):
            async with unit:
                await house.room_standings(unit).recent(room.id, draft_in(room, "").author_id)
                await house.message_log(unit).append(draft_in(room, "said"))
                await MORE[more](unit)
                assert unit._sending is None, "it sends by itself"
            await unit.commit()
        assert not unit._transaction.begun
