"""Presence on streams of server-sent events: the same subscription, the same frames, the same rights as on a socket."""

from typing import Any

import pytest

from ..server import Server
from .losses import kicked, out_of_the_workspace
from .people import Person, channel, sign_up, team
from .stream import Stream, refused, stream
from .test_presence import KEYS, until_seen
from .test_tokens import token_of
from .wire import wire

pytestmark = pytest.mark.row("RT7", "RT8")
Room = tuple[Person, Person, str, str]


@pytest.fixture
def room(server: Server) -> Room:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


def watching(server: Server, token: str, *topics: str, whom: list[str], **more: Any) -> Any:
    return stream(server, token, "presence", *topics, user_ids=whom, **more)


async def there(one: Stream) -> list[dict[str, Any]]:
    answer = await one.until({"type": "subscribed", "topic": "presence"})
    assert set(answer) == {"type", "id", "topic", "users"}
    users: list[dict[str, Any]] = answer["users"]
    return users


async def test_it_shows_what_a_socket_shows(server: Server, room: Room) -> None:
    ann, ben, _, r = room
    async with watching(server, ann.token, f"room:{r}", whom=[ben.id]) as s, wire(server, ann.token) as a:
        on_socket = await a.ask("subscribe", topic="presence", user_ids=[ben.id])
        assert await there(s) == on_socket["users"]
        assert on_socket["users"][0]["state"] == "offline"
        await s.until({"type": "subscribed", "topic": f"room:{r}"})
        place = s.last_id
        async with wire(server, ben.token) as b:
            for each in (s, a):
                joined = await each.until({"type": "user_joined", "topic": "presence", "user_id": ben.id})
                assert set(joined) == KEYS
            await b.command("set_presence", state="away")
            for each in (s, a):
                assert (await each.until({"type": "presence", "user_id": ben.id}))["state"] == "away"
        for each in (s, a):
            assert (await each.until({"type": "user_left", "user_id": ben.id}))["last_seen_at"] is not None
        assert s.last_id == place, "presence is in no log, so it moves no place"


async def test_who_comes_back_is_told_who_is_there_now_and_what_was_missed_of_the_rest(
    server: Server, room: Room
) -> None:
    ann, ben, _, r = room
    topic = f"room:{r}"
    async with watching(server, ann.token, topic, whom=[ben.id]) as s:
        await there(s)
        await s.until({"type": "subscribed", "topic": topic})
        last = s.last_id
    async with wire(server, ben.token) as b:
        await until_seen(ann, ben, "online")
        await b.ask("text", room_id=r, content="missed")
        async with watching(server, ann.token, topic, whom=[ben.id], last=last, only=["text"]) as s:
            assert [u["state"] for u in await there(s)] == ["online"]
            assert (await s.until({"type": "subscribed", "topic": topic}))["recovered"] is True
            assert (await s.until({"type": "text"}))["data"]["content"] == "missed"
            await b.command("set_presence", state="do_not_disturb")
            await s.until({"type": "presence", "user_id": ben.id})  # `only` is about events of topics


async def test_presence_alone_is_a_stream_that_stays_when_a_topic_has_ended(server: Server, room: Room) -> None:
    ann, ben, w, r = room
    async with (
        watching(server, ben.token, f"room:{r}", whom=[ann.id]) as s,
        watching(server, ben.token, whom=[ann.id]) as alone,
    ):
        for one in (s, alone):
            assert [u["user_id"] for u in await there(one)] == [ann.id]
        await s.until({"type": "subscribed", "topic": f"room:{r}"})
        kicked(ann, ben, w, r)
        await s.until({"type": "unsubscribed", "topic": f"room:{r}"})
        async with wire(server, ann.token):
            for one in (s, alone):
                await one.until({"type": "user_joined", "user_id": ann.id})
        assert alone.last_id is not None
        async with watching(server, ben.token, whom=[ann.id], last=alone.last_id) as again:
            await there(again)


async def test_the_control_a_stream_of_the_topic_alone_ends_with_it(server: Server, room: Room) -> None:
    ann, ben, w, r = room
    async with stream(server, ben.token, f"room:{r}") as s:
        await s.until({"type": "subscribed"})
        kicked(ann, ben, w, r)
        assert (await s.closed())["code"] == 4403


async def test_strangers_are_left_out_and_who_becomes_one_is_gone(server: Server, room: Room) -> None:
    ann, ben, w, _ = room
    cy, dan = sign_up(server), sign_up(server)
    ann.done("POST", f"/api/workspaces/{w}/members", {"user_id": dan.id, "role": "member"})
    async with watching(server, ann.token, whom=[ben.id, cy.id, dan.id]) as s, wire(server, ben.token):
        assert {u["user_id"] for u in await there(s)} == {ben.id, dan.id}
        await s.until({"type": "user_joined", "user_id": ben.id})
        out_of_the_workspace(ann, ben, w, "")
        ben.done("PUT", "/api/presence", {"state": "away"})
        await s.until({"type": "user_left", "user_id": ben.id})
        ben.done("PUT", "/api/presence", {"state": "online"})
        async with wire(server, cy.token), wire(server, dan.token):
            await s.until({"type": "user_joined", "user_id": dan.id})
        assert [f for f in s.waiting if f.get("user_id") in (ben.id, cy.id) and f["type"] != "subscribed"] == []


@pytest.mark.parametrize(
    "topics, whom, pointer, code",
    [
        (["presence"], None, "/user_ids", "type"),
        (["presence"], ["nobody"], "/user_ids/0", "type"),
        (["presence"], ["018f0000-0000-7000-8000-000000000001"] * 501, "/user_ids", "type"),
        (["presence", "presence"], ["018f0000-0000-7000-8000-000000000001"], "/topic/1", "twice"),
        (["user:018f0000-0000-7000-8000-000000000001"], ["018f0000-0000-7000-8000-000000000001"], "/user_ids", "not_meant"),
    ],
)  # fmt: skip
async def test_what_cannot_be_watched_is_refused_with_its_place(
    server: Server, topics: list[str], whom: list[str] | None, pointer: str, code: str
) -> None:
    more = {"user_ids": whom} if whom is not None else {}
    problem = await refused(server, sign_up(server).token, *topics, **more)
    assert (problem["status"], [(f["pointer"], f["code"]) for f in problem["errors"]]) == (400, [(pointer, code)])


async def test_a_token_watches_by_its_scope(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    blind, seeing = (token_of(ann, *scopes)["token"] for scopes in (["room:read"], ["room:read", "user:read"]))
    problem = await refused(server, blind, "presence", user_ids=[ben.id])
    assert (problem["status"], problem["code"]) == (403, "scope_missing")
    async with watching(server, blind, f"room:{r}", whom=[ben.id]) as s:
        assert (await s.until({"type": "unsubscribed", "topic": "presence"}))["reason"] == "scope_missing"
        await s.until({"type": "subscribed", "topic": f"room:{r}"})
    async with watching(server, seeing, whom=[ben.id] * 500) as s:
        assert [u["user_id"] for u in await there(s)] == [ben.id]
