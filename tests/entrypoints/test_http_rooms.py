"""Rooms, members and messages by HTTP, against a real server."""

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team

Three = tuple[Person, Person, Person, str]


@pytest.fixture(scope="module")
def three(server: Server) -> Three:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    return ann, ben, cyd, team(ann, ben, cyd)


@pytest.mark.row("RM1")
def test_rooms_of_all_four_kinds(three: Three) -> None:
    ann, ben, cyd, w = three

    def make(kind: str, members: list[Person], **more: object) -> tuple[int, dict]:
        body = {"kind": kind, "workspace_id": w, "member_ids": [m.id for m in members], **more}
        answer = ann.ask("POST", "/api/rooms", body)
        return answer.status_code, answer.json()

    status, direct = make("direct", [ben])
    assert (status, direct["owner_id"], direct["members_count"]) == (201, None, 2)
    status, again = make("direct", [ben])
    assert (status, again["id"]) == (200, direct["id"]), "a direct room asked for again is the same room"
    assert make("direct", [ben, cyd])[0] == 400
    status, group = make("group", [ben, cyd])
    assert (status, group["members_count"], group["role"]) == (201, 3, "owner")
    assert make("group", [ben])[0] == 400
    assert make("private_channel", [ben], name="den")[0] == 201
    assert make("private_channel", [ben])[1]["errors"][0]["pointer"] == "/name"
    assert make("public_channel", [], name="square")[0] == 201
    assert make("public_channel", [ben], name="square")[0] == 400


@pytest.mark.row("RM3", "RM4")
def test_a_public_channel_is_found_joined_and_left(three: Three) -> None:
    ann, ben, cyd, w = three
    square, den = channel(ann, w, kind="public_channel"), channel(ann, w)
    listed = {r["id"]: r["role"] for r in ben.done("GET", f"/api/workspaces/{w}/channels")["items"]}
    assert listed[square] is None
    assert den not in listed
    assert ben.done("POST", f"/api/rooms/{square}/join")["role"] == "member"
    assert ben.done("POST", f"/api/rooms/{square}/join")["members_count"] == 2, "twice is once"
    mine = {r["id"] for r in ben.done("GET", "/api/rooms", params={"workspace_id": w})["items"]}
    assert square in mine
    ben.done("POST", f"/api/rooms/{square}/leave")
    assert ben.ask("POST", f"/api/rooms/{square}/messages", {"content": "hi"}).json()["code"] == "not_in_room"
    assert ann.ask("POST", f"/api/rooms/{square}/leave").json()["code"] == "last_owner"
    assert cyd.ask("POST", f"/api/rooms/{den}/join").status_code == 404


@pytest.mark.row("RM4")
def test_members_are_added_removed_promoted_and_the_room_handed_over(three: Three) -> None:
    ann, ben, cyd, w = three
    room = channel(ann, w)
    at = f"/api/rooms/{room}/members"
    added = ann.ask("POST", at, {"user_ids": [ben.id, cyd.id]})
    assert (added.status_code, {m["user_id"] for m in added.json()}) == (201, {ben.id, cyd.id})
    assert ben.done("GET", at)["items"][0]["user_id"] == ann.id
    ann.done("PATCH", f"{at}/{ben.id}", {"role": "moderator"})
    assert ben.ask("DELETE", f"{at}/{ann.id}").json()["code"] == "rank"
    assert ann.ask("DELETE", f"{at}/{ann.id}").json()["code"] == "last_owner"
    ben.done("DELETE", f"{at}/{cyd.id}")
    assert cyd.ask("GET", f"/api/rooms/{room}").status_code == 404
    assert ann.done("PATCH", f"{at}/{ben.id}", {"role": "owner"})["role"] == "owner"
    assert ann.done("GET", f"/api/rooms/{room}")["role"] == "moderator"
    assert ann.done("GET", f"/api/rooms/{room}")["owner_id"] == ben.id
    ben.done("POST", at, {"user_ids": [cyd.id]})
    both = [("user_id", ann.id), ("user_id", cyd.id)]
    assert ben.ask("DELETE", at, params=both).json()["code"] == "rank", "the workspace is hers still"
    removed = ben.done("DELETE", at, params=both[1:])
    assert {m["user_id"] for m in removed} == {cyd.id}
    ann.done("POST", f"/api/rooms/{room}/leave")
    assert ben.done("GET", f"/api/rooms/{room}")["members_count"] == 1


