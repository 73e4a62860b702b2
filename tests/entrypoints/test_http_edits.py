"""What a message said before: who may see it, and that nobody else ever does."""

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team

pytestmark = pytest.mark.row("MS4")


@pytest.fixture(scope="module")
def three(server: Server) -> tuple[Person, Person, Person, str]:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    return ann, ben, cyd, channel(ann, team(ann, ben, cyd), ben, cyd)


def test_the_author_and_who_looks_after_the_room_see_it_and_others_do_not(
    three: tuple[Person, Person, Person, str],
) -> None:
    ann, ben, cyd, room = three
    sent = ben.done("POST", f"/api/rooms/{room}/messages", {"content": "the first words"})
    path = f"/api/messages/{sent['id']}"
    assert ben.done("GET", f"{path}/edits")["items"] == []
    second = ben.done("PATCH", path, {"content": "the second words"})
    ben.done("PATCH", path, {"content": "the last words"})
    before = [
        {"version": 1, "content": "the first words", "at": sent["created_at"]},
        {"version": 2, "content": "the second words", "at": second["edited_at"]},
    ]
    for who in (ben, ann):
        assert who.done("GET", f"{path}/edits")["items"] == before
    assert cyd.ask("GET", f"{path}/edits").json()["code"] == "role_lacks_permission"
    first = ben.done("GET", f"{path}/edits", params={"limit": 1})
    assert ben.done("GET", f"{path}/edits", params={"cursor": first["next"]})["items"] == before[1:]
    query = {"epoch": ann.done("GET", f"/api/rooms/{room}")["epoch"], "offset": 0}
    told = ann.ask("GET", f"/api/rooms/{room}/events", params=query).text
    assert "the last words" in told, "the control"
    assert "the first words" not in told
    assert "the second words" not in told


def test_a_delete_takes_it_away(three: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, room = three
    path = f"/api/messages/{ben.done('POST', f'/api/rooms/{room}/messages', {'content': 'a'})['id']}"
    ben.done("PATCH", path, {"content": "b"})
    assert len(ann.done("GET", f"{path}/edits")["items"]) == 1
    ben.done("DELETE", path)
    for who in (ann, ben):
        assert who.done("GET", f"{path}/edits")["items"] == []


def test_an_edit_that_is_refused_leaves_nothing_there(three: tuple[Person, Person, Person, str]) -> None:
    ann, ben, _, room = three
    path = f"/api/messages/{ben.done('POST', f'/api/rooms/{room}/messages', {'content': 'a'})['id']}"
    assert ann.ask("PATCH", path, {"content": "b"}).json()["code"] == "not_the_author"
    assert ben.ask("PATCH", path, {"content": "  "}).status_code == 400
    assert ben.done("PATCH", path, {"content": "a"})["edited_at"] is None, "nothing was changed"
    assert ben.done("GET", f"{path}/edits")["items"] == []
