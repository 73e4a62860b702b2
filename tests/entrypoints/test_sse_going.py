"""Rights that end, readers that do not read, servers that stop: what a stream of server-sent events sees of it."""

import asyncio
import sys
import time
from collections.abc import Callable

import httpx
import pytest

from parlour.entrypoints.realtime import event_stream

from .. import server as servers
from ..server import Server
from .losses import banned, kicked, left, locked, out_of_the_workspace, room_deleted, workspace_deleted
from .people import Person, channel, sign_up, team
from .stream import stream
from .test_sse import Room, check_resuming, contents, room, say
from .test_ws_going import (
    SOON,
    end_by_administrator,
    end_by_password,
    end_by_sign_out,
    end_by_suspension,
    end_from_elsewhere,
)  # fmt: skip
from .wire import wire

pytestmark = pytest.mark.row("RT7")
Lose = Callable[[Person, Person, str, str], None]
__all__ = ["room"]


@pytest.mark.row("ID5")
@pytest.mark.parametrize(
    "end", [end_by_sign_out, end_from_elsewhere, end_by_password, end_by_suspension, end_by_administrator]
)
async def test_a_session_that_ends_ends_its_streams(
    server: Server, room: Room, end: Callable[[Person, Person, Person], None]
) -> None:
    ann, ben, _, r = room
    root = sign_up(server)
    server.command("admin", "grant", root.username)
    async with stream(server, ben.token, f"room:{r}") as one, stream(server, ann.token, f"room:{r}") as other:
        await one.until({"type": "subscribed"})
        end(ann, ben, root)
        last = await one.closed(SOON)
        assert (last["type"], last["code"]) == ("closed", 4401)
        say(ann, r, "not for ben")
        assert await contents(other, 1) == ["not for ben"], "the control: others stay"
        assert [f for f in one.waiting if f["type"] == "text"] == []


@pytest.mark.row("RM4")
@pytest.mark.parametrize("lose", [banned, kicked, left, room_deleted, out_of_the_workspace, workspace_deleted])
async def test_a_right_that_ends_ends_the_topic_while_the_room_is_busy(server: Server, room: Room, lose: Lose) -> None:
    await check_losing(server, room, lose)


async def check_losing(server: Server, room: Room, lose: Lose) -> None:
    ann, ben, w, r = room
    topics = (f"room:{r}", f"user:{ben.id}")
    async with stream(server, ben.token, *topics) as one, stream(server, ben.token, topics[0]) as alone:
        for each in (one, alone):
            await each.until({"type": "subscribed", "topic": topics[0]})
        lose(ann, ben, w, r)
        acknowledged = time.monotonic()
        still = lose in {banned, kicked, left, out_of_the_workspace}
        if still:
            say(ann, r, *"busy")  # may be shown for as long as the right is not looked at again
        assert (await one.until({"type": "unsubscribed", "topic": topics[0]}, SOON))["reason"]
        last = await alone.closed(SOON)
        assert (last["type"], last["code"]) == ("closed", 4403)
        assert time.monotonic() - acknowledged < SOON
        if still:
            say(ann, r, "too late")
        ben.done("PATCH", "/api/auth/me", {"name": "Ben"})
        await one.until({"type": "profile_updated"})
        for each in (one, alone):
            assert "too late" not in [f["data"].get("content") for f in each.waiting if f["type"] == "text"]


@pytest.mark.row("RM2", "RM4")
@pytest.mark.parametrize("lose, reason", [(banned, "banned"), (locked, "password_required")])
async def test_who_follows_a_channel_from_outside_is_let_go_and_told_why(
    server: Server, lose: Lose, reason: str
) -> None:
    ann, ben, cyd = (sign_up(server) for _ in range(3))
    w = team(ann, ben, cyd)
    r = channel(ann, w, cyd, kind="public_channel")
    topics = (f"room:{r}", f"user:{ben.id}")
    async with stream(server, ben.token, *topics) as one, stream(server, cyd.token, topics[0]) as other:
        for each in (one, other):
            await each.until({"type": "subscribed", "topic": topics[0]})
        lose(ann, ben, w, r)
        assert (await one.until({"type": "unsubscribed", "topic": topics[0]}, SOON))["reason"] == reason
        say(ann, r, "without ben")
        assert await contents(other, 1) == ["without ben"], "the control: a member stays"
        ben.done("PATCH", "/api/auth/me", {"name": "Ben"})
        await one.until({"type": "profile_updated"})
        assert [f for f in one.waiting if f["type"] == "text"] == []


@pytest.mark.parametrize("fault", ["never_look_again", "resume_too_late"])
async def test_a_planted_fault_is_seen(
    fault: str, make_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative controls: rights that are never looked at again, and a resume that misses an event."""
    monkeypatch.setattr(servers, "COMMAND", (sys.executable, "-m", "tests.faults.sabotage_live", fault))
    server = make_server()
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    room = ann, ben, w, channel(ann, w, ben)
    with pytest.raises(TimeoutError):
        await (check_losing(server, room, kicked) if fault == "never_look_again" else check_resuming(server, room))


async def test_a_token_that_expires_ends_it(make_server: Callable[..., Server]) -> None:
    server = make_server(access_token_seconds=1)
    ben = sign_up(server)
    async with stream(server, ben.token, f"user:{ben.id}") as one:
        last = await one.closed()
    assert (last["code"], last["reason"]) == (4401, "token_expired")


async def test_a_reader_that_does_not_read_is_cut_off_and_resumes(make_server: Callable[..., Server]) -> None:
    bounded = await _growth(make_server(outbound_bytes=65_536, send_seconds=0.5), cut=True)
    unbounded = await _growth(make_server(outbound_bytes=10**9, send_seconds=600), cut=False)
    assert unbounded - bounded > 8_000_000, "the control keeps everything for whoever does not read"


async def _growth(server: Server, *, cut: bool) -> int:
    """By how many bytes a server grows while 16 MB are said to somebody who does not read."""
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=4096)
    head = f"GET /events?topic=room:{r} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ben.token}\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(b'"subscribed"')
    async with wire(server, ann.token) as a:
        before = server.memory()
        for _ in range(400):
            await a.ask("text", room_id=r, content="🌴" * 10_000)
        grown = server.memory() - before
        if cut:
            async with asyncio.timeout(5):
                while httpx.get(f"{server.base}/health").json()["connections"] > 1:
                    await asyncio.sleep(0.02)
    writer.transport.abort()
    return grown


async def test_a_server_that_stops_tells_when_to_come_back(make_server: Callable[..., Server]) -> None:
    server = make_server()
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    async with stream(server, ben.token, f"room:{r}") as one:
        await one.until({"type": "subscribed"})
        say(ann, r, "before")
        await contents(one, 1)
        assert one.retry == event_stream.AGAIN * 1000
        server.tell()
        last = await one.closed(10)
        assert (last["type"], last["code"]) == ("closed", 1001)
        assert one.retry is not None
        assert 0 <= one.retry <= 10_000
        assert await asyncio.to_thread(server.wait, 10) == 0
        there = one.last_id
    server.start()
    say(ann, r, "after")
    async with stream(server, ben.token, f"room:{r}", last=there) as one:
        assert await contents(one, 1) == ["after"]
