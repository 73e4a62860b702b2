"""Threads and mentions through the library: what happens at once, and who is called where users are a host's."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any, cast

import pytest

from parlour.adapters.sql.doctor import SqlDerived
from parlour.adapters.sql.postgres_batch import Batch
from parlour.adapters.sql.postgres_group import Sending
from parlour.application.kernel.ports import People, Person
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendMessage
from parlour.application.messages.forwarding import ForwardMessage
from parlour.application.messages.queries import GetMessage
from parlour.application.messages.threads import FollowThread, ListReplies, UnfollowThread
from parlour.application.messages.views import MessageView
from parlour.application.rooms.commands import CreateRoom
from parlour.application.rooms.members import RemoveMembers
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import RoomId, UserId
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, Office, office

pytestmark = pytest.mark.row("MS4")


async def a_room(opened: Office) -> RoomId:
    """A private channel of Alice and Bob."""
    chat = opened.instance.chat
    team = await chat.execute(CreateWorkspace("Team"), ALICE)
    await chat.execute(AddWorkspaceMember(team.id, BOB.known), ALICE)
    asked = CreateRoom(RoomKind.PRIVATE_CHANNEL, "den", member_ids=[BOB.known], workspace_id=team.id)
    return RoomId((await chat.execute(asked, ALICE)).id)


async def drift(opened: Office) -> list[Any]:
    store: Any = opened.instance.store
    async with store.snapshot() as snapshot:
        return list(await SqlDerived(snapshot).drift())


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_a_thread_at_once_its_count_is_right(desk_office: Office, seed: int) -> None:
    chat, chance = desk_office.instance.chat, Random(seed)
    room = await a_room(desk_office)
    roots = [await chat.execute(SendMessage(room, "?"), ALICE) for _ in range(3)]
    said: list[MessageView] = [*roots]

    async def act() -> None:
        root, any_ = chance.choice(roots), chance.choice(said)
        who = chance.choice((ALICE, BOB))
        command: Any = chance.choice([
            SendMessage(room, "@bob", reply_to=root.id), SendMessage(room, "me", reply_to=any_.id),
            SendMessage(room, "hear", quote=any_.id, reply_to=root.id), EditMessage(any_.id, "!"),
            DeleteMessage(any_.id if chance.random() < 0.9 else root.id), FollowThread(any_.id), UnfollowThread(root.id),
            ForwardMessage(any_.id, room),
        ])  # fmt: skip
        try:
            answer = await chat.execute(command, who)
        except DomainError:
            return
        if isinstance(answer, MessageView):
            said.append(answer)

    for _ in range(8):
        await asyncio.gather(*(act() for _ in range(8)))
    assert await drift(desk_office) == []
    for root in roots:
        replies = (await chat.execute(ListReplies(root.id, limit=200), ALICE)).items
        there = [r.created_at for r in replies if r.deleted_at is None]
        thread = (await chat.execute(GetMessage(root.id), BOB)).thread
        assert (thread.replies, thread.last_at) == (len(there), max(there)) if thread is not None else not there


async def test_the_control_a_wrong_count_is_found(desk_office: Office) -> None:
    room = await a_room(desk_office)
    chat, store = desk_office.instance.chat, cast(Any, desk_office.instance.store)
    root = await chat.execute(SendMessage(room, "?"), ALICE)
    await chat.execute(SendMessage(room, "!", reply_to=root.id), ALICE)
    message: Any = None
    unit: Any = store.unit()
    async with unit:
        messages: Any = store.messages_in(unit)
        message = await messages.get((await chat.execute(ListReplies(root.id), ALICE)).items[0].id)
        await messages.uncount(message)
    await unit.commit()
    assert [d.check for d in await drift(desk_office)] == ["reply_counts"]


class Silent:
    """`People` of a host that knows names by ids alone."""

    async def named(self, ids: Sequence[UserId]) -> dict[UserId, Person]:
        return {i: Person(i, "bob", "Bob") for i in ids}


async def test_a_hosts_people_are_called_by_name_where_it_can_look_them_up(database_url: str) -> None:
    async with office(database_url) as opened:
        room = await a_room(opened)
        said = await opened.instance.chat.execute(SendMessage(room, "@BOB, @carol"), ALICE)
        assert said.mentions == [BOB.known], "Carol is not in the room"


async def test_otherwise_names_are_text_and_ids_call(database_url: str) -> None:
    async with office(database_url, given={People: Silent()}) as opened:
        room = await a_room(opened)
        chat = opened.instance.chat
        assert (await chat.execute(SendMessage(room, "@bob"), ALICE)).mentions == []
        assert (await chat.execute(SendMessage(room, "@bob", mentions=[BOB.known]), ALICE)).mentions == [BOB.known]


async def test_whoever_was_removed_is_called_no_more(desk_office: Office) -> None:
    chat, room = desk_office.instance.chat, await a_room(desk_office)
    await chat.execute(RemoveMembers(room, [BOB.known]), ALICE)
    assert (await chat.execute(SendMessage(room, "@bob"), ALICE)).mentions == []
    with pytest.raises(DomainError):
        await chat.execute(SendMessage(room, "hi", mentions=[BOB.known]), ALICE)


@pytest.mark.postgres
async def test_a_plain_message_is_written_with_others(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one whose names are nobody's; one that calls, answers or quotes is a unit of its own."""
    together: list[str] = []
    send = Batch.send

    def watched(self: Batch, sending: Sending) -> None:
        together.append(sending.draft.content)
        send(self, sending)

    monkeypatch.setattr(Batch, "send", watched)
    async with office(postgres_url) as opened:
        chat, room = opened.instance.chat, await a_room(opened)
        first = await chat.execute(SendMessage(room, "plain"), ALICE)
        for content in ("@nobody.at.all", "a@b.org", "`@bob`", "@bob", "@room"):
            await chat.execute(SendMessage(room, content), ALICE)
        await chat.execute(SendMessage(room, "an answer", reply_to=first.id), ALICE)
        await chat.execute(SendMessage(room, "a quote", quote=first.id), ALICE)
    assert together == ["plain", "@nobody.at.all", "a@b.org", "`@bob`"]
