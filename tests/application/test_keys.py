"""Idempotency keys: one effect, one answer, whoever asks again."""

import asyncio

import pytest

from parlour.application.kernel.actor import STRANGER
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.commands import CreateRoom
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.domain.kernel.errors import Conflict, Unprocessable
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, NoteDown, Office


async def test_the_same_key_gives_the_same_answer_and_no_second_effect(desk_office: Office) -> None:
    first = await desk_office.note("one", key="k")
    again = await desk_office.note("one", key="k")
    assert again.value == first.value
    assert (first.replayed, again.replayed, again.made) == (False, True, True)
    assert await desk_office.words() == ["one"]


async def test_without_a_key_everything_happens_again(desk_office: Office) -> None:
    """The control: it is the key that keeps the second effect away."""
    await desk_office.note("one")
    await desk_office.note("one")
    assert await desk_office.words() == ["one", "one"]


async def test_typed_and_plain_have_the_same_body(desk_office: Office) -> None:
    first = await desk_office.instance.chat.execute(NoteDown("one"), ALICE, key="k")
    assert (await desk_office.note("one", key="k")).value == first


async def test_another_body_under_the_key_is_refused(desk_office: Office) -> None:
    await desk_office.note("one", key="k")
    with pytest.raises(Unprocessable) as error:
        await desk_office.note("two", key="k")
    assert error.value.code == "key_reused"
    assert await desk_office.words() == ["one"]


async def test_a_key_is_its_owners_and_its_use_cases(desk_office: Office) -> None:
    await desk_office.note("one", key="k")
    assert not (await desk_office.note("two", key="k", actor=BOB)).replayed
    assert not (await desk_office.note("three", key="k", name="note_slowly")).replayed


async def test_a_key_in_flight_is_a_conflict_to_come_back_for(desk_office: Office) -> None:
    desk = desk_office.desk
    desk.gate = asyncio.Event()
    first = asyncio.create_task(desk_office.note("one", key="k"))
    await desk.reached.wait()
    with pytest.raises(Conflict) as error:
        await desk_office.note("one", key="k")
    assert (error.value.code, error.value.retryable) == ("key_in_flight", True)
    desk.gate.set()
    answer = await first
    assert (await desk_office.note("one", key="k")).value == answer.value
    assert desk.done == ["one"]


async def test_a_cancelled_call_gives_its_key_back(desk_office: Office) -> None:
    desk = desk_office.desk
    desk.gate = asyncio.Event()
    first = asyncio.create_task(desk_office.note("one", key="k"))
    await desk.reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    desk.gate.set()
    assert not (await desk_office.note("one", key="k")).replayed
    assert await desk_office.words() == ["one"]


async def test_an_answer_with_secrets_is_not_kept(desk_office: Office) -> None:
    await desk_office.note("one", key="k", name="note_secretly")
    with pytest.raises(Conflict) as error:
        await desk_office.note("one", key="k", name="note_secretly")
    assert error.value.code == "already_done"
    with pytest.raises(Unprocessable):
        await desk_office.note("two", key="k", name="note_secretly")


async def test_strangers_use_cases_take_no_key(desk_office: Office) -> None:
    for _ in range(2):
        assert not (await desk_office.note("one", key="k", name="note_strangely", actor=STRANGER)).replayed
    assert desk_office.desk.done == ["one", "one"]


async def test_what_was_found_is_replayed_as_found(desk_office: Office) -> None:
    await desk_office.note("one", key="k", name="find_note")
    again = await desk_office.note("one", key="k", name="find_note")
    assert (again.made, again.replayed) == (False, True)


@pytest.mark.row("MS2")
async def test_racing_sends_with_one_key_make_one_message(desk_office: Office) -> None:
    chat = desk_office.instance.chat
    home = await chat.execute(CreateWorkspace("home"), ALICE)
    room = await chat.execute(CreateRoom(RoomKind.PUBLIC_CHANNEL, "room", workspace_id=home.id), ALICE)
    sent = await asyncio.gather(*(chat.execute(SendMessage(room.id, "hi"), ALICE, key="k") for _ in range(8)))
    assert len({(m.id, m.offset, m.number) for m in sent}) == 1
    with pytest.raises(Unprocessable):
        await chat.execute(SendMessage(room.id, "ho"), ALICE, key="k")
    other = await chat.execute(SendMessage(room.id, "hi"), ALICE, key="k2")
    assert other.number == 2
