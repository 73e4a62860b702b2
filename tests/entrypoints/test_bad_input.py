"""Input that is wrong, by HTTP and by socket: a clear error with its place, nothing changed, nothing shown of the inside."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import jwt
import pytest

from parlour.adapters.security.tokens import ALGORITHM, JwtTokens

from ..server import Server, bearer
from .people import PASSWORD, Person, a_name, channel, sign_up, team
from .wire import Wire, wire

DEEP = b"[" * 200_000
INSIDE = ("Traceback", 'File "', "sqlite", "msgspec", "site-packages", "parlour/")


@attrs.frozen
class Place:
    """Somebody, with a workspace and a room of their own."""

    ann: Person
    workspace: str
    room: str

    def path(self, text: str) -> str:
        return text.replace("<w>", self.workspace).replace("<r>", self.room)


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    ann = sign_up(server)
    workspace = team(ann)
    yield Place(ann, workspace, channel(ann, workspace))
    log = server.log()
    assert "a request failed" not in log
    assert "a command failed" not in log
    assert "Traceback" not in log, "wrong input is nobody's failure"


def state(place: Place) -> Any:
    """What somebody could have changed."""
    return [
        place.ann.done("GET", path)
        for path in ("/api/auth/me", "/api/workspaces", f"/api/rooms/{place.room}/messages", "/api/rooms")
    ]


def raw(place: Place, path: str, body: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    with place.ann.http as client:
        answer = client.post(place.path(path), content=body, headers={"Content-Type": kind})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not any(word in answer.text for word in INSIDE), answer.text
    return answer.status_code, answer.json()


WORKSPACES, MESSAGES, INVITES = "/api/workspaces", "/api/rooms/<r>/messages", "/api/workspaces/<w>/invitations"


@pytest.mark.parametrize(
    "path, body, status, code, pointer",
    [
        pytest.param(WORKSPACES, b'{"name":', 400, "malformed", "", id="cut off"),
        pytest.param(WORKSPACES, b"{'name': 'x'}", 400, "malformed", "", id="no JSON"),
        pytest.param(WORKSPACES, DEEP, 400, "malformed", "", id="nested too deep"),
        pytest.param(WORKSPACES, b'{"a":' * 100_000, 400, "malformed", "", id="objects nested too deep"),
        pytest.param(WORKSPACES, b'{"name":"\xff\xfe"}', 400, "malformed", "", id="not UTF-8"),
        pytest.param(WORKSPACES, b'{"name":NaN}', 400, "malformed", "", id="NaN"),
        pytest.param(
            INVITES, b'{"max_uses":' + b"9" * 5000 + b"}", 400, "malformed", "", id="a number of 5,000 digits"
        ),
        pytest.param(WORKSPACES, b"[]", 400, "type", "", id="a list"),
        pytest.param(WORKSPACES, b"7", 400, "type", "", id="a number"),
        pytest.param(WORKSPACES, b"{}", 400, "required", "/name", id="a field missing"),
        pytest.param(WORKSPACES, b'{"name":7}', 400, "type", "/name", id="a wrong type"),
        pytest.param(WORKSPACES, b'{"name":null}', 400, "type", "/name", id="null"),
        pytest.param(WORKSPACES, b'{"name":"x","colour":1}', 400, "unknown_field", "/colour", id="an unknown field"),
        pytest.param(WORKSPACES, b'{"name":"x","a/b~c":1}', 400, "unknown_field", "/a~1b~0c", id="a pointer's marks"),
        pytest.param(WORKSPACES, b'{"name":"a\\u0000b"}', 400, "character", "/name", id="NUL in a name"),
        pytest.param(WORKSPACES, b'{"name":"a\\u0007b"}', 400, "character", "/name", id="a control character"),
        pytest.param(WORKSPACES, b'{"name":"a\\u202eb"}', 400, "character", "/name", id="a direction mark in a name"),
        pytest.param(WORKSPACES, b'{"name":"a\\ud800"}', 400, "malformed", "", id="a lone surrogate in a name"),
        pytest.param(
            "/api/signin", b'{"login":"a\\u0000b","password":"x"}', 400, "character", "/login", id="NUL in a login"
        ),
        pytest.param(WORKSPACES, b'{"name":"   "}', 400, "length", "/name", id="a blank name"),
        pytest.param(WORKSPACES, b'{"name":"' + b"x" * 256 + b'"}', 400, "value", "/name", id="a long name"),
        pytest.param(MESSAGES, b'{"content":"a\\u0000b"}', 400, "character", "/content", id="NUL in a text"),
        pytest.param(MESSAGES, b'{"content":"\\ud800 b"}', 400, "malformed", "", id="a lone surrogate in a text"),
        pytest.param(MESSAGES, b'{"content":"\xed\xa0\x80"}', 400, "malformed", "", id="a surrogate in UTF-8"),
        pytest.param(MESSAGES, b'{"content":"\\u001b[31m"}', 400, "character", "/content", id="an escape in a text"),
        pytest.param(MESSAGES, b'{"content":" \\n "}', 400, "length", "/content", id="a blank text"),
        pytest.param(MESSAGES, b'{"content":"' + b"x" * 10_001 + b'"}', 400, "length", "/content", id="a long text"),
        pytest.param(MESSAGES, b'{"content":"x","room_id":"y"}', 400, "twice", "/room_id", id="named twice"),
        pytest.param(
            INVITES, b'{"expires_at":"2099-01-01T00:00:00"}', 400, "value", "/expires_at", id="a time without offset"
        ),
        pytest.param(INVITES, b'{"expires_at":"tomorrow"}', 400, "value", "/expires_at", id="no time"),
        pytest.param("/api/rooms/%00/join", b"", 400, "value", "/room_id", id="NUL in an address"),
        pytest.param("/api/rooms/" + "x" * 3000 + "/join", b"", 400, "value", "/room_id", id="a long address"),
    ],
)
def test_a_wrong_body_is_refused_at_its_place(
    place: Place, path: str, body: bytes, status: int, code: str, pointer: str
) -> None:
    before = state(place)
    got, said = raw(place, path, body)
    assert (got, [(e["code"], e["pointer"]) for e in said["errors"]]) == (status, [(code, pointer)])
    assert state(place) == before


def test_the_same_requests_made_right_are_taken(place: Place) -> None:
    """The negative control."""
    assert place.ann.ask("POST", WORKSPACES, {"name": "a b"}).status_code == 201
    assert place.ann.ask("POST", place.path(MESSAGES), {"content": "a\nb\u202e 🌴"}).status_code == 201
    assert place.ann.ask("POST", place.path(INVITES), {"expires_at": "2099-01-01T00:00:00Z"}).status_code == 201


def test_every_wrong_place_is_told_at_once(place: Place) -> None:
    _, said = raw(place, "/api/signup", b'{"username":1,"email":null,"password":[],"extra":1}')
    assert {e["pointer"] for e in said["errors"]} == {"/username", "/email", "/password", "/extra"}


def test_other_formats_than_json_are_refused(place: Place) -> None:
    status, said = raw(place, WORKSPACES, b"name=x", "application/x-www-form-urlencoded")
    assert (status, said["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("query", ["limit=abc", "limit=0", "limit=1&limit=2", "nope=1", "cursor=%00", "around=x"])
def test_a_wrong_query_is_refused_at_its_place(place: Place, query: str) -> None:
    answer = place.ann.ask("GET", place.path(f"{MESSAGES}?{query}"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


@pytest.mark.row("ID1")
@pytest.mark.parametrize("path", ["/api/signup", "/api/signin"])
@pytest.mark.parametrize("many", [1_000_000, 1_025])
def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(place: Place, path: str, many: int) -> None:
    names = {"login": "x"} if path == "/api/signin" else {"username": "abcd", "email": "a@example.org"}
    _, said = raw(place, path, json.dumps({**names, "password": "x" * many}).encode())
    assert [e["pointer"] for e in said["errors"]] == ["/password"]
    assert "xxxx" not in json.dumps(said)


@pytest.mark.row("ID1")
@pytest.mark.parametrize("name", ["a", "x" * 65, "a b", "a\u202eb", ".a", "a\u0000b", "a@b", "-", "\u200bab"])
def test_a_name_that_cannot_be_one_is_refused(place: Place, name: str) -> None:
    body = {"username": name, "email": f"{a_name()}@example.org", "password": PASSWORD}
    _, said = raw(place, "/api/signup", json.dumps(body).encode())
    assert [e["pointer"] for e in said["errors"]] == ["/username"]


@pytest.mark.row("ID1")
def test_a_name_that_looks_like_a_taken_one_is_refused(server: Server) -> None:
    ann = sign_up(server, a_name("paula"))
    for alike in (ann.username.replace("a", "а"), ann.username.replace("p", "р")):  # Cyrillic
        with server.http_now() as client:
            body = {"username": alike, "email": f"{a_name()}@example.org", "password": PASSWORD}
            assert client.post("/api/signup", json=body).status_code == 409


def signing(server: Server) -> JwtTokens:
    return JwtTokens({"1": server.secret})


def forged(server: Server, person: Person, **other: Any) -> str:
    """A token signed with the server's own key; `other` are claims that differ, or `header`, `key` and `algorithm`."""
    now = datetime.now(UTC)
    claims = {
        "iss": "parlour", "aud": "parlour", "sub": person.id, "sid": person.session_id, "typ": "access",
        "iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=5)).timestamp()),
    }  # fmt: skip
    header = other.pop("header", {"kid": "1"})
    key = other.pop("key", signing(server)._access["1"])
    algorithm = other.pop("algorithm", ALGORITHM)
    changed = {n: v for n, v in {**claims, **other}.items() if v is not None}
    return jwt.encode(changed, key, algorithm, headers=header)


