"""The history of a room by date, and a link to a message opened in its place, against a real server."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team

pytestmark = pytest.mark.row("MS1")


@pytest.fixture(scope="module")
def told(server: Server) -> tuple[Person, str, list[dict[str, Any]]]:
    ann = sign_up(server)
    room = channel(ann, team(ann))
    return ann, room, [ann.done("POST", f"/api/rooms/{room}/messages", {"content": str(n)}) for n in range(9)]


def page(ann: Person, room: str, **query: Any) -> tuple[list[int], bool, bool]:
    found = ann.done("GET", f"/api/rooms/{room}/messages", params=query)
    return [m["number"] for m in found["items"]], found["prev"] is not None, found["next"] is not None


def later(text: str, **by: float) -> str:
    return (datetime.fromisoformat(text) + timedelta(**by)).isoformat()


def test_the_page_around_the_first_message_at_a_time_or_after_it(
    told: tuple[Person, str, list[dict[str, Any]]],
) -> None:
    ann, room, said = told
    times = [m["created_at"] for m in said]
    assert times == sorted(set(times)), "each has its own time"
    for middle in (3, 4, 5):
        there = page(ann, room, at=times[middle], limit=3)
        assert there == page(ann, room, around=said[middle]["id"], limit=3)
        assert there == ([middle, middle + 1, middle + 2], True, True)
        assert page(ann, room, at=later(times[middle - 1], microseconds=1), limit=3) == there
    assert page(ann, room, at=later(times[0], days=-1), limit=3) == ([1, 2, 3], False, True)
    assert page(ann, room, at=later(times[-1], days=1), limit=3) == ([7, 8, 9], True, False), "the newest"
    assert page(ann, room, at=times[4].replace("Z", "+00:00"), limit=3) == page(ann, room, at=times[4], limit=3)


def test_what_is_no_time_or_too_much_is_refused_at_its_place(told: tuple[Person, str, list[dict[str, Any]]]) -> None:
    ann, room, said = told
    for query in ({"at": "tomorrow"}, {"at": "2026-01-01T00:00:00"}, {"at": ""}):
        answer = ann.ask("GET", f"/api/rooms/{room}/messages", params=query)
        assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, ["/at"])
    for limit in ("0", "201", "-1"):
        answer = ann.ask("GET", f"/api/rooms/{room}/messages", params={"limit": limit})
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/limit", "value")]
    cursor = ann.done("GET", f"/api/rooms/{room}/messages", params={"limit": 3})["prev"]
    mixed = ann.ask("GET", f"/api/rooms/{room}/messages", params={"cursor": cursor, "around": said[3]["id"]})
    assert [(e["pointer"], e["code"]) for e in mixed.json()["errors"]] == [("/around", "one_of")]
    both = ann.ask("GET", f"/api/rooms/{room}/messages", params={"at": said[3]["created_at"], "around": said[3]["id"]})
    assert [(e["pointer"], e["code"]) for e in both.json()["errors"]] == [("/at", "one_of")]


def test_a_link_to_a_message_leads_to_its_place(server: Server, told: tuple[Person, str, list[dict[str, Any]]]) -> None:
    ann, room, said = told
    linked = ann.done("GET", f"/api/messages/{said[4]['id']}")
    assert (linked["room_id"], linked["number"]) == (room, 5)
    assert page(ann, linked["room_id"], around=linked["id"], limit=3)[0] == [4, 5, 6]
    assert sign_up(server).ask("GET", f"/api/messages/{linked['id']}").status_code == 404
