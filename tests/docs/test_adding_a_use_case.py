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

BY_LIBRARY = r"""
import asyncio
import sys
from pathlib import Path

import parlour
from parlour.application.workspaces.icon import SetIcon
from parlour.testing.asking import Ask
from parlour.testing.folds import WorkspaceFold

assert Path(parlour.__file__).is_relative_to(Path.cwd()), parlour.__file__


async def main() -> None:
    async with parlour.open() as chat:
        ada, eve = (chat.actor(parlour.host_id(name)) for name in ("ada", "eve"))
        ben = chat.actor((await chat.execute(parlour.SignUp("ben", "ben@example.org", "correct horse"), parlour.Actor())).user.id)
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        await chat.execute(parlour.AddWorkspaceMember(team.id, ben.known), ada)
        fold = await WorkspaceFold.load(Ask(chat.execute, ben), team.id)

        palm = await chat.execute(SetIcon(team.id, "\N{PALM TREE}"), ada)
        assert palm.icon == "\N{PALM TREE}" and palm.icon_at is not None
        assert await chat.execute(SetIcon(team.id, "\N{PALM TREE}"), ada) == palm, "setting it twice changes nothing"
        item = parlour.BatchItem("set_icon", {"workspace_id": str(team.id), "icon": None})
        (result,) = (await chat.execute(parlour.Batch("all", [item]), ada)).results
        assert (result.data.icon, result.data.icon_at) == (None, None)
        await chat.execute(SetIcon(team.id, "\N{PALM TREE}"), ada)
        for actor, icon, code in ((eve, "\N{ROCKET}", "not_found"), (ben, "\N{ROCKET}", "role_lacks_permission"), (ada, "x", "invalid")):
            try:
                await chat.execute(SetIcon(team.id, icon), actor)
            except parlour.DomainError as error:
                assert error.code == code, error.code
            else:
                raise AssertionError(f"{icon} was set, where it should have been {code}")

        tags = []
        async for live in chat.events(f"workspace:{team.id}", after=fold.position, actor=ben):
            tags.append(live.event.tag)
            fold.apply(live.position.offset, live.event)
            if len(tags) == 3:
                break
        assert tags == ["workspace_icon_set"] * 3, tags
        assert fold.shown() == (await WorkspaceFold.load(Ask(chat.execute, ben), team.id)).shown()
        listed = {w.id: w.icon for w in (await chat.execute(parlour.ListWorkspaces(), ben)).items}
        assert listed[team.id] == "\N{PALM TREE}"


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
        token, workspace_id = await somebody_with_a_workspace(server)
        async with server.http(token) as http:
            answer = await http.put(f"/api/workspaces/{workspace_id}/icon", json={"icon": "\N{PALM TREE}"})
            assert answer.status_code == 200, answer.text
            assert answer.json()["icon"] == "\N{PALM TREE}"
            described = (await http.get("/openapi.json")).json()
            assert described["paths"]["/api/workspaces/{workspace_id}/icon"]["put"]["operationId"] == "set_icon"
            item = {"name": "set_icon", "data": {"workspace_id": workspace_id, "icon": None}}
            batch = (await http.post("/api/batch", json={"mode": "each", "commands": [item]})).json()
            assert batch["results"][0]["data"]["icon"] is None
        async with server.socket(token) as socket:
            assert json.loads(await socket.recv())["type"] == "welcome"
            data = {"workspace_id": workspace_id, "icon": "\N{ROCKET}"}
            await socket.send(json.dumps({"type": "command", "id": "1", "name": "set_icon", "data": data}))
            result = json.loads(await socket.recv())
            assert result["type"] == "result", result
            assert result["data"]["icon"] == "\N{ROCKET}"


async def somebody_with_a_workspace(server: Server) -> tuple[str, str]:
    account = {"username": "ada", "email": "ada@example.org", "password": "correct horse"}
    async with server.http() as http:
        token = (await http.post("/api/signup", json=account)).json()["access_token"]
    async with server.http(token) as http:
        return token, (await http.post("/api/workspaces", json={"name": "Team"})).json()["id"]
