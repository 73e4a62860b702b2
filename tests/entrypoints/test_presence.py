"""Presence: who is there, what they chose to be seen as, and what those who watch are told, on a real server."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ..server import Server
from .losses import out_of_the_workspace
from .people import Person, sign_up, team
from .stream import stream
from .wire import Refused, Wire, wire

pytestmark = pytest.mark.row("RT8")
KEYS = {"type", "topic", "id", "at", "user_id", "state", "until", "last_seen_at"}


@pytest.fixture
def pair(server: Server) -> tuple[Person, Person, str]:
    ann, ben = sign_up(server), sign_up(server)
    return ann, ben, team(ann, ben)


def look(who: Person, *whom: Person) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = who.done("GET", "/api/presence", params=[("user_id", p.id) for p in whom])
    return answer


def state_of(who: Person, whom: Person) -> str:
    return str(look(who, whom)[0]["state"])


async def until_seen(who: Person, whom: Person, state: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while (seen := look(who, whom)[0])["state"] != state:
            await asyncio.sleep(0.02)
    return seen


async def watch(one: Wire, *whom: Person) -> list[dict[str, Any]]:
    answer = await one.ask("subscribe", topic="presence", user_ids=[p.id for p in whom])
    assert answer["type"] == "subscribed"
    users: list[dict[str, Any]] = answer["users"]
    return users


async def told(one: Wire, kind: str, whom: Person) -> dict[str, Any]:
    return await one.until({"type": kind, "topic": "presence", "user_id": whom.id})


async def test_somebody_is_online_from_their_first_socket_until_their_last_has_ended(
    server: Server, pair: tuple[Person, Person, str]
) -> None:
    ann, ben, _ = pair
    async with wire(server, ann.token) as a:
        (before,) = await watch(a, ben)
        assert (before["user_id"], before["state"], before["last_seen_at"]) == (ben.id, "offline", None)
        async with wire(server, ben.token):
            assert set(await told(a, "user_joined", ben)) == KEYS
            async with stream(server, ben.token, f"user:{ben.id}") as s, wire(server, ben.token):
                await s.until({"type": "subscribed"})
        left = await told(a, "user_left", ben)
        assert (left["state"], left["last_seen_at"] is not None) == ("offline", True)
        assert [f["type"] for f in a.waiting if f.get("topic") == "presence"] == []


async def test_a_choice_is_shown_on_all_devices_and_to_those_who_watch(
    server: Server, pair: tuple[Person, Person, str]
) -> None:
    ann, ben, _ = pair
    async with wire(server, ann.token) as a, wire(server, ben.token) as b, wire(server, ben.token) as other:
        await until_seen(ann, ben, "online")
        assert [v["state"] for v in await watch(a, ben)] == ["online"]
        await other.follow(f"user:{ben.id}")
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        mine = await b.command("set_presence", state="do_not_disturb", until=until)
        assert (mine["state"], mine["chosen"]) == ("do_not_disturb", "do_not_disturb")
        assert (await other.until({"type": "presence_chosen"}))["data"]["state"] == "do_not_disturb"
        shown = await told(a, "presence", ben)
        assert (shown["state"], datetime.fromisoformat(shown["until"])) == (
            "do_not_disturb", datetime.fromisoformat(until),
        )  # fmt: skip
        assert "chosen" not in shown
        ben.done("PUT", "/api/presence", {"state": "away"})
        assert (await told(a, "presence", ben))["state"] == "away"


async def test_whoever_is_invisible_looks_like_one_who_is_not_there(
    server: Server, pair: tuple[Person, Person, str]
) -> None:
    ann, ben, _ = pair
    ben.done("PUT", "/api/presence", {"state": "invisible"})
    async with wire(server, ann.token) as a:
        await watch(a, ben)
        async with wire(server, ben.token) as b:
            (own,) = await b.query("get_presence", user_ids=[ben.id])
            assert (own["state"], own["chosen"]) == ("offline", "invisible")
            assert look(ann, ben) == [
                {"user_id": ben.id, "state": "offline", "until": None, "last_seen_at": None, "chosen": None}
            ]
        async with wire(server, ben.token):
            ben.done("PUT", "/api/presence", {"state": "online"})
            await told(a, "user_joined", ben)
            ben.done("PUT", "/api/presence", {"state": "invisible"})
            hid = (await told(a, "user_left", ben))["last_seen_at"]
            assert hid is not None, "as of one who left just now"
    assert look(ann, ben)[0]["last_seen_at"] == hid, "when they really left is told to nobody"


async def test_a_choice_ends_by_itself(server: Server, pair: tuple[Person, Person, str]) -> None:
    ann, ben, _ = pair
    async with wire(server, ann.token) as a, wire(server, ben.token) as b:
        await until_seen(ann, ben, "online")
        await watch(a, ben)
        until = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        await b.command("set_presence", state="away", until=until)
        assert (await told(a, "presence", ben))["state"] == "away"
        assert (await told(a, "presence", ben))["state"] == "online"


async def test_strangers_are_left_out_and_those_who_become_strangers_are_seen_no_more(
    server: Server, pair: tuple[Person, Person, str]
) -> None:
    ann, ben, w = pair
    cy = sign_up(server)
    async with wire(server, ann.token) as a, wire(server, cy.token):
        assert [v["user_id"] for v in await watch(a, ben, cy)] == [ben.id]
        assert [v["user_id"] for v in look(ann, cy, ben)] == [ben.id]
        out_of_the_workspace(ann, ben, w, "")
        async with wire(server, ben.token):
            with pytest.raises(TimeoutError):
                await a.until({"topic": "presence"}, 2.5)
        assert look(ann, ben) == []


async def test_who_comes_together_is_told_in_one_frame(make_server: Callable[..., Server]) -> None:
    server = make_server()
    ann = sign_up(server)
    people = [sign_up(server) for _ in range(12)]
    team(ann, *people)
    async with wire(server, ann.token) as a, contextlib.AsyncExitStack() as open_:
        await watch(a, *people)
        for person in people:
            await open_.enter_async_context(wire(server, person.token))
        frames = [f async for f in _presence(a, len(people))]
    changes = [c for f in frames for c in f.get("changes", [f])]
    assert {c["user_id"] for c in changes} == {p.id for p in people}
    assert {c["type"] for c in changes} == {"user_joined"}
    times = [datetime.fromisoformat(f["at"]) for f in frames]
    assert all((later - earlier).total_seconds() >= 0.9 for earlier, later in itertools.pairwise(times))


async def _presence(one: Wire, people: int) -> AsyncIterator[dict[str, Any]]:
    seen = 0
    while seen < people:
        frame = await one.until({"topic": "presence"})
        seen += len(frame.get("changes", [frame]))
        yield frame


async def test_a_watch_is_replaced_by_the_next_and_ends(server: Server, pair: tuple[Person, Person, str]) -> None:
    ann, ben, w = pair
    cy = sign_up(server)
    ann.done("POST", f"/api/workspaces/{w}/members", {"user_id": cy.id, "role": "member"})
    async with wire(server, ann.token) as a:
        await watch(a, ben)
        await watch(a, cy)
        async with wire(server, ben.token), wire(server, cy.token):
            await told(a, "user_joined", cy)
            assert (await a.ask("unsubscribe", topic="presence"))["data"] == {"ok": True}
        with pytest.raises(TimeoutError):
            await a.until({"topic": "presence"}, 1.5)


async def test_when_somebody_was_last_seen_outlives_the_server(make_server: Callable[..., Server]) -> None:
    server = make_server()
    ann, ben = sign_up(server), sign_up(server)
    team(ann, ben)
    async with wire(server, ben.token):
        await until_seen(ann, ben, "online")
        server.tell()
        await asyncio.to_thread(server.wait, 10)
    server.start()
    seen = look(ann, ben)[0]
    assert (seen["state"], seen["last_seen_at"] is not None) == ("offline", True)


@pytest.mark.parametrize(
    "body, pointer, code",
    [
        ({"state": "asleep"}, "/state", "value"),
        ({"state": "online", "until": "2126-01-01T00:00:00Z"}, "/until", "not_meant"),
        ({"state": "away", "until": "2020-01-01T00:00:00Z"}, "/until", "past"),
        ({"state": "away", "until": "2126-01-01T00:00:00"}, "/until", "value"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_and_changes_nothing(
    server: Server, pair: tuple[Person, Person, str], body: dict[str, str], pointer: str, code: str
) -> None:
    _, ben, _ = pair
    answer: httpx.Response = ben.ask("PUT", "/api/presence", body)
    assert answer.status_code == 400
    assert [(f["pointer"], f["code"]) for f in answer.json()["errors"]] == [(pointer, code)]
    assert look(ben, ben)[0]["chosen"] == "online"


async def test_at_most_500_are_watched(server: Server, pair: tuple[Person, Person, str]) -> None:
    ann, ben, _ = pair
    async with wire(server, ann.token) as a:
        with pytest.raises(Refused) as refused:
            await a.ask("subscribe", topic="presence", user_ids=[ben.id] * 501)
        assert refused.value.problem["errors"][0]["pointer"] == "/user_ids"
