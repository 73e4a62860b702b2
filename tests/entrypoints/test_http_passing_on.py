"""Quotes and forwarded messages, and announcements, by HTTP."""

import pytest

from ..server import Server
from .people import channel, sign_up, team
from .test_http_threads import said


@pytest.mark.row("MS4")
def test_a_quote_carries_the_words_as_they_were(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    first = said(ann, room, "the *first* words")
    quoting = said(ben, room, "indeed", quote=first["id"])
    assert quoting["quote"] == {
        "message_id": first["id"], "author_id": ann.id, "content": "the *first* words", "created_at": first["created_at"],
        "number": first["number"], "gone": False,
    }  # fmt: skip
    ann.done("PATCH", f"/api/messages/{first['id']}", {"content": "others"})
    assert ann.done("GET", f"/api/messages/{quoting['id']}") == quoting
    edited = ben.done("PATCH", f"/api/messages/{quoting['id']}", {"content": "indeed!"})
    assert edited["quote"] == quoting["quote"]
    ben.done("DELETE", f"/api/messages/{quoting['id']}")
    assert ben.done("GET", f"/api/messages/{quoting['id']}")["quote"] is None
    assert "words" not in ben.ask("GET", f"/api/rooms/{room}/messages").text


@pytest.mark.row("MS4")
def test_one_forwards_what_one_may_read_to_where_one_may_write(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    workspace = team(ann, ben, cyd)
    room, square = channel(ann, workspace, ben), channel(ann, workspace, ben, kind="public_channel")
    first = said(ann, room, f"hear, @{ben.username}, @room")
    at = f"/api/messages/{first['id']}/forward"
    assert cyd.ask("POST", at, {"room_id": square}).status_code == 404, "one may not read it"
    assert ben.ask("POST", at, {"room_id": channel(ann, workspace)}).status_code == 404, "one may not write there"
    answer = ben.ask("POST", at, {"room_id": square})
    assert answer.status_code == 201
    passed = answer.json()
    assert (passed["author_id"], passed["content"], passed["mentions"], passed["mentions_room"]) == (
        ben.id, first["content"], [], False,
    )  # fmt: skip
    origin = {"message_id": first["id"], "author_id": ann.id, "created_at": first["created_at"], "room_id": None}
    assert passed["forwarded_from"] == origin, "not every reader may know of that room"
    again = ben.done("POST", f"/api/messages/{passed['id']}/forward", {"room_id": room})
    assert again["forwarded_from"] == origin, "they are still the words of whoever said them first"
    fresh = ben.done("POST", f"/api/messages/{said(ben, square)['id']}/forward", {"room_id": room})
    assert fresh["forwarded_from"]["room_id"] == square
    refused = ben.ask("PATCH", f"/api/messages/{passed['id']}", {"content": "other words"})
    assert (refused.status_code, refused.json()["code"]) == (409, "forwarded")
    assert ben.done("GET", f"/api/messages/{passed['id']}") == passed


@pytest.mark.row("MS4", "WS4")
def test_nothing_is_forwarded_that_is_gone_or_to_another_workspace(server: Server) -> None:
    ann = sign_up(server)
    room, elsewhere = channel(ann, team(ann)), channel(ann, team(ann))
    first = said(ann, room)
    at = f"/api/messages/{first['id']}/forward"
    (fault,) = ann.ask("POST", at, {"room_id": elsewhere}).json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/room_id", "other_workspace")
    ann.done("DELETE", f"/api/messages/{first['id']}")
    assert ann.ask("POST", at, {"room_id": room}).json()["code"] == "message_deleted"
    for which in (room, elsewhere):
        assert len(ann.done("GET", f"/api/rooms/{which}/messages")["items"]) == (which == room)


@pytest.mark.row("MS4")
def test_threads_are_followed_by_answering_and_by_choice(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    workspace = team(ann, ben, cyd)
    room = channel(ann, workspace, ben, cyd)
    root = said(ann, room)
    answer = said(ben, room, reply_to=root["id"])

    def followed_by(*people: object) -> bool:
        lists = [p.done("GET", f"/api/rooms/{room}/threads")["items"] for p in (ann, ben, cyd)]
        return [[m["id"] for m in items] for items in lists] == [[root["id"]] * (p in people) for p in (ann, ben, cyd)]

    assert followed_by(ann, ben)
    at = f"/api/messages/{answer['id']}/thread/follow"
    assert cyd.done("PUT", at, {}) == {"message_id": root["id"], "room_id": room, "following": True}
    assert not ann.done("DELETE", at)["following"]
    assert followed_by(ben, cyd)
    said(cyd, room, reply_to=root["id"])
    assert followed_by(ben, cyd), "the answers of others do not bring back who said that they do not follow"
    said(ann, room, reply_to=root["id"])
    assert followed_by(ann, ben, cyd), "one's own does"
    ann.done("DELETE", f"/api/rooms/{room}/members/{cyd.id}")
    assert cyd.ask("PUT", at, {}).status_code == 404
    ann.done("POST", f"/api/rooms/{room}/members", {"user_ids": [cyd.id]})
    assert followed_by(ann, ben), "whoever leaves follows nothing there any more"
