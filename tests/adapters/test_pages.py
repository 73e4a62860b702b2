"""Cursors: opaque, and worth nothing unless they were made here."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlour.application.kernel.uow import Work
from parlour.domain.kernel.errors import Invalid
from parlour.domain.rooms.room import Room
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, a_workspace, draft_in
from tests.house import sqlite_house

pytestmark = pytest.mark.row("OP7", "MS1")


def _made(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


FORGED = [
    "", " ", "=", "x", "xxxxx", "ä", "\ud800", "\0", "A" * 500, "-_-_", "e30", "W10",
    _made(None), _made(5), _made("text"), _made({}), _made([]), _made([True]), _made([1, 5]), _made([True, "5"]),
    _made([True, 5.5]), _made([True, -1]), _made([True, 2**63]), _made([True, 10**400]), _made([True, None]),
    _made([True, [1]]), _made([True, 5, 5]), _made(["true", 5]),
]  # fmt: skip
FORGED_NAMES = [
    _made([True, "a"]), _made([True, "a", "no id"]), _made([True, "a", 5]), _made([True, "a", None]),
    _made([True, "a", []]), _made([True, "\ud800", "00000000-0000-0000-0000-000000000000"]),
    _made([True, "\0", "00000000-0000-0000-0000-000000000000"]),
]  # fmt: skip
FORGED_TIMES = [
    _made([True, "yesterday", "00000000-0000-0000-0000-000000000000"]),
    _made([True, 5, "00000000-0000-0000-0000-000000000000"]),
    _made([True, "2026-01-01T00:00:00", "00000000-0000-0000-0000-000000000000"]),
    _made([True, "2026-01-01T00:00:00+00:00", "00000000"]),
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with sqlite_house() as house:
        yield house


async def _history(house: House, cursor: str) -> None:
    room = await a_room(house)
    async with house.store.snapshot() as snapshot:
        await house.message_reader(snapshot).history(room, cursor, None, 5)


async def _rooms(house: House, cursor: str) -> None:
    workspace = await a_workspace(house)
    async with house.store.snapshot() as snapshot:
        await house.room_reader(snapshot).rooms_of(workspace.id, workspace.owner_id, cursor, 5)


async def _members(house: House, cursor: str) -> None:
    room = await a_room(house)
    async with house.store.snapshot() as snapshot:
        await house.room_reader(snapshot).members_page(room, cursor, 5)


@pytest.mark.parametrize(
    "read, forged",
    [(_history, FORGED), (_rooms, [*FORGED, *FORGED_NAMES]), (_members, [*FORGED, *FORGED_TIMES])],
    ids=["by number", "by name", "by time"],
)
async def test_forged_cursors_are_the_callers_fault(
    house: House, read: Callable[[House, str], Awaitable[None]], forged: list[str]
) -> None:
    for cursor in forged:
        with pytest.raises(Invalid) as caught:
            await read(house, cursor)
        assert [(f.pointer, f.code) for f in caught.value.faults] == [("/cursor", "cursor")], ascii(cursor)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=60) | st.lists(st.booleans() | st.integers() | st.text(), max_size=4).map(_made))
async def test_whatever_comes_it_is_never_an_internal_error(house: House, cursor: str) -> None:
    for read in (_history, _rooms, _members):
        with suppress(Invalid):
            await read(house, cursor)


async def test_our_own_are_taken_back(house: House) -> None:
    room = await a_room(house)
    for content in "abc":
        await house.done(partial(_append, house, room, content))
    async with house.store.snapshot() as snapshot:
        reader = house.message_reader(snapshot)
        page = await reader.history(room, None, None, 1)
        assert page.prev is not None
        assert [m.content for m in (await reader.history(room, page.prev, None, 1)).items] == ["b"]


async def _append(house: House, room: Room, content: str, unit: Work) -> None:
    await house.message_log(unit).append(draft_in(room, content))
