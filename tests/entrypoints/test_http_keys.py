"""Repeating safely, several commands at once, and why something is allowed; by HTTP, against a real server."""

import uuid

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team

Two = tuple[Person, Person, str, str]


@pytest.fixture(scope="module")
def two(server: Server) -> Two:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


def keyed(key: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Idempotency-Key": key}}


@pytest.mark.row("MS3")
def test_the_same_key_gives_the_same_message(two: Two) -> None:
    ann, ben, _, room = two
    at, key = f"/api/rooms/{room}/messages", uuid.uuid4().hex
    first = ann.ask("POST", at, {"content": "once"}, **keyed(key))
    again = ann.ask("POST", at, {"content": "once"}, **keyed(key))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json(), "the same id and offset"
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    other = ann.ask("POST", at, {"content": "twice"}, **keyed(key))
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert ben.ask("POST", at, {"content": "mine"}, **keyed(key)).status_code == 201, "a key is its actor's own"
    control = ann.ask("POST", at, {"content": "once"}, **keyed(uuid.uuid4().hex))
    assert control.json()["id"] != first.json()["id"]


@pytest.mark.row("DX1")
def test_any_command_is_kept_under_its_key(two: Two) -> None:
    ann, _, w, _ = two
    key, body = uuid.uuid4().hex, {"kind": "public_channel", "name": "kept", "workspace_id": w}
    first = ann.ask("POST", "/api/rooms", body, **keyed(key))
    again = ann.ask("POST", "/api/rooms", body, **keyed(key))
    assert again.json() == first.json()
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert "Idempotency-Replayed" not in first.headers
    other = ann.ask("POST", "/api/rooms", {**body, "name": "other"}, **keyed(key))
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert ann.ask("POST", "/api/workspaces", {"name": "x"}, **keyed(key)).status_code == 201, "and its use case's own"


def test_an_answer_with_a_secret_is_not_kept(two: Two) -> None:
    ann, _, w, _ = two
    key, at = uuid.uuid4().hex, f"/api/workspaces/{w}/invitations"
    before = len(ann.done("GET", at))
    assert ann.ask("POST", at, {}, **keyed(key)).status_code == 201
    again = ann.ask("POST", at, {}, **keyed(key))
    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert "token" not in again.json()
    assert len(ann.done("GET", at)) == before + 1


def test_a_refused_command_leaves_its_key_free(two: Two) -> None:
    ann, _, w, _ = two
    key, body = uuid.uuid4().hex, {"kind": "private_channel", "workspace_id": w}
    assert ann.ask("POST", "/api/rooms", body, **keyed(key)).status_code == 400
    assert ann.ask("POST", "/api/rooms", {**body, "name": "now"}, **keyed(key)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_key_that_cannot_be_one_is_refused(two: Two, key: str) -> None:
    ann, _, _, room = two
    answer = ann.ask("POST", f"/api/rooms/{room}/messages", {"content": "x"}, **keyed(key))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


@pytest.mark.row("DX1")
def test_a_batch_of_all_is_done_wholly_or_not_at_all(two: Two) -> None:
    ann, ben, _, room = two
    at = f"/api/rooms/{room}/messages"
    send = {"name": "send_message", "data": {"room_id": room, "content": "in a batch"}}
    done = ann.done("POST", "/api/batch", {"mode": "all", "commands": [send, send]})["results"]
    assert [r["error"] for r in done] == [None, None]
    assert done[1]["data"]["number"] == done[0]["data"]["number"] + 1
    before = ben.done("GET", at)
    bad = {"name": "send_message", "data": {"room_id": room, "content": ""}}
    refused = ann.ask("POST", "/api/batch", {"mode": "all", "commands": [send, bad]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/commands/1/data/content"
    assert ben.done("GET", at) == before, "nothing was done"
    missing = {"name": "leave_room", "data": {"room_id": str(uuid.uuid4())}}
    refused = ann.ask("POST", "/api/batch", {"mode": "all", "commands": [send, missing]})
    assert refused.json()["errors"] == [
        {"pointer": "/commands/1", "code": "not_found", "detail": "There is no such room, or it is not for you."}
    ]
    assert ben.done("GET", at) == before


@pytest.mark.row("DX1")
def test_a_batch_of_each_does_what_it_can(two: Two) -> None:
    ann, _, _, room = two
    send = {"name": "send_message", "data": {"room_id": room, "content": "each"}}
    bad = {"name": "send_message", "data": {"room_id": room}}
    said = ann.done("POST", "/api/batch", {"mode": "each", "commands": [send, bad, send]})["results"]
    assert [r["error"] and r["error"]["code"] for r in said] == [None, "invalid", None]
    assert said[1]["error"]["errors"][0]["pointer"] == "/content"


@pytest.mark.parametrize(
    "command, code",
    [
        ({"name": "list_rooms", "data": {}}, "unknown_use_case"),
        ({"name": "sign_in", "data": {}}, "unknown_use_case"),
        ({"name": "batch", "data": {"mode": "each", "commands": []}}, "unknown_use_case"),
        ({"name": "keep_within_bounds", "data": {}}, "unknown_use_case"),
        ({"name": "change_password", "data": {"current_password": "x", "new_password": "y"}}, "slow_in_batch"),
    ],
)
def test_what_is_no_part_of_a_batch(two: Two, command: dict, code: str) -> None:
    ann = two[0]
    refused = ann.ask("POST", "/api/batch", {"mode": "all", "commands": [command]})
    assert (refused.status_code, refused.json()["code"]) == (400, code)


@pytest.mark.row("OP7")
def test_a_decision_is_explained(two: Two) -> None:
    ann, ben, _, room = two

    def ask(who: Person, permission: str, **more: str) -> tuple[bool, str]:
        asked = {"permission": permission, "resource": f"room:{room}", **more}
        said = who.done("GET", "/api/explain", params=asked)
        return said["allowed"], said["reason"]

    assert ask(ann, "room:delete") == (True, "room_role:owner")
    assert ask(ben, "room:delete") == (False, "role_lacks_permission")
    assert ask(ann, "room:delete", user_id=ben.id) == (False, "role_lacks_permission")
    about = {"permission": "room:read", "resource": f"room:{room}", "user_id": ann.id}
    assert ben.ask("GET", "/api/explain", params=about).status_code == 403, "a member asks for themselves alone"
    nowhere = {"permission": "room:read", "resource": f"room:{uuid.uuid4()}"}
    assert ben.ask("GET", "/api/explain", params=nowhere).status_code == 404
