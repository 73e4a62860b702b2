"""Mentions by HTTP: who is called, who is not, and what they hear of it."""

from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .test_http_threads import refused, said
from .wire import Wire, wire

pytestmark = pytest.mark.row("MS4")


def test_members_are_called_by_their_names_and_others_stay_text(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    workspace = team(ann, ben, cyd)
    room, square = channel(ann, workspace, ben), channel(ann, workspace, kind="public_channel")
    text = f"@{ben.username.upper()}, @{cyd.username} @{ann.username} @nobody.at.all"
    assert said(ann, room, text)["mentions"] == [ben.id], "in the room, and not oneself"
    message = said(ann, square, text)
    assert message["mentions"] == [ben.id, cyd.id], "who is in the workspace may read a public channel"
    assert message["content"] == text
    assert ann.done("GET", f"/api/messages/{message['id']}") == message
    assert ann.done("GET", f"/api/rooms/{square}/messages")["items"] == [message]


def test_people_are_called_by_their_ids_too_and_never_twice(server: Server) -> None:
    ann, ben, cyd, dee = (sign_up(server) for _ in range(4))
    room = channel(ann, team(ann, ben, cyd, dee), ben, cyd)
    assert said(ann, room, f"@{ben.username}", mentions=[cyd.id, ben.id])["mentions"] == [cyd.id, ben.id]
    for outside in (dee, sign_up(server)):
        assert refused(ann, room, mentions=[ben.id, outside.id]) == (400, "/mentions/1", "unknown_member")
    assert refused(ann, room, mentions=[ben.id] * 51)[:2] == (400, "/mentions")
    assert len(ann.done("GET", f"/api/rooms/{room}/messages")["items"]) == 1


def test_the_room_is_called_as_a_whole(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    message = said(ann, room, f"@room: and you, @{ben.username}")
    assert (message["mentions_room"], message["mentions"]) == (True, [ben.id])


def test_an_edit_calls_nobody_and_a_deletion_takes_the_call_back(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben, cyd), ben, cyd)
    message = said(ann, room, f"@{ben.username}")
    edited = ann.done("PATCH", f"/api/messages/{message['id']}", {"content": f"@{cyd.username} @room"})
    assert (edited["mentions"], edited["mentions_room"]) == ([ben.id], False)
    ann.done("DELETE", f"/api/messages/{message['id']}")
    assert ann.done("GET", f"/api/messages/{message['id']}")["mentions"] == []


async def test_whoever_is_called_hears_of_it_in_their_inbox(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    workspace = team(ann, ben, cyd)
    room = channel(ann, workspace, ben, cyd)
    async with wire(server, ben.token) as bens, wire(server, cyd.token) as cyds:
        for who, inbox in ((ben, bens), (cyd, cyds)):
            await inbox.follow(f"user:{who.id}")
        message = said(ann, room, f"hi @{ben.username}")
        frame = await bens.until({"type": "mentioned"})
        assert frame["data"] == {
            "message_id": message["id"], "room_id": room, "workspace_id": workspace, "author_id": ann.id,
            "number": message["number"],
        }  # fmt: skip
        said(ann, room, f"@all, also @{cyd.username}")
        said(ann, room, f"only @{cyd.username}")
        await _is_first_of(cyds, room, 3)


async def _is_first_of(inbox: Wire, room: str, number: int) -> None:
    """A call to everybody in the room is in nobody's inbox."""
    frame = await inbox.until({"type": "mentioned"})
    assert (frame["data"]["room_id"], frame["data"]["number"]) == (room, number)


def test_a_repeat_with_its_key_calls_once(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)

    def send() -> Any:
        body = {"content": f"@{ben.username}"}
        return ann.done("POST", f"/api/rooms/{room}/messages", body, headers={"Idempotency-Key": "k"})

    assert send() == send()


def test_in_a_direct_room_too(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    workspace = team(ann, ben)
    path = f"/api/users/{ben.id}/messages"
    first = ann.done("POST", path, {"content": f"@{ben.username}", "workspace_id": workspace})
    assert first["mentions"] == [ben.id]
    answer = {"content": "again", "workspace_id": workspace, "reply_to": first["id"], "quote": first["id"]}
    assert ann.done("POST", path, answer)["reply_to"] == first["id"]
    outside: Person = sign_up(server)
    wrong = {"content": "hi", "workspace_id": workspace, "mentions": [outside.id]}
    assert ann.ask("POST", path, wrong).json()["errors"][0]["pointer"] == "/mentions/0"
