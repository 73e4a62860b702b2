"""The doctor works out again what marks stand for, and reports what a fault in the store has made of them."""

import pytest

from parlour.adapters.sql.doctor import SqlDerived
from parlour.adapters.sql.loader import Query
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in

PAST = "update room_members set read_number = 7, read_offset = 0"
ELSEWHERE = "update room_members set read_number = 1, read_offset = 1"
NOWHERE = "update room_members set read_number = 0, read_offset = 2"


@pytest.mark.row("RM5")
@pytest.mark.parametrize(
    "planted, found",
    [(PAST, ("read_marks", "7", "2")), (ELSEWHERE, ("read_offsets", "1", "2")), (NOWHERE, ("read_offsets", "2", "0"))],
    ids=["past the head", "another place", "a place of nothing"],
)
async def test_a_mark_that_cannot_be_is_reported(house: House, planted: str, found: tuple[str, str, str]) -> None:
    room = await a_room(house)
    for content in ("one", "two"):
        draft = draft_in(room, content)
        await house.done(lambda unit, draft=draft: house.message_log(unit).append(draft))  # type: ignore[misc]
    async with house.store.snapshot() as snapshot:
        assert await SqlDerived(snapshot).drift() == []  # type: ignore[arg-type]
    await house.done(lambda unit: unit.run(Query("planted", planted, planted)))  # type: ignore[attr-defined]
    async with house.store.snapshot() as snapshot:
        (drift,) = await SqlDerived(snapshot).drift()  # type: ignore[arg-type]
    assert (drift.check, drift.kept, drift.right) == found
    assert drift.of == f"room:{room.id} as user:{room.owner_id} has read it"
