"""Personal access tokens by HTTP and over sockets, against a real server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from ..server import Server
from .access_rows import CATALOGUE
from .access_table import FILE, Table
from .people import Person, channel, sign_up, team
from .wire import Refused, wire

pytestmark = pytest.mark.row("ID6")

SOON = 1.0  # seconds after a revocation was acknowledged, as promised by G6


def token_of(person: Person, *scopes: str, **more: Any) -> Any:
    return person.done("POST", "/api/tokens", {"name": "A bot", "scopes": list(scopes), **more})


def code_of(server: Server, token: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
    with server.http_now(token) as client:
        answer = client.request(method, path, json=body)
        return answer.status_code, "" if answer.is_success else answer.json()["code"]


def test_the_secret_is_shown_once(server: Server) -> None:
    ann = sign_up(server)
    made = token_of(ann, "room:read", "room:message:send", "room:read")
    assert made["token"].startswith("parlour_")
    assert made["scopes"] == ["room:message:send", "room:read"]
    (listed,) = ann.done("GET", "/api/tokens")
    assert listed == {n: v for n, v in made.items() if n != "token"}
    assert set(listed) == {"id", "user_id", "name", "scopes", "created_at", "expires_at", "last_used_at"}
    events = [made["token"] in str(line) for line in server.log().splitlines()]
    assert not any(events), "no log holds it"


def test_a_bot_writes_where_its_user_may_and_its_scopes_reach(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    room, others = channel(ann, team(ann)), channel(ben, team(ben))
    bot = token_of(ann, "room:message:send")["token"]
    say = {"content": "beep"}
    assert code_of(server, bot, "POST", f"/api/rooms/{room}/messages", say) == (201, "")
    assert code_of(server, bot, "GET", f"/api/rooms/{room}/messages") == (403, "scope_missing")
    assert code_of(server, bot, "POST", f"/api/rooms/{others}/messages", say) == (404, "not_found")
    assert code_of(server, bot, "GET", f"/api/rooms/{others}") == (404, "not_found"), "not told that it is there"


def test_a_token_is_over_when_it_is_revoked(server: Server) -> None:
    ann, ben = sign_up(server), sign_up(server)
    made = token_of(ann, "user:read")
    assert code_of(server, made["token"], "GET", "/api/auth/me") == (200, "")
    assert code_of(server, ben.token, "DELETE", f"/api/tokens/{made['id']}") == (404, "not_found")
    ann.done("DELETE", f"/api/tokens/{made['id']}")
    assert code_of(server, made["token"], "GET", "/api/auth/me") == (401, "token_ended")
    assert code_of(server, ann.token, "DELETE", f"/api/tokens/{made['id']}") == (404, "not_found")


@pytest.mark.parametrize(
    "asked, pointer, code",
    [
        ({"scopes": ["room:red"]}, "/scopes/0", "value"),
        ({"scopes": []}, "/scopes", "value"),
        ({"scopes": ["room:read"], "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at", "past"),
        ({"scopes": ["room:read"], "expires_at": "2120-01-01T00:00:00"}, "/expires_at", "value"),
        ({"scopes": ["room:read"], "name": ""}, "/name", "value"),
    ],
)
def test_what_makes_no_token(server: Server, asked: dict[str, Any], pointer: str, code: str) -> None:
    ann = sign_up(server)
    answer = ann.ask("POST", "/api/tokens", {"name": "A bot", **asked})
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (
        400,
        [(pointer, code)],
    )
    assert ann.done("GET", "/api/tokens") == []


def test_an_answer_with_a_secret_is_not_given_twice(server: Server) -> None:
    ann, body = sign_up(server), {"name": "A bot", "scopes": ["room:read"]}
    key = {"Idempotency-Key": "once"}
    assert ann.ask("POST", "/api/tokens", body, headers=key).status_code == 201
    again = ann.ask("POST", "/api/tokens", body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert len(ann.done("GET", "/api/tokens")) == 1


def revoked(ann: Person, root: Person, token_id: str) -> None:
    ann.done("DELETE", f"/api/tokens/{token_id}")


def suspended(ann: Person, root: Person, token_id: str) -> None:
    root.done("POST", f"/api/admin/users/{ann.id}/suspend")


@pytest.mark.row("RT5")
@pytest.mark.parametrize("end", [revoked, suspended])
async def test_sockets_of_a_token_that_ends_are_closed(
    server: Server, end: Callable[[Person, Person, str], None]
) -> None:
    ann, ben, root = sign_up(server), sign_up(server), sign_up(server)
    server.command("admin", "grant", root.username)
    room = channel(ben, team(ben, ann), ann)
    made = token_of(ann, "room:read")
    other = token_of(ben, "room:read")
    async with wire(server, made["token"]) as bot, wire(server, other["token"]) as control:
        for one in (bot, control):
            await one.follow(f"room:{room}")
        with pytest.raises(Refused) as refused:
            await bot.ask("text", room_id=room, content="beyond its scopes")
        assert refused.value.code == "scope_missing"
        end(ann, root, made["id"])
        assert await bot.closed(SOON) == 4401
        ben.done("POST", f"/api/rooms/{room}/messages", {"content": "not for the bot"})
        assert (await control.until({"type": "text"}))["data"]["content"] == "not for the bot"
        assert [f for f in bot.waiting if f["type"] == "text"] == []


@pytest.mark.row("RT5")
async def test_a_socket_of_a_token_is_closed_at_its_end(server: Server) -> None:
    ann = sign_up(server)
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    made = token_of(ann, "user:read", expires_at=ends.isoformat())
    async with wire(server, made["token"]) as bot, wire(server, ann.token) as control:
        await bot.follow(f"user:{ann.id}")
        left = (ends - datetime.now(UTC)).total_seconds()
        assert await bot.closed(left + SOON) == 4401
        assert datetime.now(UTC) >= ends
        assert await control.query("get_config")
    assert code_of(server, made["token"], "GET", "/api/auth/me") == (401, "token_expired")


async def test_a_socket_is_not_taken_over_by_another_token(server: Server) -> None:
    ann = sign_up(server)
    made = token_of(ann, "user:read")
    async with wire(server, made["token"]) as bot:
        await bot.send(type="authenticate", id="1", token=ann.token)
        assert (await bot.until({"id": "1"}))["error"]["code"] == "another_user"
        assert await bot.closed(SOON) == 4403
    async with wire(server, made["token"]) as bot:
        assert (await bot.ask("authenticate", token=made["token"]))["data"] == {"ok": True}


ON_READING = {"join_room", "explain"}
"""What else reading a room is enough for: joining it for whoever is in it, and asking why."""


def test_a_token_does_only_what_its_scopes_cover_and_nothing_is_left_out() -> None:
    """The table has a kind of actor for it: whoever acts by a token that covers reading rooms is shown what is in rooms, and
    does nothing else but what strangers may. A use case that nobody decides about, and that names no scope, fails this."""
    table = Table.read(FILE.read_text())
    done = {label.split("`")[1] for (label, kind), cell in table.cells.items() if kind == "token" and cell == "yes"}
    assert "get_room" in done
    for entry in map(CATALOGUE.get, done - ON_READING):
        assert entry is not None
        names = {a.name for a in attrs.fields(entry.input)}  # type: ignore[arg-type]
        assert entry.strangers or (not entry.is_command and names & {"room_id", "message_id"}), entry.name


@pytest.mark.postgres
async def test_two_servers_end_a_token_within_a_second(postgres_url: str, tmp_path: Any) -> None:
    settings = {"database_url": postgres_url, "jwt_secret": "one secret for the servers of one store"}
    one, two = Server(tmp_path / "one", **settings), Server(tmp_path / "two", **settings)
    try:
        ann = sign_up(one.start())
        made = token_of(ann, "user:read")
        async with wire(two.start(), made["token"]) as bot:
            await bot.follow(f"user:{ann.id}")
            ann.done("DELETE", f"/api/tokens/{made['id']}")
            assert await bot.closed(SOON) == 4401
        assert code_of(two, made["token"], "GET", "/api/auth/me") == (401, "token_ended")
    finally:
        one.kill()
        two.kill()
