"""What administrators of the instance see of open sockets, and send to them, by HTTP and on the command line."""

import asyncio
import json
from typing import Any

import pytest

from ..engines import on_sqlite
from ..server import Server
from .people import Person, sign_up, team
from .stream import stream
from .wire import Wire, wire

pytestmark = pytest.mark.row("RT6")

NEWS: dict[str, Any] = {"type": "maintenance", "data": {"minutes": 5, "é": ["🏖️", None]}}


@pytest.fixture
def root(server: Server) -> Person:
    root = sign_up(server)
    server.command("admin", "grant", root.username)
    return root


def names_online(root: Person) -> dict[str, int]:
    return {one["username"]: one["connections"] for one in root.done("GET", "/ws/online")}


async def silent(one: Wire) -> bool:
    """Whether nothing of the news came before an answer that was asked for afterwards."""
    await one.query("get_config")
    return not [f for f in one.waiting if f["type"] == NEWS["type"]]


async def test_who_is_online(server: Server, root: Person) -> None:
    ann, ben = sign_up(server), sign_up(server)
    async with wire(server, ann.token), wire(server, ann.again().token), wire(server, ben.token):
        here = names_online(root)
        assert (here[ann.username], here[ben.username]) == (2, 1)
        (one,) = [o for o in root.done("GET", "/ws/online") if o["user_id"] == ann.id]
        assert set(one) == {"user_id", "username", "state", "connections", "connected_at", "last_seen_at"}
        assert one["connected_at"] <= one["last_seen_at"]
    async with asyncio.timeout(5):
        while {ann.username, ben.username} & set(names_online(root)):
            await asyncio.sleep(0.02)


async def test_streams_are_connections_like_sockets(server: Server, root: Person) -> None:
    ann = sign_up(server)
    async with stream(server, ann.token, f"user:{ann.id}") as s:
        assert names_online(root)[ann.username] == 1
        async with wire(server, ann.token):
            assert names_online(root)[ann.username] == 2
        before = root.done("GET", "/ws/stats")
        assert root.done("POST", "/ws/send", {**NEWS, "user_id": ann.id})["delivered"] >= 1
        assert await s.until({"type": "maintenance"}) == NEWS
        assert root.done("GET", "/ws/stats")["frames_out"] > before["frames_out"]
        assert root.done("POST", "/ws/cleanup") == {"closed": 0}
    async with asyncio.timeout(5):
        while ann.username in names_online(root):
            await asyncio.sleep(0.02)


async def test_a_frame_to_one_to_a_workspace_and_to_all(server: Server, root: Person) -> None:
    ann, ben, eve = sign_up(server), sign_up(server), sign_up(server)
    w = team(ann, ben)
    async with wire(server, ann.token) as a, wire(server, ben.token) as b, wire(server, eve.token) as e:
        assert root.done("POST", "/ws/send", {**NEWS, "user_id": ann.id}) == {"delivered": 1}
        assert await a.until({"type": "maintenance"}) == NEWS
        assert await silent(b)
        assert await silent(e)
        assert root.done("POST", "/ws/broadcast", {**NEWS, "workspace_id": w}) == {"delivered": 2}
        for one in (a, b):
            assert await one.until({"type": "maintenance"}) == NEWS
        assert await silent(e)
        assert root.done("POST", "/ws/broadcast", NEWS)["delivered"] >= 3
        for one in (a, b, e):
            assert await one.until({"type": "maintenance"}) == NEWS
    async with asyncio.timeout(5):  # until the server has seen that they are gone
        while root.done("POST", "/ws/send", {**NEWS, "user_id": ann.id}) != {"delivered": 0}:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "kind", ["text", "welcome", "unsubscribed", "closed", "session_ended", "Capital", "", "x" * 65]
)
def test_a_frame_is_not_taken_for_one_of_the_protocol(root: Person, kind: str) -> None:
    answer = root.ask("POST", "/ws/broadcast", {"type": kind, "data": {}})
    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, ["/type"])


def test_a_frame_is_not_too_large(root: Person) -> None:
    answer = root.ask("POST", "/ws/broadcast", {"type": "much", "data": {"x": "x" * 70_000}})
    assert answer.status_code == 413


async def test_the_statistics_count(server: Server, root: Person) -> None:
    ann = sign_up(server)
    async with wire(server, ann.token) as a:
        before = root.done("GET", "/ws/stats")
        for _ in range(10):
            await a.query("get_config")
        after = root.done("GET", "/ws/stats")
    assert set(after) == {
        "connections", "users", "rooms", "frames_in", "frames_out", "frames_dropped", "bytes_in", "bytes_out", "messages",
        "memory", "uptime",
    }  # fmt: skip
    assert after["frames_in"] - before["frames_in"] >= 10
    assert after["frames_out"] - before["frames_out"] >= 10
    assert after["bytes_out"] > before["bytes_out"]
    assert after["connections"] >= 1
    assert after["memory"] > 1_000_000
    assert after["uptime"] >= before["uptime"] > 0


async def test_cleaning_up_leaves_those_who_may_be_here(server: Server, root: Person) -> None:
    ann = sign_up(server)
    async with wire(server, ann.token) as a:
        assert root.done("POST", "/ws/cleanup") == {"closed": 0}
        assert (await a.query("get_me"))["id"] == ann.id


def test_nobody_else_may(server: Server) -> None:
    ann = sign_up(server)
    for method, path in (("GET", "online"), ("GET", "stats"), ("POST", "cleanup")):
        assert ann.ask(method, f"/ws/{path}").json()["code"] == "not_an_administrator"
    assert ann.ask("POST", "/ws/broadcast", NEWS).json()["code"] == "not_an_administrator"
    assert ann.ask("POST", "/ws/send", {**NEWS, "user_id": ann.id}).json()["code"] == "not_an_administrator"


@on_sqlite
async def test_the_same_on_the_command_line(server: Server) -> None:
    ann = sign_up(server)

    async def said(*words: str) -> str:
        done = await asyncio.to_thread(server.command, "ws", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async with wire(server, ann.token) as a:
        async with stream(server, ann.token, f"user:{ann.id}"):
            assert f"{ann.username}  2  " in await said("online"), "a socket and a stream"
        async with asyncio.timeout(10):
            while f"{ann.username}  1  " not in await said("online"):
                pass
        assert "frames_out" in await said("stats")
        assert await said("send", ann.username, "maintenance", json.dumps(NEWS["data"])) == "shown to 1 sockets\n"
        assert await a.until({"type": "maintenance"}) == NEWS
        assert "sockets" in await said("broadcast", "maintenance")
        assert await a.until({"type": "maintenance"}) == {"type": "maintenance", "data": {}}
        assert await said("cleanup") == "closed 0 sockets\n"
        wrong = await asyncio.to_thread(server.command, "ws", "broadcast", "maintenance", "[1]")
        assert (wrong.returncode, "no JSON object" in wrong.stderr) == (64, True)


@on_sqlite
def test_a_command_line_without_a_server_says_so(engine: str, tmp_path: Any) -> None:
    alone = Server(tmp_path / "alone")
    assert alone.command("migrate").returncode == 0
    done = alone.command("ws", "online")
    assert (done.returncode != 0, "serves no sockets" in done.stderr) == (True, True)
