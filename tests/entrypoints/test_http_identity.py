"""Accounts and sessions by HTTP, against a real server."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ..aside import SQL
from ..house import house_at
from ..server import Server
from .people import PASSWORD, Person, a_name, person_of, sign_up

pytestmark = pytest.mark.row("ID1")


def code_of(server: Server, path: str, body: object, token: str | None = None) -> tuple[int, str]:
    with server.http_now(token) as client:
        answer = client.post(path, json=body)
        return answer.status_code, answer.json().get("code", "")


def test_signing_up_gives_an_account_a_personal_workspace_and_tokens(server: Server) -> None:
    name = a_name()
    with server.http_now() as client:
        answer = client.post(
            "/api/signup", json={"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        )
    assert answer.status_code == 201
    said = answer.json()
    assert said["user"]["username"] == name
    assert said["user"]["name"] == name
    assert said["user"]["state"] == "active"
    assert (said["workspace"]["type"], said["workspace"]["role"]) == ("personal", "owner")
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 900)
    me = person_of(server, said).done("GET", "/api/auth/me")
    assert (me["id"], me["workspace_id"]) == (said["user"]["id"], said["workspace"]["id"])
    assert "password" not in answer.text


def test_a_name_or_address_that_is_taken_is_refused(server: Server) -> None:
    ann = sign_up(server)
    other = {"username": a_name(), "email": ann.email.upper(), "password": PASSWORD}
    assert code_of(server, "/api/signup", other) == (409, "email_taken")
    same = {"username": ann.username.upper(), "email": f"{a_name()}@example.org", "password": PASSWORD}
    assert code_of(server, "/api/signup", same) == (409, "username_taken")


def test_signing_in_by_name_or_address_and_never_with_a_wrong_password(server: Server) -> None:
    ann = sign_up(server)
    for login in (ann.username, ann.username.upper(), ann.email):
        assert code_of(server, "/api/signin", {"login": login, "password": PASSWORD}) == (200, "")
    for named in ({"username": ann.username}, {"email": ann.email.upper()}):
        assert code_of(server, "/api/signin", {**named, "password": PASSWORD}) == (200, "")
    wrong = (401, "wrong_credentials")
    assert code_of(server, "/api/signin", {"login": ann.username, "password": "wrong password"}) == wrong
    assert code_of(server, "/api/signin", {"login": a_name("nobody"), "password": PASSWORD}) == wrong


@pytest.mark.parametrize(
    "named, places",
    [
        ({}, ["/login"]),
        ({"login": "ann", "email": "ann@example.org"}, ["/email"]),
        ({"username": "ann", "email": "ann@example.org", "login": "ann"}, ["/username", "/email"]),
    ],
)
def test_who_signs_in_is_named_once(server: Server, named: dict[str, str], places: list[str]) -> None:
    with server.http_now() as client:
        answer = client.post("/api/signin", json={**named, "password": PASSWORD})
    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, places)


def test_signing_out_ends_the_session_at_once(server: Server) -> None:
    ann = sign_up(server)
    other = ann.again()
    assert ann.ask("POST", "/api/logout").status_code == 200
    answer = ann.ask("GET", "/api/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert code_of(server, "/api/refresh", {"refresh_token": ann.refresh}) == (401, "session_ended")
    assert other.ask("GET", "/api/auth/me").status_code == 200, "the other session lives on"
    assert other.ask("POST", "/api/auth/logout").status_code == 200, "the older name does the same"
    assert other.ask("GET", "/api/auth/me").status_code == 401


def test_a_profile_is_changed_in_parts_and_null_removes(server: Server) -> None:
    ann = sign_up(server)
    status = {"text": "away", "emoji": "🌴", "until": "2099-01-01T00:00:00.250000Z"}
    changed = {"name": "Ann", "avatar_url": "https://example.org/a.png", "status": status}
    said = ann.done("PATCH", "/api/auth/me", changed)
    assert {n: said[n] for n in changed} == changed
    said = ann.done("PATCH", "/api/auth/me", {"avatar_url": None})
    assert (said["avatar_url"], said["name"], said["status"]["text"]) == (None, "Ann", "away")
    refused = ann.ask("PATCH", "/api/auth/me", {"name": None})
    assert refused.json()["errors"][0]["pointer"] == "/name"
    assert ann.done("GET", "/api/auth/me")["name"] == "Ann"


@pytest.mark.row("ID2")
def test_a_refresh_token_is_good_once_and_forgiven_for_a_moment(server: Server) -> None:
    ann = sign_up(server)
    first = _refreshed(server, ann.refresh)
    again = _refreshed(server, ann.refresh)
    assert again.refresh == first.refresh, "within the grace the same successor is given again"
    assert first.ask("GET", "/api/auth/me").status_code == 200
    assert again.ask("GET", "/api/auth/me").status_code == 200


@pytest.mark.row("ID2")
def test_a_reused_refresh_token_ends_its_whole_family(server: Server) -> None:
    ann = sign_up(server)
    other = ann.again()
    second = _refreshed(server, ann.refresh)
    third = _refreshed(server, second.refresh)  # the successor was used: the first is forgiven no more
    assert code_of(server, "/api/refresh", {"refresh_token": ann.refresh}) == (401, "refresh_reused")
    assert third.ask("GET", "/api/auth/me").status_code == 401
    assert code_of(server, "/api/refresh", {"refresh_token": third.refresh}) == (401, "session_ended")
    assert other.ask("GET", "/api/auth/me").status_code == 200, "another family is another matter"


@pytest.mark.row("ID2")
async def test_the_grace_ends_after_ten_seconds(make_server: Callable[..., Server]) -> None:
    """The clock is the store's: the moment of the renewal is moved back while the server is down."""
    server = make_server()
    ann, ben = sign_up(server), sign_up(server)
    _refreshed(server, ann.refresh)
    _refreshed(server, ben.refresh)
    server.stop()
    async with house_at(server.database) as house:
        unit: Any = house.store.unit()
        async with unit:
            assert await unit.run(SQL.backdate, user_id=UUID(ann.id), at=datetime(2020, 1, 1, tzinfo=UTC)) == 1
        await unit.commit()
    server.start()
    assert code_of(server, "/api/refresh", {"refresh_token": ann.refresh}) == (401, "refresh_reused")
    _refreshed(server, ben.refresh)  # the control: only the time has changed


