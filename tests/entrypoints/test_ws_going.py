"""Rights that end, readers that do not read, servers that stop: what a socket sees of it, against a real server."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable

import pytest
import websockets
from websockets.asyncio.client import connect

from ..server import Server
from .losses import banned, kicked, left, locked, out_of_the_workspace, room_deleted, workspace_deleted
from .people import PASSWORD, Person, channel, sign_up, team
from .wire import Refused, Wire, wire

Room = tuple[Person, Person, str, str]
SOON = 1.0  # seconds after a revocation was acknowledged, as promised by G6


@pytest.fixture
def room(server: Server) -> Room:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


def end_by_sign_out(ann: Person, ben: Person, root: Person) -> None:
    ben.done("POST", "/api/logout")


def end_from_elsewhere(ann: Person, ben: Person, root: Person) -> None:
    other = ben.again()
    other.done("DELETE", f"/api/sessions/{ben.session_id}")


def end_by_password(ann: Person, ben: Person, root: Person) -> None:
    other = ben.again()
    other.done("PUT", "/api/auth/password", {"current_password": PASSWORD, "new_password": "another horse"})


def end_by_suspension(ann: Person, ben: Person, root: Person) -> None:
    root.done("POST", f"/api/admin/users/{ben.id}/suspend")


def end_by_administrator(ann: Person, ben: Person, root: Person) -> None:
    root.done("DELETE", f"/api/admin/sessions/{ben.session_id}")


@pytest.mark.row("RT5", "ID5")
@pytest.mark.parametrize(
    "end", [end_by_sign_out, end_from_elsewhere, end_by_password, end_by_suspension, end_by_administrator]
)
async def test_a_session_that_ends_closes_its_sockets(
    server: Server, room: Room, end: Callable[[Person, Person, Person], None]
) -> None:
    ann, ben, _, r = room
    root = sign_up(server)
    server.command("admin", "grant", root.username)
    async with wire(server, ben.token) as socket_of_it, wire(server, ann.token) as other:
        await socket_of_it.follow(f"room:{r}")
        end(ann, ben, root)
        assert await socket_of_it.closed(SOON) == 4401
        ann.done("POST", f"/api/rooms/{r}/messages", {"content": "not for ben"})
        assert [f for f in socket_of_it.waiting if f["type"] == "text"] == []
        assert (await other.query("get_me"))["id"] == ann.id, "the control: others stay"


async def test_signing_out_on_the_socket_itself_is_answered_first(server: Server) -> None:
    async with wire(server, sign_up(server).token) as one:
        assert await one.command("sign_out") == {"ok": True}
        assert await one.closed(SOON) == 4401


@pytest.mark.row("RT5", "RM4")
@pytest.mark.parametrize("lose", [banned, kicked, left, room_deleted, out_of_the_workspace, workspace_deleted])
async def test_a_right_that_ends_ends_the_subscription(
    server: Server, room: Room, lose: Callable[[Person, Person, str, str], None]
) -> None:
    ann, ben, w, r = room
    async with wire(server, ben.token) as b, wire(server, ann.token) as a:
        for one in (a, b):
            await one.follow(f"room:{r}")
        lose(ann, ben, w, r)
        ended = await b.until({"type": "unsubscribed", "topic": f"room:{r}"}, SOON)
        assert ended["reason"]
        with pytest.raises(Refused) as refused:
            await b.follow(f"room:{r}")
        assert refused.value.code == "not_found"
        with pytest.raises(Refused) as refused:
            await b.ask("text", room_id=r, content="to a room left a moment ago")
        assert refused.value.code == "not_found"
        if lose in {banned, kicked, left, out_of_the_workspace}:
            await a.ask("text", room_id=r, content="without ben")
            assert (await a.until({"type": "text"}))["data"]["content"] == "without ben", "the control"
        await b.query("get_config")
        assert [f for f in b.waiting if f["type"] == "text"] == []


@pytest.mark.row("RT5", "RM2", "RM4")
@pytest.mark.parametrize("lose, reason", [(banned, "banned"), (locked, "password_required")])
async def test_who_follows_a_channel_from_outside_is_let_go_and_told_why(
    server: Server, lose: Callable[[Person, Person, str, str], None], reason: str
) -> None:
    ann, ben, cyd = (sign_up(server) for _ in range(3))
    w = team(ann, ben, cyd)
    r = channel(ann, w, cyd, kind="public_channel")
    async with wire(server, ben.token) as b, wire(server, cyd.token) as c:
        for one in (b, c):
            await one.follow(f"room:{r}")
        lose(ann, ben, w, r)
        ended = await b.until({"type": "unsubscribed", "topic": f"room:{r}"}, SOON)
        assert ended["reason"] == reason
        with pytest.raises(Refused) as refused:
            await b.follow(f"room:{r}")
        assert refused.value.code == reason
        ann.done("POST", f"/api/rooms/{r}/messages", {"content": "without ben"})
        assert (await c.until({"type": "text"}))["data"]["content"] == "without ben", "the control: a member stays"
        await b.query("get_config")
        assert [f for f in b.waiting if f["type"] == "text"] == []


@pytest.mark.row("RT5")
async def test_a_reader_that_does_not_read_is_cut_off_and_resumes(make_server: Callable[..., Server]) -> None:
    server = make_server(outbound_bytes=65_536, send_seconds=0.5)
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    r = channel(ann, w, ben)
    async with _small_window(server, ben.token) as ws, wire(server, ann.token) as a:
        stalled = Wire(ws)
        await stalled.until({"type": "welcome"})
        at = await stalled.follow(f"room:{r}")
        last = 0
        for n in range(600):  # 5 MB and more, which nobody reads
            last = (await a.ask("text", room_id=r, content=f"{n} " + "x" * 9000))["data"]["offset"]
        with contextlib.suppress(websockets.ConnectionClosed, TimeoutError):
            while True:
                await stalled.read(2)
        assert ws.close_code in {4409, 1006}, "closed as too slow, or cut off where even that could not be sent"
    async with wire(server, ben.token) as again:
        said = await again.follow(f"room:{r}", epoch=at["epoch"], offset=at["offset"], last_id=at["last_id"])
        assert said["recovered"] is True
        offsets = [(await again.until({"type": "text"}))["offset"] for _ in range(600)]
        assert offsets == list(range(at["offset"] + 1, last + 1))


@pytest.mark.row("RT5")
async def test_a_slow_reader_is_told_with_4409(make_server: Callable[..., Server]) -> None:
    server = make_server(outbound_bytes=20_000)
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    async with wire(server, ben.token) as b:
        await b.follow(f"room:{r}")
        text = {"name": "send_message", "data": {"room_id": r, "content": "x" * 9000}}
        ann.done("POST", "/api/batch", {"mode": "all", "commands": [text] * 30})  # more at once than may wait
        assert await b.closed() == 4409


@pytest.mark.row("RT5")
async def test_a_server_that_stops_answers_what_it_began_and_tells_everybody_to_come_back(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    acknowledged: list[str] = []
    async with wire(server, ben.token) as b, wire(server, ann.token) as a:
        at = await b.follow(f"room:{r}")
        sending = asyncio.create_task(_send_on(a, r, acknowledged))
        while len(acknowledged) < 20:
            await asyncio.sleep(0)
        began = time.monotonic()
        server.tell()
        assert await b.closed(10) == 1001
        assert "come back in" in (b.ws.close_reason or "")
        await sending
        assert a.ws.close_code == 1001
        assert await asyncio.to_thread(server.wait, 10) == 0
        assert time.monotonic() - began < 10
    server.start()
    async with wire(server, ben.token) as b:
        await b.follow(f"room:{r}", epoch=at["epoch"], offset=at["offset"], last_id=at["last_id"])
        there = [(await b.until({"type": "text"}))["data"]["content"] for _ in acknowledged]
        assert there == acknowledged, "what was acknowledged is there, once and in order"


async def _send_on(one: Wire, room: str, acknowledged: list[str]) -> None:
    """Send and send until the server lets go; what was acknowledged is noted."""
    with contextlib.suppress(websockets.ConnectionClosed):
        for n in range(100_000):
            await one.ws.send(json.dumps({"type": "text", "id": f"{n}", "room_id": room, "content": f"m{n}"}))
            await one.until({"id": f"{n}", "type": "result"}, 10)
            acknowledged.append(f"m{n}")


@pytest.mark.row("RT5")
async def test_a_stalled_reader_costs_no_memory(make_server: Callable[..., Server]) -> None:
    """Beside a server that keeps everything for it: the negative control."""
    bounded = await _growth(make_server(outbound_bytes=65_536, send_seconds=0.5))
    unbounded = await _growth(make_server(outbound_bytes=10**9, send_seconds=600))
    assert unbounded - bounded > 8_000_000, (bounded, unbounded)


async def _growth(server: Server, frames: int = 400) -> int:
    """By how many bytes a server grows while 16 MB are said to somebody who does not read."""
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    async with _small_window(server, ben.token) as ws, wire(server, ann.token) as a:
        stalled = Wire(ws)
        await stalled.until({"type": "welcome"})
        await stalled.follow(f"room:{r}")
        before = server.memory()
        for _ in range(frames):
            await a.ask("text", room_id=r, content="🌴" * 10_000)
        grown = server.memory() - before
        ws.transport.abort()
    return grown


def _small_window(server: Server, token: str) -> connect:
    """A connection that takes little before it is read."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", server.port))
    return server.socket(token, sock=sock, max_queue=1)
