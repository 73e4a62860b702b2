"""What waits for somebody, by HTTP and on sockets: messages that call them, and replies in threads they follow."""

import asyncio
import uuid
from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .test_http_threads import said
from .wire import Refused, wire

pytestmark = pytest.mark.row("MS4", "RM5")


def waits(who: Person, room: str) -> tuple[int, int, int]:
    shown = who.done("GET", f"/api/rooms/{room}")
    return shown["unread"], shown["mentions"], shown["threads"]


def threads(who: Person, room: str) -> dict[str, dict[str, int]]:
    """How far each thread that they follow is read."""
    return {m["id"]: m["followed"] for m in who.done("GET", f"/api/rooms/{room}/threads")["items"]}


def test_what_calls_somebody_is_counted_until_it_is_read_or_gone(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    w = team(ann, ben, cyd)
    room = channel(ann, w, ben, cyd)
    first = said(ann, room, f"@{ben.username}")
    said(ann, room, "@room")
    said(ann, room, f"@{cyd.username}")
    mine = said(ben, room, "@all")
    assert [waits(who, room)[1] for who in (ann, ben, cyd)] == [1, 2, 3], "one's own call is none"
    everything = {"workspace_id": w, "rooms": 1, "unread": 4, "mentions": 2, "threads": 0}
    assert ben.done("GET", "/api/unread", params={"workspace_id": w}) == everything
    (listed,) = ben.done("GET", "/api/unread/rooms", params={"workspace_id": w})["items"]
    assert (listed["mentions"], listed["threads"]) == (2, 0)
    ann.done("DELETE", f"/api/messages/{first['id']}")
    assert waits(ben, room) == (4, 1, 0), "what was taken back calls nobody, and keeps its number"
    read = ben.done("POST", f"/api/rooms/{room}/read", {"number": 2})
    assert (read["unread"], read["mentions"]) == (2, 0)
    back = ben.done("POST", f"/api/rooms/{room}/unread", {"number": 1})
    assert (back["unread"], back["mentions"]) == (4, 1)
    ben.done("DELETE", f"/api/messages/{mine['id']}")
    assert waits(ann, room)[1] == 0


def test_who_is_blocked_calls_nobody(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    said(ann, room, "@room")
    said(ann, room, f"@{ben.username}")
    assert waits(ben, room) == (2, 2, 0)
    ben.done("PUT", f"/api/blocks/{ann.id}")
    assert waits(ben, room) == (2, 0, 0)
    assert said(ann, room, f"@{ben.username}")["mentions"] == [], "nor does what they say now"
    ben.done("DELETE", f"/api/blocks/{ann.id}")
    assert waits(ben, room) == (3, 2, 0), "what called before is there again"


def test_a_thread_has_a_mark_of_its_own(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    w = team(ann, ben, cyd)
    room = channel(ann, w, ben, cyd)
    root = said(ann, room, "who is in?")
    replies = [said(ben, room, f"reply {n}", reply_to=root["id"]) for n in range(3)]
    assert threads(ann, room) == {root["id"]: {"unread": 3, "read_number": 1}}
    assert threads(ben, room) == {root["id"]: {"unread": 0, "read_number": 1}}, "one's own wait for nobody"
    assert [waits(who, room)[2] for who in (ann, ben, cyd)] == [1, 0, 0]
    assert ann.done("GET", "/api/unread", params={"workspace_id": w})["threads"] == 1
    ann.done("POST", f"/api/rooms/{room}/read")
    assert waits(ann, room) == (0, 0, 1), "reading the room reads no thread"
    path = f"/api/messages/{replies[1]['id']}/thread/read"
    kept = {"message_id": root["id"], "room_id": room}
    assert ann.done("POST", path) == {**kept, "unread": 1, "read_number": replies[1]["number"]}
    ann.done("POST", f"/api/messages/{replies[0]['id']}/thread/read")
    assert threads(ann, room)[root["id"]]["unread"] == 1, "what was read stays read"
    ben.done("DELETE", f"/api/messages/{replies[2]['id']}")
    assert waits(ann, room)[2] == 0, "a reply that was taken back waits for nobody"
    said(ben, room, "one more", reply_to=root["id"])
    whole = ann.done("POST", f"/api/messages/{root['id']}/thread/read")
    assert whole == {**kept, "unread": 0, "read_number": 5}
    assert waits(ann, room)[2] == 0
    assert root["followed"] is None, "it stands in the list of threads alone"


def test_who_begins_to_follow_has_read_what_was_said_so_far(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    root = said(ann, room)
    for _ in range(2):
        said(ann, room, reply_to=root["id"])
    ben.done("PUT", f"/api/messages/{root['id']}/thread/follow")
    said(ann, room, reply_to=root["id"])
    assert threads(ben, room) == {root["id"]: {"unread": 1, "read_number": 3}}
    ben.done("DELETE", f"/api/messages/{root['id']}/thread/follow")
    assert (threads(ben, room), waits(ben, room)[2]) == ({}, 0)
    ben.done("PUT", f"/api/messages/{root['id']}/thread/follow")
    assert threads(ben, room) == {root["id"]: {"unread": 0, "read_number": 4}}
    ben.done("POST", f"/api/rooms/{room}/leave")
    said(ann, room, reply_to=root["id"])
    ann.done("POST", f"/api/rooms/{room}/members", {"user_ids": [ben.id]})
    assert (threads(ben, room), waits(ben, room)[2]) == ({}, 0), "who was gone follows nothing"


def test_only_what_one_follows_is_read(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    root = said(ann, room)
    path = f"/api/messages/{root['id']}/thread/read"
    for _ in "ab":
        answer = ben.ask("POST", path)
        assert (answer.status_code, answer.json()["code"]) == (409, "thread_not_followed")
        ben.done("PUT", f"/api/messages/{root['id']}/thread/follow")
        ben.done("DELETE", f"/api/messages/{root['id']}/thread/follow")
    hidden, nothing = cyd.ask("POST", path), cyd.ask("POST", f"/api/messages/{uuid.uuid4()}/thread/read")
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.json()["detail"] == nothing.json()["detail"], "what is hidden looks like what is not there"
    assert ben.ask("POST", "/api/messages/elsewhere/thread/read").status_code in {400, 404}
    assert ben.ask("POST", path, {"number": 1}).status_code == 400


@pytest.mark.row("RT5")
async def test_a_mark_on_one_device_shows_on_the_other(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    room = channel(ann, w, ben)
    root = said(ann, room)
    kept = {"message_id": root["id"], "room_id": room, "workspace_id": w}
    async with wire(server, ann.token) as phone, wire(server, ann.again().token) as laptop:
        await laptop.follow(f"user:{ann.id}")
        replies = [said(ben, room, f"@{ann.username}", reply_to=root["id"]) for _ in "abc"]
        told = await laptop.until({"type": "thread_followed"})
        assert told["data"] == {**kept, "following": True, "read_number": 1}
        answer = await phone.command("mark_thread_read", message_id=replies[1]["id"])
        assert answer["unread"] == 1
        await phone.command("mark_thread_read", message_id=replies[0]["id"])
        await phone.command("mark_thread_read", message_id=root["id"])
        marks = [(await laptop.until({"type": "thread_read"}))["data"] for _ in "ab"]
        assert marks == [{**kept, "read_number": n} for n in (3, 4)], "nothing is told of nothing"
        await phone.command("mark_read", room_id=room, number=2)
        read = await laptop.until({"type": "read_marked"})
        assert (read["data"]["read_number"], read["data"]["mentions"]) == (2, 2)
        with pytest.raises(Refused, match="thread_not_followed"):
            await phone.command("mark_thread_read", message_id=said(ann, room)["id"])


async def seen(who: Person, whom: Person, state: str) -> None:
    """Return when somebody is seen so."""
    async with asyncio.timeout(5):
        while who.done("GET", "/api/presence", params={"user_id": whom.id})[0]["state"] != state:
            await asyncio.sleep(0.02)


async def test_here_calls_those_who_are_online_as_all_see_it(server: Server) -> None:
    ann, ben, cyd, dee, eve = (sign_up(server) for _ in range(5))
    w = team(ann, ben, cyd, dee, eve)
    room = channel(ann, w, ben, cyd, dee)
    assert said(ann, room, "@here")["mentions"] == [], "nobody is"
    async with wire(server, ann.token), wire(server, ben.token), wire(server, cyd.token), wire(server, eve.token):
        for who in (ann, ben, cyd, eve):
            await seen(ann, who, "online")
        called = said(ann, room, f"lunch, @here? and @{dee.username}")
        assert (called["mentions"], called["mentions_room"]) == ([dee.id, ben.id, cyd.id], False)
        assert [waits(who, room)[1] for who in (ann, ben, cyd, dee)] == [0, 1, 1, 1]
        assert said(ann, room, "`@here`")["mentions"] == []
        for state in ("invisible", "away", "do_not_disturb"):
            cyd.done("PUT", "/api/presence", {"state": state})
            assert said(ann, room, "@here")["mentions"] == [ben.id], state
        cyd.done("PUT", "/api/presence", {"state": "online"})
        ben.done("PUT", f"/api/blocks/{ann.id}")
        assert said(ann, room, "@here")["mentions"] == [cyd.id], "who blocks somebody is not called by them"
        direct = {"content": "@here", "workspace_id": w}
        assert ann.done("POST", f"/api/users/{eve.id}/messages", direct)["mentions"] == [eve.id]
        assert ann.done("POST", f"/api/users/{dee.id}/messages", direct)["mentions"] == []
        refused = eve.ask("POST", f"/api/rooms/{room}/messages", {"content": "@here"})
        assert refused.status_code == 404, "who is outside calls nobody"


@pytest.mark.row("RM4")
def test_somebody_sees_that_they_are_muted(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)

    def muted() -> tuple[Any, Any]:
        (listed,) = [r for r in ben.done("GET", "/api/rooms", params=here)["items"] if r["id"] == room]
        shown = ben.done("GET", f"/api/rooms/{room}")
        assert (listed["muted"], listed["muted_until"]) == (shown["muted"], shown["muted_until"])
        return shown["muted"], shown["muted_until"]

    here = {"workspace_id": ann.done("GET", f"/api/rooms/{room}")["workspace_id"]}
    assert muted() == (False, None)
    until = "2099-01-01T00:00:00Z"
    ann.done("PATCH", f"/api/rooms/{room}/members/{ben.id}", {"muted": True, "muted_until": until})
    assert muted()[0] is True
    assert muted()[1].startswith("2099-01-01T00:00:00")
    assert ann.done("GET", f"/api/rooms/{room}")["muted"] is False, "that is each one's own"
    ann.done("PATCH", f"/api/rooms/{room}/members/{ben.id}", {"muted": True})
    ann.done("PATCH", f"/api/rooms/{room}/members/{ben.id}", {"muted": False})
    assert muted() == (False, None)
