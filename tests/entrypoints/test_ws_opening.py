"""Opening a socket, staying on it, and being let go, against a real server with the `websockets` client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import websockets

from ..engines import Databases
from ..server import Server, serving
from .people import Person, sign_up
from .wire import Refused, Wire, wire


@pytest.fixture(scope="module")
def ann(server: Server) -> Person:
    return sign_up(server)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    """A server with short times and small numbers."""
    short = {
        "heartbeat_seconds": 0.3,
        "heartbeat_timeout_seconds": 0.4,
        "first_frame_seconds": 0.5,
        "connections_per_user": 2,
        "connections_per_address": 6,
        "cors_origins": "https://chat.example.org",
        "frame_bytes": 2000,
    }
    with databases() as url, serving(tmp_path_factory.mktemp("hasty"), url, **short) as running:
        yield running


@pytest.fixture
async def stranger(server: Server) -> AsyncIterator[Wire]:
    async with wire(server) as one:
        yield one


@pytest.mark.row("RT1")
async def test_a_socket_is_welcomed_however_the_token_comes(server: Server, ann: Person) -> None:
    ticket = ann.done("POST", "/api/ws-ticket")["ticket"]
    ways: list[dict[str, Any]] = [
        {"token": ann.token},
        {"query": {"token": ann.token}},
        {"query": {"ticket": ticket}},
        {"subprotocols": ["parlour.v1", f"bearer.{ann.token}"]},
    ]
    for way in ways:
        async with wire(server, **way) as one:
            said = one.welcome
            assert (said["user_id"], said["protocol"], said["heartbeat"]) == (ann.id, 1, 25.0)
            assert said["limits"]["frame_bytes"] == 65_536
            assert said["modules"] == []
            assert one.ws.subprotocol == ("parlour.v1" if "subprotocols" in way else None)
            assert (await one.query("get_me"))["id"] == ann.id


@pytest.mark.row("RT1")
async def test_a_ticket_opens_one_socket(server: Server, ann: Person) -> None:
    ticket = ann.done("POST", "/api/ws-ticket")["ticket"]
    async with wire(server, query={"ticket": ticket}):
        pass
    async with server.socket(query={"ticket": ticket}) as ws:
        one = Wire(ws)
        assert (await one.until({"type": "error"}))["error"]["code"] == "invalid_ticket"
        assert await one.closed() == 4401


@pytest.mark.row("RT1")
async def test_who_one_is_can_be_said_in_the_first_frame(stranger: Wire, ann: Person) -> None:
    await stranger.send(type="authenticate", token=ann.token)
    assert (await stranger.until({"type": "welcome"}))["user_id"] == ann.id
    assert (await stranger.ask("authenticate", token=ann.again().token))["data"] == {"ok": True}


async def test_a_wrong_token_is_told_and_closed(server: Server, stranger: Wire) -> None:
    async with server.socket("nonsense") as ws:
        one = Wire(ws)
        assert (await one.until({"type": "error"}))["error"]["code"] == "invalid_token"
        assert await one.closed() == 4401
    await stranger.send(type="authenticate", token="nonsense")
    assert await stranger.closed() == 4401


async def test_a_socket_is_renewed_by_its_owner_alone(server: Server, ann: Person) -> None:
    ben = sign_up(server)
    async with wire(server, ann.token) as one:
        with pytest.raises(Refused) as refused:
            await one.ask("authenticate", token=ben.token)
        assert refused.value.code == "another_user"
        assert await one.closed() == 4403


async def test_nothing_comes_before_saying_who_one_is(stranger: Wire) -> None:
    with pytest.raises(Refused) as refused:
        await stranger.query("get_me")
    assert refused.value.code == "unauthenticated"
    assert await stranger.closed() == 4401


@pytest.mark.row("RT5")
async def test_who_says_nothing_is_let_go(hasty: Server) -> None:
    async with wire(hasty) as one:
        assert await one.closed() == 4401


@pytest.mark.row("RT5")
async def test_who_does_not_answer_heartbeats_is_let_go_and_who_does_stays(hasty: Server) -> None:
    ann = sign_up(hasty)
    async with wire(hasty, ann.token, silent=True) as dumb, wire(hasty, ann.token) as alive:
        await alive.follow(f"user:{ann.id}")
        both = await asyncio.gather(dumb.closed(), alive.until({"type": "ping"}))
        assert both[0] == 4408
        beats = [await alive.until({"type": "ping"}) for _ in range(3)]
        assert all(f"user:{ann.id}" in beat["heads"] for beat in beats)
        assert (await alive.query("get_me"))["id"] == ann.id


@pytest.mark.row("ID2")
async def test_an_expired_token_closes_unless_it_is_renewed(make_server: Callable[..., Server]) -> None:
    server = make_server(access_token_seconds=4)
    ann = sign_up(server)
    async with wire(server, ann.token) as idle, wire(server, ann.token) as renewed:
        await asyncio.sleep(2.1)  # what is tested is time: the new token is to be good for longer than the old one
        answer = httpx.post(f"{server.base}/api/refresh", json={"refresh_token": ann.refresh})
        await renewed.ask("authenticate", token=answer.json()["access_token"])
        assert await idle.closed(8) == 4401
        assert (await renewed.query("get_me"))["id"] == ann.id


@pytest.mark.row("RT1")
async def test_another_sites_page_cannot_open_a_socket(hasty: Server) -> None:
    ann = sign_up(hasty)
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with hasty.socket(ann.token, headers={"Origin": "https://evil.example.org"}):
            pass
    assert refused.value.response.status_code == 403
    for origin in ("https://chat.example.org", hasty.base):
        async with wire(hasty, ann.token, headers={"Origin": origin}) as one:
            assert one.welcome["user_id"] == ann.id


@pytest.mark.row("RT5")
async def test_one_user_and_one_address_have_so_many_sockets(hasty: Server) -> None:
    ann = sign_up(hasty)
    async with wire(hasty, ann.token), wire(hasty, ann.token) as second, hasty.socket(ann.token) as ws:
        third = Wire(ws)
        assert (await third.until({"type": "error"}))["error"]["code"] == "too_many_connections"
        assert await third.closed() == 4429
        assert (await second.query("get_me"))["id"] == ann.id
    async with AsyncExitStack() as stack:
        people = [sign_up(hasty) for _ in range(6)]
        for person in people:
            await stack.enter_async_context(wire(hasty, person.token))
        async with hasty.socket(ann.token) as ws:
            assert await Wire(ws).closed() == 4429


@pytest.mark.row("RT5")
async def test_frames_that_are_too_large_or_none_close(hasty: Server) -> None:
    ann = sign_up(hasty)
    for bad, code in (("x" * 3000, 4413), ("é" * 1500, 4413), ("x" * 90_000, 4413), (b"\x00\x01", 4400), ("{", 4400)):
        async with wire(hasty, ann.token) as one:
            await one.ws.send(bad)
            closed = await one.closed()
            assert closed == code or (len(bad) > 32_000 and closed == 1009), (bad[:3], closed)
