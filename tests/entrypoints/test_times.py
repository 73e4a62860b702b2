"""Times that come from outside, by HTTP and over a socket: any offset is taken, and what UTC cannot hold is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import Refused, wire

pytestmark = pytest.mark.row("OP7")

OUTSIDE = ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00")
Asked = tuple[str, str, dict[str, Any], str]


def asked_with(ben: Person, workspace: str, room: str, at: str) -> list[Asked]:
    """Every request that takes a time, and the place of the time in it."""
    return [
        ("PATCH", f"/api/rooms/{room}/members/{ben.id}", {"muted": True, "muted_until": at}, "/muted_until"),
        ("PUT", f"/api/rooms/{room}/bans/{ben.id}", {"until": at}, "/until"),
        ("POST", f"/api/rooms/{room}/scheduled", {"content": "later", "send_at": at}, "/send_at"),
        ("POST", "/api/tokens", {"name": "bot", "scopes": ["user:read"], "expires_at": at}, "/expires_at"),
        ("POST", f"/api/workspaces/{workspace}/invitations", {"expires_at": at}, "/expires_at"),
        ("PUT", "/api/presence", {"state": "away", "until": at}, "/until"),
        ("PATCH", "/api/auth/me", {"status": {"text": "out", "until": at}}, "/status/until"),
    ]


def what_is_read(ann: Person, workspace: str, room: str) -> list[Any]:
    """All that shows a time which was given."""
    paths = (f"/api/rooms/{room}/members", f"/api/rooms/{room}/bans", f"/api/scheduled?workspace_id={workspace}",
             "/api/tokens", f"/api/workspaces/{workspace}/invitations", f"/api/presence?user_id={ann.id}", "/api/auth/me")  # fmt: skip
    return [ann.done("GET", path) for path in paths]


@pytest.mark.parametrize("at", OUTSIDE)
def test_what_utc_cannot_hold_is_refused_at_its_place_and_changes_nothing(server: Server, at: str) -> None:
    ann, ben = sign_up(server), sign_up(server)
    workspace = team(ann, ben)
    room = channel(ann, workspace, ben)
    before = what_is_read(ann, workspace, room)
    for method, path, body, pointer in asked_with(ben, workspace, room, at):
        refused = ann.ask(method, path, body)
        assert refused.status_code == 400, (path, refused.text)
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, "range")]
    history = ann.ask("GET", f"/api/rooms/{room}/messages", params={"at": at})
    assert [(e["pointer"], e["code"]) for e in history.json()["errors"]] == [("/at", "range")]
    assert what_is_read(ann, workspace, room) == before


async def test_a_socket_and_a_batch_refuse_it_too(server: Server) -> None:
    ann = sign_up(server)
    async with wire(server, ann.token) as a:
        with pytest.raises(Refused) as refused:
            await a.command("set_presence", state="away", until=OUTSIDE[0])
        assert [e["pointer"] for e in refused.value.problem["errors"]] == ["/until"]
    batch = {"mode": "all", "commands": [{"name": "set_presence", "data": {"state": "away", "until": OUTSIDE[0]}}]}
    told = ann.ask("POST", "/api/batch", batch)
    assert [e["pointer"] for e in told.json()["errors"]] == ["/commands/0/data/until"]


@pytest.mark.parametrize("hours", [-12, 14])
def test_a_time_with_an_offset_is_shown_in_utc(server: Server, hours: int) -> None:
    ann, ben = sign_up(server), sign_up(server)
    workspace = team(ann, ben)
    room = channel(ann, workspace, ben)
    end = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    told, shown = end.astimezone(timezone(timedelta(hours=hours))).isoformat(), end.isoformat().replace("+00:00", "Z")
    for method, path, body, pointer in asked_with(ben, workspace, room, told):
        if "/bans/" not in path:  # who is banned is muted no more
            answer = ann.done(method, path, body)
            assert (answer["status"] if "status" in pointer else answer)[pointer.split("/")[-1]] == shown
    assert [t["expires_at"] for t in ann.done("GET", "/api/tokens")] == [shown], "it is not over"
    assert len(ann.done("GET", f"/api/workspaces/{workspace}/invitations")) == 1


@pytest.mark.row("ID1")
def test_a_status_whose_end_has_come_is_refused(server: Server) -> None:
    ann = sign_up(server)
    gone = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    refused = ann.ask("PATCH", "/api/auth/me", {"status": {"text": "lunch", "until": gone}})
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/status/until", "past")]
    assert ann.done("GET", "/api/auth/me")["status"] is None
    to_come = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert ann.done("PATCH", "/api/auth/me", {"status": {"text": "lunch", "until": to_come}})["status"]["until"]
    assert ann.done("PATCH", "/api/auth/me", {"status": {"text": "for good"}})["status"]["until"] is None
