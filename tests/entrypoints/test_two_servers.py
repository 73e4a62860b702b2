"""Two servers on one PostgreSQL, with nothing else between them, are as right as one (G2, G3, G4, G6)."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from ..server import Server
from .losses import banned, kicked, left, out_of_the_workspace, room_deleted, workspace_deleted
from .people import PASSWORD, Person, channel, sign_up, team
from .stream import stream
from .wire import Refused, Wire, wire

pytestmark = pytest.mark.postgres

SOON = 1.0
"""Seconds within which every server knows of a right that was lost, once that was acknowledged."""
SECRET = "one secret for the servers of one store"

Pair = tuple[Server, Server]


@pytest.fixture
def pair(postgres_url: str, tmp_path: Path) -> Iterator[Pair]:
    settings = {"database_url": postgres_url, "jwt_secret": SECRET}
    one, two = Server(tmp_path / "one", **settings), Server(tmp_path / "two", **settings)
    try:
        yield one.start(), two.start()
    finally:
        one.kill()
        two.kill()


@pytest.mark.row("RT4", "MS3")
async def test_what_is_said_on_either_is_seen_on_both_once_and_in_order(pair: Pair) -> None:
    one, two = pair
    ann = sign_up(one)
    room = channel(ann, team(ann))
    async with wire(one, ann.token) as a, wire(two, ann.token) as b:
        for each in (a, b):
            await each.follow(f"room:{room}")
        await asyncio.gather(_say_all(a, room, "a", 50), _say_all(b, room, "b", 50))
        seen = [[(f["offset"], f["data"]["content"]) for f in await _texts(w, 100)] for w in (a, b)]
    assert seen[0] == seen[1]
    assert sorted(content for _, content in seen[0]) == sorted(f"{name}{n}" for n in range(50) for name in "ab")
    offsets = [offset for offset, _ in seen[0]]
    assert offsets == list(range(offsets[0], offsets[0] + 100))


async def test_an_event_crosses_within_a_second(pair: Pair) -> None:
    one, two = pair
    ann = sign_up(one)
    room = channel(ann, team(ann))
    async with wire(one, ann.token) as a, wire(two, ann.token) as b:
        await b.follow(f"room:{room}")
        for n in range(5):
            await _say(a, room, f"{n}")
            assert (await b.until({"type": "text"}, SOON))["data"]["content"] == f"{n}"


@pytest.mark.row("MS2")
async def test_a_key_sent_to_both_at_once_gives_one_message(pair: Pair) -> None:
    ann = sign_up(pair[0])
    room = channel(ann, team(ann))
    clients = [httpx.AsyncClient(base_url=s.base, headers={"Authorization": f"Bearer {ann.token}"}) for s in pair]
    async with clients[0], clients[1]:
        for n in range(10):
            path, header = f"/api/rooms/{room}/messages", {"Idempotency-Key": f"key {n}"}
            asked = [c.post(path, json={"content": f"{n}"}, headers=header) for c in clients * 5]
            answers = await asyncio.gather(*asked)
            assert {a.status_code for a in answers} <= {200, 201}
            assert len({(a.json()["id"], a.json()["offset"]) for a in answers}) == 1
    history = ann.done("GET", f"/api/rooms/{room}/messages")["items"]
    assert [m["content"] for m in history] == [f"{n}" for n in range(10)]


def signed_out(ann: Person, ben: Person, w: str, r: str) -> None:
    ben.done("POST", "/api/logout")


def new_password(ann: Person, ben: Person, w: str, r: str) -> None:
    body = {"current_password": PASSWORD, "new_password": "another horse, another battery"}
    ben.again().done("PUT", "/api/auth/password", body)


def suspended(ann: Person, ben: Person, w: str, r: str) -> None:
    assert ann.server.command("admin", "suspend", ben.username).returncode == 0


ENDS_THE_SESSION = (signed_out, new_password, suspended)
ENDS_THE_FOLLOWING = (banned, kicked, left, room_deleted, out_of_the_workspace, workspace_deleted)


@pytest.mark.row("RT5", "RM4")
@pytest.mark.parametrize("lose", [*ENDS_THE_SESSION, *ENDS_THE_FOLLOWING])
async def test_a_right_lost_on_one_is_lost_on_the_other_within_a_second(
    pair: Pair, lose: Callable[[Person, Person, str, str], None]
) -> None:
    one, two = pair
    ann, ben = sign_up(one), sign_up(one)
    w = team(ann, ben)
    r, other = channel(ann, w, ben), channel(ann, team(ann))
    there = evolve(ben, server=two)
    assert there.ask("GET", f"/api/rooms/{r}").status_code == 200, "the other server knows the session and its rights"
    async with wire(two, ben.token) as b, wire(one, ann.token) as a, wire(two, ann.token) as control:
        await b.follow(f"room:{r}")
        await b.ask("text", room_id=r, content="while ben may")
        await control.follow(f"room:{other}")
        busy = asyncio.create_task(_busy(a, r))
        await asyncio.to_thread(lose, ann, ben, w, r)
        lost = time.monotonic()
        if lose in ENDS_THE_SESSION:
            assert await b.closed(SOON) == 4401
        else:
            assert (await b.until({"type": "unsubscribed", "topic": f"room:{r}"}, SOON))["reason"]
            with pytest.raises(Refused):
                await b.ask("text", room_id=r, content="to a room that was left")
        assert time.monotonic() - lost < SOON + 0.5
        busy.cancel()
        with contextlib.suppress(asyncio.CancelledError, Refused):
            await busy
        if lose in ENDS_THE_SESSION:
            assert there.ask("GET", "/api/auth/me").status_code == 401
        else:
            assert there.ask("GET", f"/api/rooms/{r}").status_code == 404
        await _say(control, other, "still here")
        assert await control.until({"type": "text", "topic": f"room:{other}"}), "the control: others stay"


async def test_what_was_acknowledged_by_one_that_is_killed_is_there_on_the_other(pair: Pair) -> None:
    one, two = pair
    ann = sign_up(one)
    room = channel(ann, team(ann))
    acknowledged: list[str] = []
    async with wire(two, ann.token) as b, wire(one, ann.token) as a:
        await b.follow(f"room:{room}")
        sending = asyncio.create_task(_send_on(a, room, acknowledged))
        while len(acknowledged) < 30:
            await asyncio.sleep(0)
        one.kill()
        await sending
        seen = [f["data"]["content"] for f in await _texts(b, len(acknowledged))]
    assert seen[: len(acknowledged)] == acknowledged


async def _say(one: Wire, room: str, content: str) -> None:
    await one.ask("text", room_id=room, content=content)


async def _say_all(one: Wire, room: str, name: str, count: int) -> None:
    for n in range(count):
        await _say(one, room, f"{name}{n}")


async def _texts(one: Wire, count: int) -> list[dict[str, Any]]:
    return [await one.until({"type": "text"}) for _ in range(count)]


async def _busy(one: Wire, room: str) -> None:
    while True:
        await _say(one, room, "busy")


async def _send_on(one: Wire, room: str, acknowledged: list[str]) -> None:
    with contextlib.suppress(Exception):
        for n in range(100_000):
            await _say(one, room, f"m{n}")
            acknowledged.append(f"m{n}")


@pytest.mark.row("RT7")
async def test_a_stream_is_ended_by_a_right_lost_elsewhere_and_goes_on_elsewhere(pair: Pair) -> None:
    one, two = pair
    ann, ben = sign_up(one), sign_up(one)
    w = team(ann, ben)
    room, other = channel(ann, w, ben), channel(ann, w, ben)
    topics = (f"room:{room}", f"room:{other}")
    async with stream(one, ben.token, *topics) as s:
        for topic in topics:
            await s.until({"type": "subscribed", "topic": topic})
        ann.done("POST", f"/api/rooms/{room}/messages", {"content": "on the one"})
        await s.until({"type": "text"})
        last = s.last_id
    ann.done("POST", f"/api/rooms/{room}/messages", {"content": "meanwhile"})
    async with stream(two, ben.token, *topics, last=last) as s:
        assert (await s.until({"type": "text"}))["data"]["content"] == "meanwhile"
        kicked(ann, ben, w, room)
        await s.until({"type": "unsubscribed", "topic": topics[0]}, SOON)
        ben.done("POST", "/api/logout")
        assert (await s.closed(SOON))["code"] == 4401
