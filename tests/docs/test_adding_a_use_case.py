"""The diff that CONTRIBUTING shows is applied to a copy of the tree, and the new use case runs by every way in."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import Server, serving

from .blocks import ROOT, blocks
from .running import run_program

PATCH = ROOT / "docs/adding-a-use-case.patch"

BY_LIBRARY = """
import asyncio
import sys
from pathlib import Path

import parlour
from parlour.application.messages.pins import PinMessage
from parlour.testing.asking import asking
from parlour.testing.folds import RoomFold

assert Path(parlour.__file__).is_relative_to(Path.cwd()), parlour.__file__


async def main() -> None:
    async with parlour.open() as chat:
        ada, eve = (chat.actor(parlour.host_id(name)) for name in ("ada", "eve"))
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        asked = parlour.CreateRoom(parlour.RoomKind.PRIVATE_CHANNEL, "notes", workspace_id=team.id)
        room = await chat.execute(asked, ada)
        sent = await chat.execute(parlour.SendMessage(room.id, "Do not lose this."), ada)
        fold = await RoomFold.load(asking(chat.execute, ada), room.id)

        pinned = await chat.execute(PinMessage(sent.id), ada)
        assert pinned.pinned_at is not None
        assert await chat.execute(PinMessage(sent.id), ada) == pinned, "pinning twice changes nothing"
        item = parlour.BatchItem("pin_message", {"message_id": str(sent.id), "pinned": False})
        (result,) = (await chat.execute(parlour.Batch("all", [item]), ada)).results
        assert result.data.pinned_at is None
        await chat.execute(PinMessage(sent.id), ada)
        try:
            await chat.execute(PinMessage(sent.id), eve)
        except parlour.DomainError as error:
            assert error.code == "not_found", error.code
        else:
            raise AssertionError("a stranger to the room pinned")

        tags = []
        async for live in chat.events(f"room:{room.id}", after=fold.position, actor=ada):
            tags.append(live.event.tag)
            fold.apply(live.position.offset, live.event)
            if len(tags) == 3:
                break
        assert tags == ["message_pinned"] * 3, tags
        assert fold.shown() == (await RoomFold.load(asking(chat.execute, ada), room.id)).shown()
        (listed,) = (await chat.execute(parlour.ListRooms(team.id), ada)).items
        assert listed.last_message.pinned_at is not None
        assert (await chat.execute(parlour.DeleteMessage(sent.id), ada)).pinned_at is None


asyncio.run(main())
print("by the library and in a batch")
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the diff applied."""
    copy = tmp_path_factory.mktemp("changed")
    shutil.copytree(ROOT / "parlour", copy / "parlour", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        ["git", "apply", "-C1", "--whitespace=error-all", PATCH], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{PATCH} does not fit any more; make it anew.\n{done.stderr}"
    return copy


def test_contributing_shows_the_diff_as_it_is():
    (shown,) = [block.text for block in blocks("CONTRIBUTING.md") if block.language == "diff"]
    assert shown == PATCH.read_text().rstrip("\n")


@pytest.mark.row("DX1")
def test_by_the_library_and_in_a_batch(changed: Path):
    assert run_program(BY_LIBRARY, changed, PYTHONPATH=str(changed)) == "by the library and in a batch\n"


@pytest.mark.row("RT2", "DX2")
async def test_by_http_by_websocket_and_in_the_description(changed: Path, tmp_path: Path):
    with serving(tmp_path, PYTHONPATH=changed) as server:
        token, message_id = await somebody_with_a_message(server)
        async with server.http(token) as http:
            answer = await http.put(f"/api/messages/{message_id}/pin", json={})
            assert answer.status_code == 200, answer.text
            assert answer.json()["pinned_at"] is not None
            described = (await http.get("/openapi.json")).json()
            assert described["paths"]["/api/messages/{message_id}/pin"]["put"]["operationId"] == "pin_message"
            item = {"name": "pin_message", "data": {"message_id": message_id, "pinned": False}}
            batch = (await http.post("/api/batch", json={"mode": "each", "commands": [item]})).json()
            assert batch["results"][0]["data"]["pinned_at"] is None
        async with server.socket(token) as socket:
            assert json.loads(await socket.recv())["type"] == "welcome"
            frame = {"type": "command", "id": "1", "name": "pin_message", "data": {"message_id": message_id}}
            await socket.send(json.dumps(frame))
            result = json.loads(await socket.recv())
            assert result["type"] == "result", result
            assert result["data"]["pinned_at"] is not None


async def somebody_with_a_message(server: Server) -> tuple[str, str]:
    account = {"username": "ada", "email": "ada@example.org", "password": "correct horse"}
    async with server.http() as http:
        token = (await http.post("/api/signup", json=account)).json()["access_token"]
    async with server.http(token) as http:
        room = (await http.post("/api/rooms", json={"kind": "private_channel", "name": "notes"})).json()
        sent = await http.post(f"/api/rooms/{room['id']}/messages", json={"content": "Do not lose this."})
        return token, sent.json()["id"]
