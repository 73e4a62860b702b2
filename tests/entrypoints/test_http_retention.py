"""How long messages are kept, by HTTP, over a WebSocket and in a batch, against a real server."""

from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import Refused, wire

pytestmark = pytest.mark.row("MS8")

Two = tuple[Person, Person, str]


@pytest.fixture
def two(server: Server) -> Two:
    ann, ben = sign_up(server), sign_up(server)
    return ann, ben, team(ann, ben)


def problem(who: Person, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = who.ask(method, path, body)
    return answer.status_code, answer.json()["code"]


def test_a_room_and_a_workspace_show_the_rule(two: Two) -> None:
    ann, ben, w = two
    room = channel(ann, w, ben)
    for_ever = {"days": None, "by": "instance"}
    shown = ben.done("GET", f"/api/rooms/{room}")
    assert (shown["retention"], shown["own_retention"], shown["gone_to"]) == (for_ever, None, 0)
    assert ann.done("GET", "/api/config")["message_retention_days"] is None
    ruled = ann.done("PUT", f"/api/workspaces/{w}/retention", {"days": 90, "rooms_decide": True})
    assert (ruled["retention"], ruled["rooms_decide"]) == ({"days": 90}, True)
    assert ben.done("GET", f"/api/workspaces/{w}")["retention"] == {"days": 90}
    assert [x["retention"] for x in ben.done("GET", "/api/workspaces")["items"] if x["id"] == w] == [{"days": 90}]
    assert ben.done("GET", f"/api/rooms/{room}")["retention"] == {"days": 90, "by": "workspace"}
    own = ann.done("PUT", f"/api/rooms/{room}/retention", {"days": 7})
    assert (own["retention"], own["own_retention"]) == ({"days": 7, "by": "room"}, {"days": 7})
    ever = ann.done("PUT", f"/api/rooms/{room}/retention", {"days": None})
    assert ever["retention"] == {"days": None, "by": "room"}
    assert ann.done("DELETE", f"/api/rooms/{room}/retention")["retention"] == {"days": 90, "by": "workspace"}
    assert ann.done("DELETE", f"/api/workspaces/{w}/retention")["retention"] is None
    assert ben.done("GET", f"/api/rooms/{room}")["retention"] == for_ever


@pytest.mark.parametrize("days", [0, -1, 36_501, 10**30])
def test_a_number_of_days_that_is_none_is_refused_at_its_place(two: Two, days: int) -> None:
    ann, _, w = two
    room = channel(ann, w)
    for path in (f"/api/rooms/{room}/retention", f"/api/workspaces/{w}/retention"):
        refused = ann.ask("PUT", path, {"days": days})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/days"]
    assert ann.done("GET", f"/api/rooms/{room}")["own_retention"] is None


@pytest.mark.parametrize("body", [{}, {"days": "7"}, {"days": 1.5}, {"days": 7, "hours": 3}])
def test_what_is_no_rule_is_refused(two: Two, body: dict[str, Any]) -> None:
    ann, _, w = two
    room = channel(ann, w)
    for path in (f"/api/rooms/{room}/retention", f"/api/workspaces/{w}/retention"):
        assert problem(ann, "PUT", path, body) == (400, "invalid")


def test_who_may_not_is_told_why(server: Server, two: Two) -> None:
    ann, ben, w = two
    room, path = channel(ann, w, ben), f"/api/workspaces/{w}/retention"
    own = f"/api/rooms/{room}/retention"
    assert problem(ben, "PUT", own, {"days": 7}) == (403, "role_lacks_permission")
    assert problem(ben, "DELETE", own) == (403, "role_lacks_permission")
    assert problem(ben, "PUT", path, {"days": 7}) == (403, "role_lacks_permission")
    assert problem(sign_up(server), "PUT", own, {"days": 7}) == (404, "not_found")
    ann.done("PUT", path, {"days": 7})
    assert problem(ann, "PUT", own, {"days": 9}) == (409, "retention_by_workspace")
    assert ann.done("GET", f"/api/rooms/{room}")["retention"] == {"days": 7, "by": "workspace"}


async def test_by_a_socket_and_in_a_batch_and_who_follows_is_told(server: Server, two: Two) -> None:
    ann, ben, w = two
    room = channel(ann, w, ben)
    async with wire(server, ben.token) as follower, wire(server, ann.token) as one:
        await follower.follow(f"room:{room}")
        await follower.follow(f"workspace:{w}")
        assert (await one.command("set_room_retention", room_id=room, days=7))["retention"]["days"] == 7
        changed = (await follower.until({"type": "room_retention_changed"}))["data"]
        assert changed == {"room_id": room, "own": True, "days": 7}
        with pytest.raises(Refused) as refused:
            await one.command("set_room_retention", room_id=room, days=0)
        assert refused.value.code == "invalid"
        commands = [
            {"name": "clear_room_retention", "data": {"room_id": room}},
            {"name": "set_workspace_retention", "data": {"workspace_id": w, "days": 30}},
        ]
        ann.done("POST", "/api/batch", {"mode": "all", "commands": commands})
        changed = (await follower.until({"type": "workspace_retention_changed"}))["data"]
        assert changed == {"workspace_id": w, "own": True, "days": 30, "rooms_decide": False}
        again = ann.done("PUT", f"/api/workspaces/{w}/retention", {"days": 30})
        assert again["retention"] == {"days": 30}
        ann.done("DELETE", f"/api/workspaces/{w}/retention")
        assert (await follower.until({"type": "workspace_retention_changed"}))["data"]["own"] is False
