"""A use case that is cancelled in a host's transaction leaves nothing behind of what was set for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from attrs import define

import parlour
from parlour.adapters.sql.postgres_wire import AsyncWire
from parlour.domain.kernel.ids import RoomId, WorkspaceId

pytestmark = [pytest.mark.postgres, pytest.mark.row("DX1")]

SHOWN = """select coalesce(current_setting('parlour.owners', true), ''), coalesce(current_setting('parlour.actor', true), ''),
    current_setting('role'), current_setting('TimeZone'), current_setting('search_path')"""
MOST = 60


@define
class Cut:
    """Cancels a use case at one of its statements: before it is said, or as its answer comes."""

    late: bool
    at: int = 0
    said: int = 0
    armed: bool = False

    def over(self, way: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def said(*given: Any) -> Any:
            self.said += self.armed
            now = self.armed and self.said == self.at
            if now:
                self.armed = False
            if now and not self.late:
                raise asyncio.CancelledError
            answer = await way(*given)
            if now:
                raise asyncio.CancelledError
            return answer

        return said


async def shown(connection: "psycopg.AsyncConnection[Any]") -> Any:
    return await (await connection.execute(SHOWN)).fetchone()


@pytest.mark.parametrize("late", [False, True], ids=["before a statement", "after it"])
async def test_wherever_it_is_cancelled_all_is_set_back(
    late: bool, app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Cut(late)
    for name in ("say", "run"):
        monkeypatch.setattr(AsyncWire, name, cut.over(getattr(AsyncWire, name)))
    texts = []
    async with parlour.open(app_url) as chat:
        ada = chat.actor(parlour.host_id("ada"))
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=WorkspaceId(team.id))
        room = RoomId((await chat.execute(made, ada)).id)
        async with await psycopg.AsyncConnection.connect(app_url) as connection:
            await connection.execute("set time zone 'Asia/Tokyo'")
            await connection.commit()
            while cut.at < MOST:
                cut.at, cut.said = cut.at + 1, 0
                async with connection.transaction(), chat.within(connection) as inside:
                    before, cut.armed = await shown(connection), True
                    try:
                        await inside.execute(parlour.SendMessage(room, f"cut {cut.at}"), ada)
                    except asyncio.CancelledError:
                        pass
                    cut.armed = False
                    assert await shown(connection) == before, cut.at
                    await inside.execute(parlour.SendMessage(room, f"after {cut.at}"), ada)
                    assert await shown(connection) == before, cut.at
                    texts.append(f"after {cut.at}")
                if cut.said < cut.at:
                    break
        assert 3 < cut.at < MOST, "each statement was one to be cancelled at"
        sent = await chat.execute(parlour.ListMessages(room, limit=100), ada)
    found = [m.content for m in sent.items if str(m.content).startswith("after")]
    assert sorted(map(str, found)) == sorted(texts)
