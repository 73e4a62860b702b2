"""Muting, banning and passwords of channels by HTTP, as people use them."""

from collections.abc import Callable

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team


@pytest.fixture
def three(server: Server) -> tuple[Person, Person, Person, str]:
    ann, ben, cyd = (sign_up(server) for _ in range(3))
    return ann, ben, cyd, team(ann, ben, cyd)


@pytest.mark.row("RM4")
def test_a_member_is_muted_and_speaks_again(three: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, w = three
    room = channel(ann, w, ben)
    at = f"/api/rooms/{room}/members/{ben.id}"
    muted = ann.done("PATCH", at, {"muted_until": "2099-12-31T12:00:00+01:00"})
    assert (muted["muted"], muted["muted_until"]) == (True, "2099-12-31T11:00:00Z")
    refused = ben.ask("POST", f"/api/rooms/{room}/messages", {"content": "hi"})
    assert (refused.status_code, refused.json()["code"]) == (403, "muted")
    why = ben.done("GET", "/api/explain", params={"permission": "room:message:send", "resource": f"room:{room}"})
    assert (why["allowed"], why["reason"]) == (False, "muted")
    assert [m["muted"] for m in ben.done("GET", f"/api/rooms/{room}/members")["items"]] == [False, True]
    assert ann.done("PATCH", at, {"muted": True})["muted_until"] is None
    assert ann.done("PATCH", at, {"muted": False, "role": "moderator"})["role"] == "moderator"
    ben.done("POST", f"/api/rooms/{room}/messages", {"content": "hi"})


@pytest.mark.row("RM4")
def test_somebody_is_banned_listed_and_let_in_again(three: tuple[Person, Person, Person, str]) -> None:
    ann, ben, cyd, w = three
    room = channel(ann, w, ben, cyd, kind="public_channel")
    bans = f"/api/rooms/{room}/bans"
    ban = ann.done("PUT", f"{bans}/{ben.id}", {"reason": "spam", "until": "2099-12-31T12:00:00Z"})
    assert (ban["user"]["username"], ban["banned_by"], ban["reason"]) == (ben.username, ann.id, "spam")
    assert ann.done("PUT", f"{bans}/{ben.id}", {})["until"] is None, "again replaces it"
    assert [b["user_id"] for b in ann.done("GET", bans)["items"]] == [ben.id]
    assert cyd.ask("GET", bans).json()["code"] == "role_lacks_permission"
    assert ben.ask("POST", f"/api/rooms/{room}/join").json()["code"] == "banned"
    ann.done("POST", f"/api/rooms/{room}/messages", {"content": "not for everybody"})
    listed = [who.done("GET", f"/api/workspaces/{w}/channels")["items"][0] for who in (cyd, ben)]
    assert [c["last_message"] is not None for c in listed] == [True, False]
    added = ann.ask("POST", f"/api/rooms/{room}/members", {"user_ids": [ben.id]})
    assert (added.status_code, added.json()["errors"][0]["pointer"]) == (400, "/user_ids")
    ann.done("DELETE", f"{bans}/{ben.id}")
    assert ann.ask("DELETE", f"{bans}/{ben.id}").status_code == 404
    ben.done("POST", f"/api/rooms/{room}/join")


@pytest.mark.row("RM2")
def test_a_password_that_is_tried_again_and_again_meets_a_limit_before_it_is_looked_at(
    make_server: Callable[..., Server],
) -> None:
    server = make_server(rate_room_password_per_minute=5)
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    made = {"kind": "public_channel", "name": "cave", "workspace_id": w, "password": "sesame"}
    room = ann.done("POST", "/api/rooms", made)["id"]
    at = f"/api/rooms/{room}/join"
    tried = [ben.ask("POST", at, {"password": f"guess {n}"}) for n in range(8)]
    assert [t.json()["code"] for t in tried] == ["wrong_password"] * 5 + ["too_many_requests"] * 3
    assert [t.status_code for t in tried] == [403] * 5 + [429] * 3
    assert int(tried[-1].headers["Retry-After"]) > 0
    late = ben.ask("POST", at, {"password": "sesame"})
    assert late.status_code == 429, "the right one comes too late"
    assert ben.ask("POST", at).json()["code"] == "password_required", "what shows no password is not counted"