def _refreshed(server: Server, token: str) -> Person:
    with server.http_now() as client:
        answer = client.post("/api/refresh", json={"refresh_token": token})
    assert answer.status_code == 200, answer.text
    return person_of(server, answer.json())


def test_an_expired_access_token_does_not_keep_anybody_from_renewing_it(make_server: Callable[..., Server]) -> None:
    server = make_server(access_token_seconds=1)
    ann = sign_up(server)
    with server.http_now(ann.token) as client:
        while client.get("/api/auth/me").status_code == 200:
            pass
        assert client.get("/api/auth/me").json()["code"] == "token_expired"
        assert client.post("/api/refresh", json={"refresh_token": ann.refresh}).status_code == 200


@pytest.mark.row("ID2")
def test_sessions_are_listed_and_ended(server: Server) -> None:
    ann = sign_up(server)
    phone = ann.again()
    listed = ann.done("GET", "/api/sessions")
    assert {s["id"]: s["current"] for s in listed} == {ann.session_id: True, phone.session_id: False}
    assert listed[0]["address"] == "127.0.0.1"
    assert "httpx" in listed[0]["agent"]
    assert ann.ask("DELETE", f"/api/sessions/{phone.session_id}").status_code == 200
    assert phone.ask("GET", "/api/auth/me").status_code == 401
    assert ann.ask("DELETE", f"/api/sessions/{phone.session_id}").status_code == 404
    assert [s["id"] for s in ann.done("GET", "/api/sessions")] == [ann.session_id]


def test_a_new_password_ends_all_other_sessions(server: Server) -> None:
    ann = sign_up(server)
    phone = ann.again()
    wrong = ann.ask("PUT", "/api/auth/password", {"current_password": "not this one", "new_password": "another horse"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert phone.ask("GET", "/api/auth/me").status_code == 200, "a refused change ends nothing"
    ann.done("PUT", "/api/auth/password", {"current_password": PASSWORD, "new_password": "another horse"})
    assert ann.ask("GET", "/api/auth/me").status_code == 200
    assert phone.ask("GET", "/api/auth/me").status_code == 401
    assert code_of(server, "/api/signin", {"login": ann.username, "password": PASSWORD})[0] == 401
    assert code_of(server, "/api/signin", {"login": ann.username, "password": "another horse"})[0] == 200


@pytest.mark.row("ID5", "AD2")
def test_who_is_suspended_is_refused_everywhere_until_let_in_again(server: Server) -> None:
    ann, root = sign_up(server), sign_up(server)
    assert server.command("admin", "grant", root.username).returncode == 0
    root.done("POST", f"/api/admin/users/{ann.id}/suspend")
    assert ann.ask("GET", "/api/auth/me").status_code == 401
    assert code_of(server, "/api/refresh", {"refresh_token": ann.refresh})[0] in {401, 403}
    assert code_of(server, "/api/signin", {"login": ann.username, "password": PASSWORD}) == (403, "user_suspended")
    root.done("POST", f"/api/admin/users/{ann.id}/reactivate")
    assert ann.ask("GET", "/api/auth/me").status_code == 401, "the old session stays over"
    assert ann.again().ask("GET", "/api/auth/me").status_code == 200
    assert ann.again().ask("POST", f"/api/admin/users/{root.id}/suspend").json()["code"] == "not_an_administrator"
