"""People who sign up to a real server, and what they hold."""

import uuid
from typing import Any

import httpx
from attrs import define

from ..server import Server

PASSWORD = "correct horse battery"


def a_name(prefix: str = "u") -> str:
    return f"{prefix}{uuid.uuid4().hex[:12]}"


@define
class Person:
    """Somebody signed in. `http` is signed in as them."""

    server: Server
    id: str
    username: str
    email: str
    token: str
    refresh: str
    session_id: str
    workspace_id: str

    @property
    def http(self) -> httpx.Client:
        return self.server.http_now(self.token)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        with self.http as client:
            return client.request(method, path, json=body, **options)

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The answer's JSON; it must be a good one."""
        answer = self.ask(method, path, body, **options)
        assert answer.is_success, answer.text
        return answer.json()

    def again(self) -> "Person":
        """The same person, signed in once more: another session."""
        with self.server.http_now() as client:
            answer = client.post("/api/signin", json={"login": self.username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return person_of(self.server, answer.json())


def person_of(server: Server, tokens: dict[str, Any]) -> Person:
    user = tokens["user"]
    workspace = tokens["workspace"] or {}
    return Person(
        server, user["id"], user["username"], user["email"], tokens["access_token"], tokens["refresh_token"],
        tokens["session_id"], workspace.get("id", ""),
    )  # fmt: skip


def sign_up(server: Server, name: str | None = None, password: str = PASSWORD) -> Person:
    name = name or a_name()
    with server.http_now() as client:
        said = {"username": name, "email": f"{name}@example.org", "password": password}
        answer = client.post("/api/signup", json=said)
    assert answer.status_code == 201, answer.text
    return person_of(server, answer.json())


def team(owner: Person, *members: Person, role: str = "member") -> str:
    """A new workspace with some members; its id."""
    workspace: str = owner.done("POST", "/api/workspaces", {"name": "Team"})["id"]
    for member in members:
        owner.done("POST", f"/api/workspaces/{workspace}/members", {"user_id": member.id, "role": role})
    return workspace


def channel(owner: Person, workspace: str, *members: Person, kind: str = "private_channel") -> str:
    """A new room in a workspace with some members; its id."""
    body = {"kind": kind, "name": a_name("room"), "workspace_id": workspace}
    if kind != "public_channel":
        body["member_ids"] = [m.id for m in members]  # type: ignore[assignment]
    room: str = owner.done("POST", "/api/rooms", body)["id"]
    if kind == "public_channel":
        for member in members:
            member.done("POST", f"/api/rooms/{room}/join")
    return room
