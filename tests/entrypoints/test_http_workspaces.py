"""Workspaces, members and invitations by HTTP, against a real server."""

from datetime import UTC, datetime, timedelta

import pytest

from ..server import Server
from .people import Person, sign_up, team


@pytest.fixture(scope="module")
def people(server: Server) -> tuple[Person, Person, Person]:
    return sign_up(server), sign_up(server), sign_up(server)


@pytest.mark.row("WS1")
def test_a_workspace_is_made_renamed_switched_to_and_deleted(people: tuple[Person, Person, Person]) -> None:
    ann, ben, _ = people
    made = ann.ask("POST", "/api/workspaces", {"name": "Garden"})
    assert made.status_code == 201
    w = made.json()["id"]
    assert (made.json()["type"], made.json()["role"], made.json()["owner_id"]) == ("team", "owner", ann.id)
    assert ann.done("PATCH", f"/api/workspaces/{w}", {"name": "Orchard"})["name"] == "Orchard"
    assert w in {x["id"] for x in ann.done("GET", "/api/workspaces")["items"]}
    ann.done("POST", f"/api/workspaces/{w}/switch")
    assert ann.done("GET", "/api/auth/me")["workspace_id"] == w
    assert ann.done("POST", "/api/rooms", {"kind": "public_channel", "name": "x"})["workspace_id"] == w
    assert ben.ask("GET", f"/api/workspaces/{w}").status_code == 404
    ann.done("DELETE", f"/api/workspaces/{w}")
    assert ann.ask("GET", f"/api/workspaces/{w}").status_code == 404
    assert ann.done("GET", "/api/auth/me")["workspace_id"] != w
    assert ann.ask("POST", "/api/rooms", {"kind": "public_channel", "name": "x", "workspace_id": w}).status_code == 404


@pytest.mark.row("WS2")
def test_members_come_change_their_roles_and_go(people: tuple[Person, Person, Person]) -> None:
    ann, ben, cyd = people
    w = team(ann, ben, cyd)
    at = f"/api/workspaces/{w}/members"
    assert [m["user_id"] for m in ann.done("GET", at)["items"]] == [ann.id, ben.id, cyd.id]
    assert {p["id"] for p in ben.done("GET", "/api/users", params={"workspace_id": w})["items"]} == {
        ann.id, ben.id, cyd.id
    }  # fmt: skip
    assert "email" not in ben.ask("GET", "/api/users", params={"workspace_id": w}).text
    assert ann.done("PATCH", f"{at}/{ben.id}", {"role": "admin"})["role"] == "admin"
    assert ben.ask("DELETE", f"{at}/{ann.id}").json()["code"] == "last_owner"
    assert ann.ask("DELETE", f"{at}/{ann.id}").json()["code"] == "last_owner"
    ann.done("PATCH", f"{at}/{cyd.id}", {"role": "owner"})
    roles = {m["user_id"]: m["role"] for m in ann.done("GET", at)["items"]}
    assert roles == {ann.id: "admin", ben.id: "admin", cyd.id: "owner"}
    ben.done("DELETE", f"{at}/{ben.id}")
    assert ben.ask("GET", f"/api/workspaces/{w}").status_code == 404


@pytest.mark.row("WS3")
def test_an_invitation_lasts_72_hours_unless_told_otherwise(people: tuple[Person, Person, Person]) -> None:
    ann, *_ = people
    w = team(ann)
    at = f"/api/workspaces/{w}/invitations"
    made = ann.ask("POST", at)
    assert made.status_code == 201
    lasts = _time(made.json()["expires_at"]) - _time(made.json()["created_at"])
    assert lasts == timedelta(hours=72)
    assert made.json()["url"].endswith(f"/invite?token={made.json()['token']}")
    assert ann.done("POST", at, {"expires_at": None})["expires_at"] is None
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert ann.done("POST", at, {"expires_at": later})["expires_at"] == later
    past = ann.ask("POST", at, {"expires_at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["code"]) == (400, "past")
    listed = ann.done("GET", at)
    assert len(listed) == 3
    assert all("token" not in one for one in listed), "a token is shown once"


@pytest.mark.row("WS3")
def test_an_invitation_is_accepted_twice_by_one_and_once_by_each_until_used_up(server: Server) -> None:
    ann, ben, cyd = sign_up(server), sign_up(server), sign_up(server)
    w = team(ann)
    at = f"/api/workspaces/{w}/invitations"
    made = ann.done("POST", at, {"max_uses": 1, "role": "admin"})
    accept = f"/api/invites/{made['token']}/accept"
    with server.http_now() as stranger:
        shown = stranger.get(f"/api/invites/{made['token']}").json()
    assert (shown["workspace_name"], shown["role"]) == ("Team", "admin")
    assert ben.done("POST", accept)["role"] == "admin"
    assert ben.done("POST", accept)["role"] == "admin", "who is in already stays as they are"
    assert [i["uses"] for i in ann.done("GET", at)] == [], "used up: nothing that can still be used"
    refused = cyd.ask("POST", accept)
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_used_up")
    assert cyd.ask("GET", f"/api/workspaces/{w}").status_code == 404


@pytest.mark.row("WS3")
def test_a_withdrawn_invitation_is_worth_nothing(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann)
    made = ann.done("POST", f"/api/workspaces/{w}/invitations")
    ann.done("DELETE", f"/api/workspaces/{w}/invitations/{made['id']}")
    refused = ben.ask("POST", f"/api/invites/{made['token']}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_revoked")
    assert ben.ask("POST", f"/api/invites/{'0' * 64}/accept").status_code == 404


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
