"""Threads by HTTP: answers, their counts, and what becomes of them when messages are deleted."""

from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team

pytestmark = pytest.mark.row("MS4")


def said(who: Person, room: str, content: str = "hi", **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = who.done("POST", f"/api/rooms/{room}/messages", {"content": content, **more})
    return answer


def refused(who: Person, room: str, **more: Any) -> tuple[int, str, str]:
    """The status, and the place and code of the one thing that is wrong."""
    answer = who.ask("POST", f"/api/rooms/{room}/messages", {"content": "hi", **more})
    (fault,) = answer.json()["errors"]
    return answer.status_code, fault["pointer"], fault["code"]


def test_answers_are_counted_and_paged_and_an_answer_to_one_stands_beside_it(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room = channel(ann, team(ann, ben), ben)
    root = said(ann, room, "who is in?")
    assert (root["reply_to"], root["thread"]) == (None, None)
    first = said(ben, room, "me", reply_to=root["id"])
    second = said(ann, room, "good", reply_to=first["id"])
    said(ben, room, "something else")
    assert [m["reply_to"] for m in (first, second)] == [root["id"]] * 2
    shown = ben.done("GET", f"/api/messages/{root['id']}")
    assert shown["thread"] == {"replies": 2, "last_at": second["created_at"]}
    page = ben.done("GET", f"/api/messages/{root['id']}/thread", params={"limit": 1})
    assert [m["id"] for m in page["items"]] == [first["id"]]
    rest = ben.done("GET", f"/api/messages/{root['id']}/thread", params={"cursor": page["next"]})
    assert ([m["id"] for m in rest["items"]], rest["next"]) == ([second["id"]], None)
    assert ben.done("GET", f"/api/messages/{first['id']}/thread")["items"] == [first, second], "asked by a reply"
    assert ann.done("GET", f"/api/rooms/{room}/messages")["items"][0] == shown
    assert page["position"]["offset"] == ann.done("GET", f"/api/rooms/{room}")["offset"]


def test_deleting_answers_keeps_the_count_right(server: Server) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    root = said(ann, room)
    one, two = (said(ann, room, reply_to=root["id"]) for _ in "ab")

    def thread() -> Any:
        return ann.done("GET", f"/api/messages/{root['id']}")["thread"]

    ann.done("DELETE", f"/api/messages/{two['id']}")
    assert thread() == {"replies": 1, "last_at": one["created_at"]}
    assert ann.ask("DELETE", f"/api/messages/{two['id']}").status_code == 409
    ann.done("DELETE", f"/api/messages/{one['id']}")
    assert thread() is None
    shown = ann.done("GET", f"/api/messages/{root['id']}/thread")["items"]
    assert [(m["id"], m["content"], m["reply_to"]) for m in shown] == [
        (one["id"], "", root["id"]), (two["id"], "", root["id"]),
    ]  # fmt: skip


def test_a_thread_outlives_its_first_message_and_takes_no_more(server: Server) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    root = said(ann, room)
    answer = said(ann, room, reply_to=root["id"])
    ann.done("DELETE", f"/api/messages/{root['id']}")
    gone = ann.done("GET", f"/api/messages/{root['id']}")
    assert (gone["content"], gone["thread"]["replies"]) == ("", 1)
    assert ann.done("GET", f"/api/messages/{root['id']}/thread")["items"] == [answer]
    for named in (root, answer):
        assert refused(ann, room, reply_to=named["id"]) == (400, "/reply_to", "message_deleted")
    ann.done("DELETE", f"/api/messages/{answer['id']}")
    assert ann.done("GET", f"/api/messages/{root['id']}")["thread"] is None


def test_what_cannot_be_answered_is_said_and_changes_nothing(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    workspace = team(ann, ben)
    room, other = channel(ann, workspace, ben), channel(ann, workspace)
    elsewhere, bens = said(ann, other), said(ben, channel(ben, team(ben)))
    gone = said(ann, room)
    ann.done("DELETE", f"/api/messages/{gone['id']}")
    nobody = "00000000-0000-4000-8000-000000000000"
    for field in ("reply_to", "quote"):
        for named in (elsewhere["id"], bens["id"], nobody):
            assert refused(ann, room, **{field: named}) == (400, f"/{field}", "unknown_message")
        assert refused(ben, room, **{field: gone["id"]}) == (400, f"/{field}", "message_deleted")
        assert refused(ben, room, **{field: "no id"})[:2] == (400, f"/{field}")
    assert len(ann.done("GET", f"/api/rooms/{room}/messages")["items"]) == 1
    assert ann.done("GET", f"/api/messages/{elsewhere['id']}")["thread"] is None
    assert ben.ask("GET", f"/api/messages/{elsewhere['id']}/thread").status_code == 404


def test_a_key_gives_the_first_answer_though_what_it_answered_is_gone(server: Server) -> None:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    root = said(ann, room)

    def send() -> Any:
        body = {"content": "me too", "reply_to": root["id"]}
        return ann.ask("POST", f"/api/rooms/{room}/messages", body, headers={"Idempotency-Key": "k"})

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert ann.done("GET", f"/api/messages/{root['id']}")["thread"]["replies"] == 1
    ann.done("DELETE", f"/api/messages/{root['id']}")
    assert send().json() == first.json()
