"""A server that is killed in the middle of letting messages go: nothing is lost that may stay, nothing stays that is to go."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from typed_settings import SecretStr

import parlour
from parlour.application.kernel.ports import Clock
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import RoomId
from parlour.testing.world import TickingClock

from ..server import SECRET
from .process import Server
from .sabotage_retention import KILLED, in_two_parts, words_in_the_log

OLD, YOUNG = 2_600, 20
PASSWORD = "correct horse"
LONG = 120.0


class Dying(Server):
    """A server that keeps messages for two days, and may be killed by itself."""

    sabotaging = "tests.faults.sabotage_retention"

    def __init__(self, folder: Path, database: str, sabotage: str | None = None) -> None:
        super().__init__(folder, database, sabotage, MESSAGE_RETENTION_DAYS="2")

    async def dies(self) -> None:
        process = await self._spawn("serve")
        try:
            async with asyncio.timeout(LONG):
                assert await process.wait() == -signal.SIGKILL, (self.folder / "server.log").read_text()
        finally:
            if process.returncode is None:
                process.kill()

    async def exported(self) -> str:
        """All that is in the store."""
        path = self.folder / "whole.jsonl"
        process = await self._spawn("export", "--force", str(path))
        await process.communicate()
        assert process.returncode == 0, (self.folder / "server.log").read_text()
        return path.read_text()


@frozen
class Said:
    """A room in which much was said long ago, and something lately."""

    room: RoomId
    young: list[str]


async def said_long_ago(url: str) -> Said:
    """By an instance whose clock is days behind."""
    clock = TickingClock(datetime.now(UTC) - timedelta(days=5))
    settings = Settings(database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET))
    instance = Instance(evolve(plan_of(settings), given={Clock: clock}))
    await instance.open()
    try:
        chat = instance.chat
        tokens = await chat.execute(parlour.SignUp("ada", "ada@example.org", PASSWORD), parlour.Actor())
        ada = chat.actor(tokens.user.id)
        assert tokens.workspace is not None, "everybody has one of their own"
        made = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "room", workspace_id=tokens.workspace.id)
        room = (await chat.execute(made, ada)).id
        for n in range(0, OLD, 100):
            await _say(chat, ada, room, [f"perishable {m}" for m in range(n, n + 100)])
        (first, *_) = (await chat.execute(parlour.ListMessages(room, limit=2), ada)).items
        await chat.execute(parlour.AddReaction(first.id, "👍"), ada)
        await chat.execute(parlour.EditMessage(first.id, "perishable in other words"), ada)
        clock.advance(datetime.now(UTC) - clock.now() - timedelta(hours=2))
        young = [f"lasting {n}" for n in range(YOUNG)]
        await _say(chat, ada, room, young)
        return Said(room, young)
    finally:
        await instance.stop()


async def _say(chat: Any, actor: Any, room: RoomId, words: list[str]) -> None:
    data = [{"room_id": str(room), "content": word} for word in words]
    await chat.execute(parlour.Batch("all", [parlour.BatchItem("send_message", d) for d in data]), actor)


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Any]:
    """A server that is up, and a client of ada's."""
    await server.start()
    try:
        async with server.client() as client:
            answer = await client.post("/api/signin", json={"login": "ada", "password": PASSWORD})
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client
    finally:
        await server.stop()


async def gone_to(client: Any, room: RoomId, least: int) -> dict[str, Any]:
    """The room, when messages up to a number are gone."""
    async with asyncio.timeout(LONG):
        while True:
            shown: dict[str, Any] = (await client.get(f"/api/rooms/{room}")).json()
            if shown["gone_to"] >= least:
                return shown
            await asyncio.sleep(0.1)


async def wrong_with(server: Dying, said: Said) -> list[str]:
    """What is not as it should be when all that is old is gone."""
    wrong = []
    async with serving(server) as client:
        shown = await gone_to(client, said.room, OLD)
        items = (await client.get(f"/api/rooms/{said.room}/messages", params={"limit": 200})).json()["items"]
        if [m["content"] for m in items] != said.young:
            wrong.append(f"{len(items)} messages are there")
        if [m["number"] for m in items] != list(range(OLD + 1, OLD + YOUNG + 1)):
            wrong.append("the numbers are not what they were")
        if shown["unread"] != YOUNG:
            wrong.append(f"{shown['unread']} are unread")
    if drift := await server.doctor():
        wrong.append(drift)
    if "perishable" in await server.exported():
        wrong.append("what is gone still stands somewhere")
    return wrong


@pytest.mark.slow
@pytest.mark.row("MS8")
async def test_killed_in_the_middle_it_goes_on_and_ends_where_it_should(tmp_path: Path, database_url: str) -> None:
    said = await said_long_ago(database_url)
    server = Dying(tmp_path, database_url)
    for plant in KILLED:
        await Dying(tmp_path, database_url, plant.__name__).dies()
        assert await server.doctor() == "", f"all holds together after it died {plant.__name__}"
    assert await wrong_with(server, said) == []


@pytest.mark.slow
async def test_the_control_what_is_committed_in_two_parts_is_seen(tmp_path: Path, database_url: str) -> None:
    await said_long_ago(database_url)
    await Dying(tmp_path, database_url, in_two_parts.__name__).dies()
    assert "numbers" in await Dying(tmp_path, database_url).doctor()


@pytest.mark.slow
async def test_the_control_words_that_stay_in_the_log_are_seen(tmp_path: Path, database_url: str) -> None:
    said = await said_long_ago(database_url)
    wrong = await wrong_with(Dying(tmp_path, database_url, words_in_the_log.__name__), said)
    assert "what is gone still stands somewhere" in wrong


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.row("MS8")
async def test_of_two_servers_one_does_it_and_the_other_goes_on_when_it_is_killed(
    tmp_path: Path, emptied_url: str
) -> None:
    said = await said_long_ago(emptied_url)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (Dying(folder, emptied_url) for folder in folders)
    await one.start()
    try:
        async with serving(two) as client:
            await gone_to(client, said.room, 1)
            await one.kill()
            await gone_to(client, said.room, OLD)
        assert await wrong_with(two, said) == []
    finally:
        await one.close()
