"""Pins by HTTP and over a WebSocket, against a real server."""

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import wire

pytestmark = pytest.mark.row("MS4")

Two = tuple[Person, Person, str]


@pytest.fixture(scope="module")
def two(server: Server) -> Two:
    ann, ben = sign_up(server), sign_up(server)
    return ann, ben, team(ann, ben)


def say(who: Person, room: str, content: str = "hello") -> str:
    answer: str = who.done("POST", f"/api/rooms/{room}/messages", {"content": content})["id"]
    return answer


def listed(who: Person, room: str, **query: int) -> list[str]:
    return [m["id"] for m in who.done("GET", f"/api/rooms/{room}/pins", params=query)["items"]]


def test_what_is_pinned_is_shown_listed_and_taken_out_again(two: Two) -> None:
    ann, ben, w = two
    room = channel(ann, w, ben)
    one, other = say(ben, room), say(ben, room)
    shown = ann.done("PUT", f"/api/messages/{other}/pin")
    assert shown["pinned"]["by"] == ann.id
    assert ann.done("PUT", f"/api/messages/{other}/pin") == shown, "twice is once"
    ann.done("PUT", f"/api/messages/{one}/pin")
    assert listed(ben, room) == [other, one], "those pinned first at the front"
    assert ben.done("GET", f"/api/messages/{other}")["pinned"] == shown["pinned"]
    assert ben.done("GET", f"/api/rooms/{room}")["last_message"]["pinned"] == shown["pinned"]
    assert ann.done("DELETE", f"/api/messages/{other}/pin")["pinned"] is None
    assert ann.done("DELETE", f"/api/messages/{other}/pin")["pinned"] is None
    assert ann.done("DELETE", f"/api/messages/{one}")["pinned"] is None
    assert listed(ben, room) == []
    refused = ann.ask("PUT", f"/api/messages/{one}/pin")
    assert (refused.status_code, refused.json()["code"]) == (409, "message_deleted")


def test_who_looks_after_a_channel_pins_and_in_groups_and_direct_rooms_everybody(server: Server, two: Two) -> None:
    ann, ben, w = two
    cyd = sign_up(server)
    ann.done("POST", f"/api/workspaces/{w}/members", {"user_id": cyd.id})
    room = channel(ann, w, ben)
    message = say(ben, room)
    for method in ("PUT", "DELETE"):
        assert ben.ask(method, f"/api/messages/{message}/pin").json()["code"] == "role_lacks_permission"
        assert cyd.ask(method, f"/api/messages/{message}/pin").status_code == 404
    ann.done("PATCH", f"/api/rooms/{room}/members/{ben.id}", {"role": "moderator"})
    assert ben.ask("PUT", f"/api/messages/{message}/pin").status_code == 200
    for kind, others in (("direct", [ben]), ("group", [ben, cyd])):
        body = {"kind": kind, "member_ids": [m.id for m in others], "workspace_id": w}
        room = ann.done("POST", "/api/rooms", body)["id"]
        assert ben.ask("PUT", f"/api/messages/{say(ann, room)}/pin").status_code == 200


def test_a_room_has_a_hundred_and_the_next_is_refused(two: Two) -> None:
    ann, _, w = two
    room = channel(ann, w)
    said = [say(ann, room) for _ in range(101)]
    commands = [{"name": "pin_message", "data": {"message_id": m}} for m in said[:100]]
    ann.done("POST", "/api/batch", {"mode": "all", "commands": commands})
    refused = ann.ask("PUT", f"/api/messages/{said[100]}/pin")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_pins")
    assert listed(ann, room) == said[:100]
    assert listed(ann, room, limit=3) == said[:3]
    ann.done("DELETE", f"/api/messages/{said[5]}/pin")
    assert ann.ask("PUT", f"/api/messages/{said[100]}/pin").status_code == 200


async def test_a_follower_is_told(server: Server, two: Two) -> None:
    ann, ben, w = two
    room = channel(ann, w, ben)
    message = say(ann, room)
    async with wire(server, ben.token) as one:
        await one.follow(f"room:{room}")
        shown = ann.done("PUT", f"/api/messages/{message}/pin")["pinned"]
        ann.done("PUT", f"/api/messages/{message}/pin")
        ann.done("DELETE", f"/api/messages/{message}/pin")
        fact = {"message_id": message, "pinned_at": shown["at"], "pinned_by": ann.id}
        assert (await one.until({"type": "message_pinned"}))["data"] == fact
        assert (await one.until({"type": "message_unpinned"}))["data"] == {"message_id": message}
        assert not [f for f in one.waiting if f["type"] == "message_pinned"], "a pin that was there is no event"