@pytest.mark.row("RM1")
def test_a_room_is_renamed_archived_opened_and_deleted(three: Three) -> None:
    ann, ben, _, w = three
    room = channel(ann, w, ben)
    at = f"/api/rooms/{room}"
    assert ann.done("PATCH", at, {"description": "about"})["description"] == "about"
    assert ann.done("PATCH", at, {"name": "new", "description": None})["description"] is None
    assert ann.done("POST", f"{at}/archive")["archived"] is True
    assert ben.ask("POST", f"{at}/messages", {"content": "hi"}).json()["code"] == "room_archived"
    assert ann.done("POST", f"{at}/archive", {"archived": False})["archived"] is False
    ben.done("POST", f"{at}/messages", {"content": "hi"})
    ann.done("DELETE", at)
    assert ben.ask("GET", at).status_code == 404
    assert ben.ask("GET", f"{at}/messages").status_code == 404


@pytest.mark.row("MS1", "MS2")
def test_history_is_read_both_ways_and_around_a_message(three: Three) -> None:
    ann, ben, _, w = three
    room = channel(ann, w, ben)
    at = f"/api/rooms/{room}/messages"
    ids = [ann.done("POST", at, {"content": f"m{n}"})["id"] for n in range(1, 13)]
    newest = ben.done("GET", at, params={"limit": 5})
    assert [m["content"] for m in newest["items"]] == ["m8", "m9", "m10", "m11", "m12"]
    assert newest["next"] is None
    assert newest["position"]["offset"] == newest["items"][-1]["offset"]
    older = ben.done("GET", at, params={"limit": 5, "cursor": newest["prev"]})
    ann.done("POST", at, {"content": "m13"})
    assert [m["content"] for m in older["items"]] == ["m3", "m4", "m5", "m6", "m7"]
    oldest = ben.done("GET", at, params={"limit": 5, "cursor": older["prev"]})
    assert ([m["content"] for m in oldest["items"]], oldest["prev"]) == (["m1", "m2"], None)
    back = ben.done("GET", at, params={"limit": 5, "cursor": oldest["next"]})
    assert [m["content"] for m in back["items"]] == ["m3", "m4", "m5", "m6", "m7"]
    around = ben.done("GET", at, params={"limit": 5, "around": ids[5]})
    assert ids[5] in [m["id"] for m in around["items"]]
    assert len(around["items"]) == 5
    bad = ben.ask("GET", at, params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (400, "/cursor")


@pytest.mark.row("MS4")
def test_messages_are_edited_and_deleted_and_their_words_are_gone(three: Three) -> None:
    ann, ben, _, w = three
    room = channel(ann, w, ben)
    start = ann.done("GET", f"/api/rooms/{room}")
    sent = ann.done("POST", f"/api/rooms/{room}/messages", {"content": "secret plan"})
    at = f"/api/messages/{sent['id']}"
    assert ben.ask("PATCH", at, {"content": "x"}).json()["code"] == "not_the_author"
    assert ann.done("PATCH", at, {"content": "harmless"})["edited_at"] is not None
    assert ben.done("GET", at)["content"] == "harmless"
    since = {"epoch": start["epoch"], "offset": start["offset"]}
    events = ben.ask("GET", f"/api/rooms/{room}/events", params=since)
    assert "secret plan" not in events.text
    assert "harmless" in events.text
    ann.done("DELETE", at)
    assert ben.done("GET", at)["content"] == ""
    events = ben.ask("GET", f"/api/rooms/{room}/events", params=since)
    assert "harmless" not in events.text
    assert [e["type"] for e in events.json()["items"]] == ["text", "message_edited", "message_deleted"]


def test_the_older_name_of_rooms_answers_alike(three: Three) -> None:
    ann, ben, _, w = three
    room = channel(ann, w, ben)
    assert ann.done("GET", f"/api/chat/{room}") == ann.done("GET", f"/api/rooms/{room}")
    sent = ann.ask("POST", f"/api/chat/{room}/messages", {"content": "hi"})
    assert sent.status_code == 201
    assert ben.done("GET", f"/api/rooms/{room}/messages") == ben.done("GET", f"/api/chat/{room}/messages")
