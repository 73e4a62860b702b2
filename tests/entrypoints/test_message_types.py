"""What kinds of message there are, and who may send which."""

from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import wire

pytestmark = pytest.mark.row("MS5")

ANNOUNCEMENTS = ("notification", "system_message")


def send(who: Person, room: str, kind: Any) -> Any:
    return who.ask("POST", f"/api/rooms/{room}/messages", {"content": "hi", "type": kind})


@pytest.mark.parametrize("given", ["Text", "bot", "", 1, None])
def test_what_is_no_type_is_refused_by_place(server: Server, given: object) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    answer = send(ann, room, given)
    assert answer.status_code == 400
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/type"]
    assert ann.done("GET", f"/api/rooms/{room}/messages")["items"] == []


@pytest.mark.parametrize("kind", ANNOUNCEMENTS)
def test_announcements_are_for_who_looks_after_the_room(server: Server, kind: str) -> None:
    ann, mod, ben, admin = (sign_up(server) for _ in range(4))
    workspace = team(ann, mod, ben)
    ann.done("POST", f"/api/workspaces/{workspace}/members", {"user_id": admin.id, "role": "admin"})
    square = channel(ann, workspace, mod, ben, kind="public_channel")
    ann.done("PATCH", f"/api/rooms/{square}/members/{mod.id}", {"role": "moderator"})
    for who in (ann, mod, admin):
        assert send(who, square, kind).json()["type"] == kind
    refused = send(ben, square, kind)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_lacks_permission")
    assert send(admin, channel(ann, workspace, ben), kind).status_code == 404, "a private channel they are not in"
    direct = ann.done("POST", "/api/rooms", {"kind": "direct", "member_ids": [ben.id], "workspace_id": workspace})
    assert send(ann, direct["id"], kind).status_code == 403, "nobody looks after a direct room"
    assert len(ben.done("GET", f"/api/rooms/{square}/messages")["items"]) == 3


async def test_each_has_an_event_of_its_name(server: Server) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    async with wire(server, ann.token) as socket:
        await socket.follow(f"room:{room}")
        for kind in ("text", *ANNOUNCEMENTS):
            sent = send(ann, room, kind).json()
            frame = await socket.until({"type": kind})
            assert (frame["data"]["id"], frame["data"]["type"]) == (sent["id"], kind)
            ann.done("PATCH", f"/api/messages/{sent['id']}", {"content": "ho"})
            ann.done("DELETE", f"/api/messages/{sent['id']}")
    epoch = ann.done("GET", f"/api/rooms/{room}")["epoch"]
    events = ann.done("GET", f"/api/rooms/{room}/events", params={"epoch": epoch, "offset": 2})["items"]
    assert [e["type"] for e in events][::3] == ["text", *ANNOUNCEMENTS]
    assert {e["data"].get("content") for e in events} == {"", None}, "words that are gone are gone from each"
