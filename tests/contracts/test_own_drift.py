"""The doctor works out again what marks stand for, and reports what a fault in the store has made of them."""

import pytest

from parlour.adapters.sql.doctor import SqlDerived
from parlour.adapters.sql.loader import Query
from parlour.domain.messages.besides import Besides
from parlour.testing.contracts import House
from parlour.testing.contracts.besides import delete, send
from parlour.testing.contracts.people import a_room, draft_in
from parlour.testing.contracts.support import a_user

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


CALLS = [
    "delete from mentions where number = 2",
    (
        "insert into mentions (workspace_id, user_id, room_id, number, author_id) select workspace_id, author_id, room_id, number,"
        " author_id from messages where number = 1"
    ),
    "update mentions set author_id = user_id where number = 2",
]


@pytest.mark.row("MS4", "RM5")
@pytest.mark.parametrize(
    "planted, found",
    [
        (CALLS[0], ["2: 0 for 1"] * 2),
        (CALLS[1], ["1: 1 for 0"]),
        (CALLS[2], ["2: 0 for 1"] * 2 + ["2: 1 for 0"] * 2),
        ("delete from mentions where number = 3", ["3: 0 for 1"]),
        ("update messages set besides = null where number = 3", ["3: 1 for 0"]),
    ],
    ids=["forgotten", "of nobody", "by another", "of everybody", "of no message"],
)
async def test_calls_that_are_not_what_messages_say_are_reported(house: House, planted: str, found: list[str]) -> None:
    room = await a_room(house)
    for besides in (
        Besides(),
        Besides(mentions=[a_user(), a_user()]),
        Besides(mentions=[a_user()], mentions_room=True),
    ):
        await send(house, room, besides)
    gone = await send(house, room, Besides(mentions=[a_user()]))
    await delete(house, gone.id)
    async with house.store.snapshot() as snapshot:
        assert await SqlDerived(snapshot).drift() == []  # type: ignore[arg-type]
    await house.done(lambda unit: unit.run(Query("planted", planted, planted)))  # type: ignore[attr-defined]
    async with house.store.snapshot() as snapshot:
        drift = await SqlDerived(snapshot).drift()  # type: ignore[arg-type]
    assert {d.check for d in drift} == {"mentions"}
    calls = sorted((d.of.split(" calls ")[0], d.kept, d.right) for d in drift)
    assert calls == sorted(
        (f"room:{room.id} message {n}", k, r) for n, k, _, r in (f.replace(":", "").split() for f in found)
    )


@pytest.mark.row("MS4", "RM5")
@pytest.mark.parametrize("mark", [0, 3])
async def test_a_mark_of_a_thread_that_cannot_be_is_reported(house: House, mark: int) -> None:
    room = await a_room(house)
    first = await send(house, room, Besides())
    await send(house, room, Besides(reply_to=first.id))
    user_id = a_user()
    await house.done(lambda unit: house.thread_followers(unit).follow(first, user_id))
    async with house.store.snapshot() as snapshot:
        assert await SqlDerived(snapshot).drift() == []  # type: ignore[arg-type]
    planted = f"update thread_followers set read_number = {mark}"
    await house.done(lambda unit: unit.run(Query("planted", planted, planted)))  # type: ignore[attr-defined]
    async with house.store.snapshot() as snapshot:
        (drift,) = await SqlDerived(snapshot).drift()  # type: ignore[arg-type]
    assert (drift.check, drift.kept, drift.right) == ("thread_marks", str(mark), "2")
    assert drift.of == f"room:{room.id} thread 1 as user:{user_id} has read it"
