"""Sending in groups beside whatever else goes on: order, rights that are lost in between, rooms that others hold."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

import parlour
from parlour.adapters.sql.postgres import PostgresStore
from parlour.adapters.sql.standings import Standings
from parlour.application.kernel.uow import Work
from parlour.domain.kernel.errors import Raced
from parlour.domain.kernel.ids import UserId
from parlour.domain.kernel.streams import Stream
from parlour.domain.messages.events import MessageSent
from parlour.domain.rooms.room import Room
from parlour.domain.workspaces.events import WorkspaceMemberLeft
from parlour.entrypoints.library.chat import Chat
from parlour.testing.contracts import House
from parlour.testing.contracts.people import a_room, draft_in
from tests.entrypoints.hosts import Everybody
from tests.house import postgres_house
from tests.services.postgres import Postgres

from .test_batch import sent

pytestmark = pytest.mark.postgres


@pytest.fixture
async def house(postgres_url: str) -> AsyncIterator[House]:
    async with postgres_house(postgres_url) as opened:
        yield opened


@pytest.fixture
async def chat(postgres_url: str) -> AsyncIterator[Chat]:
    async with parlour.open(postgres_url, given={parlour.People: Everybody()}) as opened:
        yield opened


async def held_elsewhere(url: str, room: Room) -> psycopg.AsyncConnection[Any]:
    """A transaction that has a room's stream, as a host's has between its flush and its commit."""
    connection = await psycopg.AsyncConnection.connect(url)
    await connection.execute("select 1 from streams where topic = %s for update", [f"room:{room.id}"])
    return connection


async def out_of_order(chat: Chat, rooms: int) -> int:
    """In how many rooms a crowd of messages, sent one after the other without waiting by somebody new there, is not in the
    order in which it was sent, while another leaves the room."""
    ada, bob = (chat.actor(parlour.host_id(name)) for name in ("ada", "bob"))
    team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
    await chat.execute(parlour.AddWorkspaceMember(team.id, bob.known), ada)
    wrong = 0
    for n in range(rooms):
        channel = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, f"general {n}", workspace_id=team.id)
        room = await chat.execute(channel, ada)
        await chat.execute(parlour.JoinRoom(room.id), bob)
        say = [parlour.SendMessage(room.id, f"{k}") for k in range(40)]
        sending = [asyncio.create_task(chat.execute(message, ada)) for message in say[:10]]
        leaving = asyncio.create_task(chat.execute(parlour.LeaveRoom(room.id), bob))
        for message in say[10:]:
            sending.append(asyncio.create_task(chat.execute(message, ada)))
            await asyncio.sleep(0.001)
        numbers = [sent.number or 0 for sent in await asyncio.gather(*sending)]
        await leaving
        wrong += numbers != sorted(numbers)
    return wrong


@pytest.mark.row("MS3")
async def test_what_one_sends_to_a_room_keeps_its_order_whatever_others_do_there(chat: Chat) -> None:
    assert await out_of_order(chat, 8) == 0


async def test_the_control_without_a_line_it_does_not(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Standings, "line", lambda self, room_id, user_id: asyncio.Lock())
    assert await out_of_order(chat, 8) > 0


@pytest.mark.row("WS4")
@pytest.mark.parametrize("lost", [True, False], ids=["lost", "the control: not lost"])
async def test_a_right_in_the_workspace_that_is_lost_while_the_room_is_held_is_noticed(
    lost: bool, house: House, postgres_url: str
) -> None:
    room = await a_room(house)
    assert room.owner_id is not None
    author = room.owner_id
    await sent(house, draft_in(room, "remembered from now on"))
    other = await held_elsewhere(postgres_url, room)
    late = asyncio.create_task(sent(house, draft_in(room, "after it was lost")))
    await _waits_for_it(other)

    async def change(unit: Work) -> None:
        if lost:
            await house.workspaces(unit).remove_member(room.workspace_id, author)
        gone = WorkspaceMemberLeft(room.workspace_id, author if lost else UserId(house.ids.new()))
        await unit.record(Stream.of_workspace(room.workspace_id), gone)

    await house.done(change)
    await other.close()
    (answer,) = await asyncio.gather(late, return_exceptions=True)
    assert isinstance(answer, Raced) == lost


async def _waits_for_it(holder: psycopg.AsyncConnection[Any]) -> None:
    blocked = "select 1 from pg_stat_activity where %s = any (pg_blocking_pids(pid))"
    async with asyncio.timeout(5):
        while not await (await holder.execute(blocked, [holder.info.backend_pid])).fetchall():
            await asyncio.sleep(0.01)


async def test_a_room_that_is_held_keeps_nobody_waiting_elsewhere(house: House, postgres_url: str) -> None:
    held, free = await a_room(house), await a_room(house)
    for room in (held, free):
        await sent(house, draft_in(room, "remembered from now on"))
    other = await held_elsewhere(postgres_url, held)
    waiting = [asyncio.create_task(sent(house, draft_in(held, f"{n}"))) for n in range(5)]
    for n in range(20):  # while the others wait, and after they have given up once
        assert (await sent(house, draft_in(free, f"{n}"))).view.number == n + 2
    assert not any(task.done() for task in waiting)
    await other.close()
    assert [(await task).view.number for task in waiting] == [2, 3, 4, 5, 6]


async def test_whoever_goes_on_as_two_groups_end_is_not_forgotten(house: House) -> None:
    """Where this process is so busy that it hears of both in the same moment."""
    rooms, over = [await a_room(house) for _ in range(2)], asyncio.Event()

    async def busy() -> None:
        while not over.is_set():
            await asyncio.sleep(0)
            time.sleep(0.003)

    async def talk(room: Room) -> None:
        for n in range(150):
            await sent(house, draft_in(room, f"{n}"))

    slow = asyncio.create_task(busy())
    answers = await asyncio.gather(*map(talk, rooms), return_exceptions=True)
    over.set()
    await slow
    assert answers == [None, None]


@pytest.mark.parametrize("noticed", [True, False])
async def test_what_other_instances_are_to_notice_is_written_for_them(
    noticed: bool, house: House, postgres: Postgres, postgres_url: str
) -> None:
    assert isinstance(house.store, PostgresStore)
    house.store.noticed = frozenset({MessageSent.tag} if noticed else ())
    await sent(house, draft_in(await a_room(house), "to be noticed"))
    assert postgres.run("select count(*) from notices", dsn=postgres_url) == [(int(noticed),)]


@pytest.mark.row("MS2", "WS4")
async def test_a_key_is_not_answered_to_somebody_who_has_lost_the_room(chat: Chat) -> None:
    ada, bob = (chat.actor(parlour.host_id(name)) for name in ("ada", "bob"))
    team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
    await chat.execute(parlour.AddWorkspaceMember(team.id, bob.known), ada)
    asked = parlour.CreateRoom(parlour.RoomKind.PRIVATE_CHANNEL, "secret", member_ids=[bob.known], workspace_id=team.id)
    room = await chat.execute(asked, ada)
    first = await chat.execute(parlour.SendMessage(room.id, "mine"), bob, key="k")
    assert (await chat.execute(parlour.SendMessage(room.id, "mine"), bob, key="k")).id == first.id
    await chat.execute(parlour.RemoveMembers(room.id, [bob.known]), ada)
    with pytest.raises(parlour.DomainError, match="no such room"):
        await chat.execute(parlour.SendMessage(room.id, "mine"), bob, key="k")
