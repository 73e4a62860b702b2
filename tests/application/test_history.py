"""The history of a room in the library: around a message, by date, both ways; a message by its id alone."""

from typing import Any

import pytest

from parlour.application.messages.commands import SendMessage
from parlour.application.messages.queries import GetMessage, ListMessages
from parlour.application.rooms.commands import CreateRoom
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.domain.kernel.errors import NotFound
from parlour.domain.rooms.room import RoomKind

from .desk import ALICE, BOB, office

pytestmark = pytest.mark.row("MS1", "DX1")


async def test_it_opens_at_a_message_or_a_time_and_goes_on_both_ways(database_url: str) -> None:
    async with office(database_url, start=False) as opened:
        chat = opened.instance.chat
        team = await chat.execute(CreateWorkspace("Team"), ALICE)
        room = await chat.execute(CreateRoom(RoomKind.PRIVATE_CHANNEL, "Room", workspace_id=team.id), ALICE)
        said = [await chat.execute(SendMessage(room.id, str(n)), ALICE) for n in range(9)]

        async def numbers(**where: Any) -> tuple[list[int | None], Any]:
            page = await chat.execute(ListMessages(room.id, limit=3, **where), ALICE)
            return [m.number for m in page.items], page

        linked = await chat.execute(GetMessage(said[4].id), ALICE)
        assert (linked.room_id, linked.number, linked.offset) == (room.id, 5, said[4].offset)
        for where in ({"around": linked.id}, {"at": linked.created_at}):
            there, page = await numbers(**where)
            assert there == [4, 5, 6]
            assert (await numbers(cursor=page.prev))[0] == [1, 2, 3]
            assert (await numbers(cursor=page.next))[0] == [7, 8, 9]
        for refused in (
            chat.execute(GetMessage(linked.id), BOB), chat.execute(ListMessages(room.id, around=linked.id), BOB),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await refused
