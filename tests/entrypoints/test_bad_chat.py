"""Wrong edits, and passwords that are guessed at: each is refused by its code, and changes nothing."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ..engines import on_sqlite
from ..server import Server
from .people import PASSWORD, Person, channel, sign_up, team

Two = tuple[Person, Person, str]


@pytest.fixture(scope="module")
def two(server: Server) -> Two:
    """An owner, a member, and their workspace."""
    ann, ben = sign_up(server), sign_up(server)
    return ann, ben, team(ann, ben)


def say(person: Person, room: str, content: str) -> str:
    said: str = person.done("POST", f"/api/rooms/{room}/messages", {"content": content})["id"]
    return said


def told(person: Person, room: str) -> list[Any]:
    """Everything that the room's stream tells."""
    at = {"epoch": person.done("GET", f"/api/rooms/{room}")["epoch"], "offset": 0}
    items: list[Any] = person.done("GET", f"/api/rooms/{room}/events", params=at)["items"]
    return items


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.row("MS4")
def test_an_edit_by_another_or_of_what_was_deleted_is_refused(two: Two) -> None:
    ann, ben, w = two
    room = channel(ann, w, ben)
    mine, gone = say(ben, room, "mine"), say(ben, room, "gone")
    ben.done("DELETE", f"/api/messages/{gone}")
    before = told(ann, room)
    for who in (ann, sign_up(ann.server)):
        answer = who.ask("PATCH", f"/api/messages/{mine}", {"content": "not mine"})
        assert refused(answer) == ((403, "not_the_author") if who is ann else (404, "not_found"))
    assert refused(ben.ask("PATCH", f"/api/messages/{gone}", {"content": "back"})) == (409, "message_deleted")
    assert refused(ben.ask("DELETE", f"/api/messages/{gone}")) == (409, "message_deleted")
    assert told(ann, room) == before
    assert ben.done("PATCH", f"/api/messages/{mine}", {"content": "still mine"})["content"] == "still mine", (
        "the control"
    )


@pytest.mark.row("MS4")
@pytest.mark.parametrize(
    "kind,code",
    [("private_channel", (404, "not_found")), ("public_channel", (403, "not_in_room"))],
)
def test_an_edit_in_a_room_that_was_left_is_refused(two: Two, kind: str, code: tuple[int, str]) -> None:
    """Whoever has left a room leaves their words there as they are: they say nothing in it any more, nor take it back."""
    ann, ben, w = two
    room = channel(ann, w, ben, kind=kind)
    path = f"/api/messages/{say(ben, room, 'as it was')}"
    ben.done("POST", f"/api/rooms/{room}/leave")
    before = told(ann, room)
    assert refused(ben.ask("PATCH", path, {"content": "other words"})) == code
    assert refused(ben.ask("DELETE", path)) == code
    assert (told(ann, room), ann.done("GET", path)["content"]) == (before, "as it was")
    if kind == "public_channel":
        ben.done("POST", f"/api/rooms/{room}/join")
    else:
        ann.done("POST", f"/api/rooms/{room}/members", {"user_ids": [ben.id]})
    assert ben.done("PATCH", path, {"content": "other words"})["content"] == "other words", "the control"


def guesses(person: Person, method: str, path: str, **fixed: str) -> tuple[int, set[int]]:
    """A thousand wrong passwords: how many were looked at, and what else was answered."""
    with person.http as http:
        answers = [http.request(method, path, json={**fixed, "password": f"wrong horse {n}"}) for n in range(1000)]
    looked_at = [a for a in answers if a.status_code in {401, 403}]
    return len(looked_at), {a.status_code for a in answers} - {401, 403}


@pytest.mark.row("ID1", "OP7")
@on_sqlite
def test_a_password_that_is_tried_a_thousand_times(make_server: Callable[..., Server]) -> None:
    """Of an account, or of a channel: what is looked at is what the limits let through, and the right one is no sooner
    found. Nobody else is kept out by it."""
    server = make_server(rate_sign_in_name_per_minute=10, rate_room_password_per_minute=10)
    ann, ben = sign_up(server), sign_up(server)
    made = {"kind": "public_channel", "name": "cave", "workspace_id": team(ann, ben), "password": "sesame"}
    cave = ann.done("POST", "/api/rooms", made)["id"]
    for path, fixed, right in (
        ("/api/signin", {"login": ann.username}, PASSWORD),
        (f"/api/rooms/{cave}/join", {}, "sesame"),
    ):
        began = time.monotonic()
        looked_at, rest = guesses(ben, "POST", path, **fixed)
        assert rest == {429}
        refilled = (time.monotonic() - began) / 6
        assert 10 <= looked_at <= 11 + refilled
        late = [ben.ask("POST", path, {**fixed, "password": f"wrong horse {n}"}) for n in range(10)]
        late.append(ben.ask("POST", path, {**fixed, "password": right}))
        assert late[-1].status_code == 429
        assert int(late[-1].headers["Retry-After"]) >= 1
    assert ann.done("GET", "/api/auth/me")["id"] == ann.id, "whoever is signed in stays so"
    assert ben.again().id == ben.id, "the control: others sign in"