@pytest.mark.row("ID2")
@pytest.mark.parametrize(
    "other, code",
    [
        ({"key": None, "algorithm": "none"}, "invalid_token"),
        ({"key": "another key that is quite as long as the right one"}, "invalid_token"),
        ({"algorithm": "HS512"}, "invalid_token"),
        ({"header": {"kid": "2"}}, "invalid_token"),
        ({"header": {}}, "invalid_token"),
        ({"header": {"kid": "1", "jku": "https://evil.example.org"}}, "invalid_token"),
        ({"header": {"kid": "1", "crit": ["x"]}}, "invalid_token"),
        ({"aud": "others"}, "invalid_token"),
        ({"iss": "others"}, "invalid_token"),
        ({"typ": "refresh"}, "invalid_token"),
        ({"exp": None}, "invalid_token"),
        ({"sid": "x"}, "invalid_token"),
        ({"exp": 10**40}, "invalid_token"),
        ({"exp": 1_600_000_000}, "token_expired"),
        ({"sid": str(uuid.uuid4())}, "session_ended"),
    ],
)
@pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.warnings.InsecureKeyLengthWarning")
async def test_a_token_that_is_not_the_servers_own_is_worth_nothing(
    server: Server, place: Place, other: dict[str, Any], code: str
) -> None:
    token = forged(server, place.ann, **dict(other))
    with server.http_now(token) as client:
        answer = client.get("/api/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    async with server.socket(token) as ws:
        one = Wire(ws)
        assert (await one.until({"type": "error"}))["error"]["code"] == code
        assert await one.closed() == 4401


def test_a_token_made_the_same_way_and_right_is_taken(server: Server, place: Place) -> None:
    """The negative control."""
    with server.http_now(forged(server, place.ann)) as client:
        assert client.get("/api/auth/me").json()["id"] == place.ann.id


@pytest.mark.row("ID2")
@pytest.mark.parametrize("token", ["x", "a" * 80, "é", "%00", "A" * 1024])
def test_a_refresh_token_that_is_none_is_refused(server: Server, token: str) -> None:
    with server.http_now() as client:
        answer = client.post("/api/refresh", json={"refresh_token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("header", ["Bearer", "Basic abc", "Bearer a.b.c", "Bearer " + "x" * 5000, "Bearer \xff"])
def test_a_header_that_proves_nothing_is_refused(server: Server, header: str) -> None:
    with server.http_now() as client:
        answer = client.get("/api/auth/me", headers={b"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert bearer("x") == {"Authorization": "Bearer x"}


@pytest.mark.row("RT2")
@pytest.mark.parametrize(
    "frame, pointer",
    [
        ({"type": "nonsense"}, "/type"),
        ({"type": "subscribe", "topic": "planet:mars"}, "/topic"),
        ({"type": "subscribe", "topic": f"board:{uuid.uuid4()}"}, "/topic"),
        ({"type": "command", "name": "create_workspace", "data": {"name": "a\u0000b"}}, "/name"),
        ({"type": "command", "name": "create_workspace", "data": {"name": "x", "b": 1}}, "/b"),
        ({"type": "text", "room_id": "x", "content": "y"}, "/room_id"),
        ({"type": "command", "name": "x", "also": 1}, "/also"),
    ],
)
async def test_a_wrong_frame_is_refused_at_its_place(
    server: Server, place: Place, frame: dict[str, Any], pointer: str
) -> None:
    before = state(place)
    async with wire(server, place.ann.token) as one:
        await one.send(id="1", **frame)
        error = (await one.until({"type": "error", "id": "1"}))["error"]
        assert [e["pointer"] for e in error["errors"]] == [pointer]
        assert (await one.query("get_me"))["id"] == place.ann.id
    assert state(place) == before


@pytest.mark.row("RT2")
@pytest.mark.parametrize("text", ["{", "[]", "[" * 60_000, '{"type":"text","content":"\\ud800"}', "\x00"])
async def test_what_is_no_frame_is_told_and_closed(server: Server, place: Place, text: str) -> None:
    async with wire(server, place.ann.token) as one:
        await one.ws.send(text)
        assert await one.closed() == 4400
        assert one.waiting[-1]["error"]["code"] in {"malformed", "bad_frame"}
