"""Reactions by HTTP and over a WebSocket, against a real server."""

from typing import Any
from urllib.parse import quote

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import wire

pytestmark = pytest.mark.row("MS4")

Two = tuple[Person, Person, str]


@pytest.fixture(scope="module")
def two(server: Server) -> Two:
    ann, ben = sign_up(server), sign_up(server)
    return ann, ben, channel(ann, team(ann, ben), ben)


def said(who: Person, room: str, content: str = "hello") -> str:
    answer: str = who.done("POST", f"/api/rooms/{room}/messages", {"content": content})["id"]
    return answer


def at(message: str, emoji: str) -> str:
    return f"/api/messages/{message}/reactions/{quote(emoji, safe='')}"


def shown(reactions: list[dict[str, Any]]) -> list[tuple[str, int, bool | None]]:
    return [(r["emoji"], r["count"], r["mine"]) for r in reactions]


def test_reactions_are_grouped_counted_and_ones_own_are_known(two: Two) -> None:
    ann, ben, room = two
    message = said(ann, room)
    assert ann.done("GET", f"/api/messages/{message}")["reactions"] == []
    assert shown(ann.done("PUT", at(message, "👍"))["reactions"]) == [("👍", 1, True)]
    assert shown(ann.done("PUT", at(message, "👍"))["reactions"]) == [("👍", 1, True)], "twice is once"
    assert shown(ben.done("PUT", at(message, "❤"))["reactions"]) == [("👍", 1, False), ("❤️", 1, True)]
    assert shown(ann.done("PUT", at(message, "❤️"))["reactions"]) == [("👍", 1, True), ("❤️", 2, True)]
    for who, mine in ((ann, True), (ben, False)):
        (listed,) = [m for m in who.done("GET", f"/api/rooms/{room}/messages")["items"] if m["id"] == message]
        assert shown(listed["reactions"]) == [("👍", 1, mine), ("❤️", 2, True)]
        last = who.done("GET", f"/api/rooms/{room}")["last_message"]
        assert shown(last["reactions"]) == [("👍", 1, None), ("❤️", 2, None)]
    edited = ben.ask("PATCH", f"/api/messages/{message}", {"content": "x"})
    assert edited.status_code == 403
    assert shown(ann.done("PATCH", f"/api/messages/{message}", {"content": "x"})["reactions"]) == shown(
        ann.done("GET", f"/api/messages/{message}")["reactions"]
    )
    people = ann.done("GET", at(message, "❤"))["items"]
    assert [(p["user_id"], p["user"]["username"]) for p in people] == [(ben.id, ben.username), (ann.id, ann.username)]
    assert ann.done("GET", at(message, "🌴"))["items"] == []
    assert shown(ann.done("DELETE", at(message, "👍"))["reactions"]) == [("❤️", 2, True)]
    assert shown(ann.done("DELETE", at(message, "👍"))["reactions"]) == [("❤️", 2, True)]


@pytest.mark.parametrize("emoji", ["a", ":)", "👍👍", "🏽", "1", "%", "<b>", " ", "🇽🇽", "x" * 32])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_what_is_not_an_emoji_is_refused_at_its_place(two: Two, emoji: str, method: str) -> None:
    ann, _, room = two
    message = said(ann, room)
    answer = ann.ask(method, at(message, emoji))
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (
        400, [("/emoji", "emoji")],
    )  # fmt: skip
    assert ann.done("GET", f"/api/messages/{message}")["reactions"] == []


def test_a_message_has_fifty_different_ones_and_the_next_is_refused(two: Two) -> None:
    ann, ben, room = two
    message = said(ann, room)
    for code in range(50):
        ann.done("PUT", at(message, chr(0x1F400 + code % 25) if code < 25 else chr(0x1F4A0 + code)))
    refused = ann.ask("PUT", at(message, "🚀"))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_reactions")
    assert ben.done("PUT", at(message, chr(0x1F400)))["reactions"][0]["count"] == 2, "one that is there is counted"
    assert len(ann.done("GET", f"/api/messages/{message}")["reactions"]) == 50
    ann.done("DELETE", at(message, chr(0x1F401)))
    assert ann.done("PUT", at(message, "🚀"))["reactions"][-1]["emoji"] == "🚀"


def test_a_deleted_message_has_none_and_takes_none(two: Two) -> None:
    ann, ben, room = two
    message = said(ann, room)
    ben.done("PUT", at(message, "👍"))
    assert ann.done("DELETE", f"/api/messages/{message}")["reactions"] == []
    for method in ("PUT", "DELETE"):
        refused = ben.ask(method, at(message, "👍"))
        assert (refused.status_code, refused.json()["code"]) == (409, "message_deleted")
    assert ben.done("GET", at(message, "👍"))["items"] == []


def test_only_who_may_write_there_reacts(server: Server, two: Two) -> None:
    ann, ben, _ = two
    workspace = team(ann, ben)
    square, den = channel(ann, workspace, kind="public_channel"), channel(ann, workspace)
    assert ben.ask("PUT", at(said(ann, square), "👍")).json()["code"] == "not_in_room"
    assert ben.ask("PUT", at(said(ann, den), "👍")).status_code == 404
    ben.done("POST", f"/api/rooms/{square}/join")
    assert ben.ask("PUT", at(said(ann, square), "👍")).status_code == 200
    message = said(ann, square)
    ann.done("POST", f"/api/rooms/{square}/archive", {})
    assert ben.ask("PUT", at(message, "👍")).json()["code"] == "room_archived"


async def test_a_follower_is_told_what_happened_and_by_whom(server: Server, two: Two) -> None:
    ann, ben, room = two
    message = said(ann, room)
    position = ann.done("GET", f"/api/rooms/{room}/messages")["position"]
    async with wire(server, ben.token) as one:
        await one.follow(f"room:{room}")
        for name in ("add_reaction", "add_reaction", "remove_reaction"):
            await one.command(name, message_id=message, emoji="👍")
        ann.done("PUT", at(message, "🌴"))
        while (await one.until({"type": "reaction_added"}))["data"]["emoji"] != "🌴":
            pass
    after = {"epoch": position["epoch"], "offset": position["offset"]}
    events = ann.done("GET", f"/api/rooms/{room}/events", params=after)["items"]
    fact = {"message_id": message, "emoji": "👍", "user_id": ben.id}
    assert [(e["type"], e["data"]) for e in events] == [
        ("reaction_added", fact),
        ("reaction_removed", fact),
        ("reaction_added", {"message_id": message, "emoji": "🌴", "user_id": ann.id}),
    ]
