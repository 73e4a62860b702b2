"""What stands round every request: limits, headers, origins, ids, the log, health; against a real server."""

import json
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from ..engines import Databases
from ..server import Server, serving
from .people import PASSWORD, Person, a_name, channel, sign_up, team
from .wire import wire

ORIGIN = "https://chat.example.org"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    limits = {
        "cors_origins": f"{ORIGIN}, https://other.example.org",
        "log_level": "debug",
        "rate_send_per_minute": 3,
        "rate_sign_in_name_per_minute": 2,
        "body_bytes": 4096,
    }
    folder = tmp_path_factory.mktemp("guarded")
    with databases() as url, serving(folder, url, **limits) as server:
        yield server


@pytest.fixture(scope="module")
def ann(guarded: Server) -> Person:
    return sign_up(guarded)


@pytest.mark.row("OP7", "RT9")
def test_a_rate_limit_counts_down_and_then_says_when_to_come_back(guarded: Server, ann: Person) -> None:
    room = channel(ann, team(ann))
    at = f"/api/rooms/{room}/messages"
    answers = [ann.ask("POST", at, {"content": "hi"}) for _ in range(4)]
    assert [a.status_code for a in answers] == [201, 201, 201, 429]
    assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["RateLimit-Policy"] == '"send";q=3;w=60'
    assert answers[0].headers["RateLimit"].startswith('"send";r=2;t=')
    assert answers[0].headers["X-RateLimit-Limit"] == "3"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    said = answers[3].json()
    assert (said["code"], said["retryable"]) == ("too_many_requests", True)
    batch = {"mode": "all", "commands": [{"name": "send_message", "data": {"room_id": room, "content": "hi"}}]}
    refused = ann.ask("POST", "/api/batch", batch)
    assert refused.status_code == 429, "a batch is no way round it"
    assert "Retry-After" in refused.headers
    assert len(ann.done("GET", at)["items"]) == 3


def test_sign_ins_under_one_name_are_counted_before_the_password_is_looked_at(guarded: Server) -> None:
    asked = {"login": "nobody-there", "password": "wrong password"}
    with guarded.http_now() as client:
        assert [client.post("/api/signin", json=asked).status_code for _ in range(3)] == [401, 401, 429]
        assert client.post("/api/signin", json={**asked, "login": "NOBODY-there"}).status_code == 429
        other = {"username": "Nobody-There", "password": "wrong password"}
        assert client.post("/api/signin", json=other).status_code == 429, "by whatever field it is named"


def test_listed_origins_may_call_and_no_others(guarded: Server) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    with guarded.http_now() as client:
        allowed = client.options("/api/rooms", headers={"Origin": ORIGIN, **asked})
        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
        assert "authorization" in allowed.headers["Access-Control-Allow-Headers"].lower()
        simple = client.get("/api/config", headers={"Origin": ORIGIN})
        assert simple.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "X-Request-ID" in simple.headers["Access-Control-Expose-Headers"]
        for foreign in ("https://evil.example.org", "null", f"{ORIGIN}.evil.org"):
            for refused in (
                client.options("/api/rooms", headers={"Origin": foreign, **asked}),
                client.get("/api/config", headers={"Origin": foreign}),
            ):
                assert "Access-Control-Allow-Origin" not in refused.headers


def test_answers_carry_safe_headers_and_a_request_id(guarded: Server) -> None:
    with guarded.http_now() as client:
        for path in ("/api/config", "/nowhere", "/health", "/openapi.json", "/api/auth/me"):
            answer = client.get(path, headers={"X-Request-ID": "from-the-caller.1"})
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Request-ID"] == "from-the-caller.1"
            assert "uvicorn" not in answer.headers.get("Server", "")
        assert client.get("/api/auth/me", headers={"X-Request-ID": "r1"}).json()["request_id"] == "r1"
        made = client.get("/api/config", headers={"X-Request-ID": "not fine; at all"}).headers["X-Request-ID"]
        assert len(made) == 32, "an id that is not plain is replaced"
        assert made != client.get("/api/config").headers["X-Request-ID"]
    assert "from-the-caller.1" in guarded.log()


def test_a_body_that_is_too_large_is_refused_by_its_length_and_by_its_bytes(guarded: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10):
            yield b" " * 1000

    with guarded.http_now() as client:
        for body in (b" " * 5000, pieces()):
            answer = client.post("/api/signup", content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_head_that_is_too_large_is_refused(guarded: Server) -> None:
    with guarded.http_now() as client:
        try:
            status = client.get("/api/config", headers={"X-Large": "x" * 40_000}).status_code
        except httpx.TransportError:
            status = 0  # cut off while it came
    assert status in {0, 413}
    with guarded.http_now() as client:
        assert client.get("/api/config", headers={"X-Large": "x" * 20_000}).status_code == 200


def test_a_head_that_does_not_arrive_is_not_waited_for(make_server: Callable[..., Server]) -> None:
    server = make_server(handshake_seconds=0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
        slow.sendall(b"GET /api/config HTTP/1.1\r\nHost: x\r\n")
        assert slow.recv(100) == b"", "let go of without an answer"


def test_a_body_that_does_not_arrive_is_let_go_of(make_server: Callable[..., Server]) -> None:
    server = make_server(body_seconds=0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
        slow.sendall(b"POST /api/signup HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert slow.recv(100) == b""
    with server.http_now() as client:
        assert client.get("/api/config").is_success, "the control: whole requests are answered"


def test_many_requests_at_once_are_no_large_head(guarded: Server) -> None:
    one, many = b"GET /health/simple HTTP/1.1\r\nHost: x\r\nX-Filling: " + b"x" * 300 + b"\r\n\r\n", 600
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=10) as pipe:
        pipe.sendall(one * many)
        got = b""
        while chunk := pipe.recv(65_536):
            got += chunk
            if got.count(b"HTTP/1.1 200") == many:
                break
    assert got.count(b"HTTP/1.1 200") == many


def test_only_json_is_taken_however_it_is_spelt(guarded: Server) -> None:
    with guarded.http_now() as client:
        for kind, status in (
            ("APPLICATION/JSON", 401),
            ("application/json; charset=utf-8", 401),
            ("application/json; charset=latin-1", 415),
            ("text/json-like", 415),
        ):
            body = b'{"login": "x", "password": "y"}'
            answer = client.post("/api/signin", content=body, headers={"Content-Type": kind})
            assert answer.status_code in {status, 429}, kind


def test_what_is_not_there_and_what_is_not_allowed_are_problems(guarded: Server) -> None:
    with guarded.http_now() as client:
        for method, path, status, code in (
            ("GET", "/nowhere", 404, "no_such_route"),
            ("GET", "/api/rooms/x/y/z", 404, "no_such_route"),
            ("PUT", "/api/rooms", 405, "method_not_allowed"),
            ("DELETE", "/api/config", 405, "method_not_allowed"),
        ):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
            said = answer.json()
            assert (said["code"], said["status"], said["type"]) == (code, status, f"urn:parlour:problem:{code}")
        assert "GET" in client.put("/api/rooms").headers["Allow"]


@pytest.mark.row("OP1")
def test_health_is_told_and_the_limits_too(guarded: Server) -> None:
    with guarded.http_now() as client:
        said = client.get("/health").json()
        assert said["status"] == "ok"
        assert said["db"]["status"] == "ok"
        assert {"connections", "rooms", "version"} <= said.keys()
        assert client.get("/health/ready").json()["status"] == "ok"
        assert client.get("/health/simple").json() == {"status": "ok"}
        config = client.get("/api/config").json()
    assert (config["protocol"], config["limits"]["body_bytes"], config["modules"]) == (1, 4096, [])


async def test_the_log_tells_of_requests_and_never_a_secret(guarded: Server) -> None:
    name = a_name()
    with guarded.http_now() as client:
        asked = {"username": name, "email": f"{name}@example.org", "password": "a password to look for"}
        said = client.post("/api/signup", json=asked).json()
        client.headers["Authorization"] = f"Bearer {said['access_token']}"
        invited = client.post(f"/api/workspaces/{team_of(client)}/invitations", json={}).json()
        client.get(f"/api/invites/{invited['token']}")
        client.post(f"/api/invites/{invited['token']}/accept")
        client.get("/api/invites/" + "f" * 64)
        ticket = client.post("/api/ws-ticket").json()["ticket"]
        client.get("/api/config", params={"token": said["access_token"]})
        refreshed = client.post("/api/refresh", json={"refresh_token": said["refresh_token"]}).json()
        client.post("/api/signin", json={"login": name, "password": "another wrong password"})
        client.post("/api/signup", content=json.dumps(asked)[:-1] + ', "nonsense')
    async with wire(guarded, query={"ticket": ticket}), wire(guarded, query={"token": said["access_token"]}) as one:
        await one.query("get_me")
    async with wire(guarded, subprotocols=["parlour.v1", f"bearer.{said['access_token']}"]):
        pass
    log = guarded.log()
    secrets = {
        "access token": said["access_token"], "refresh token": said["refresh_token"], "invitation": invited["token"],
        "ticket": ticket, "next refresh token": refreshed["refresh_token"], "password": asked["password"],
        "wrong password": "another wrong password", "unknown invitation": "f" * 64,
    }  # fmt: skip
    assert [what for what, secret in secrets.items() if secret in log] == []
    assert "/api/signup" in log, "the control: the log does tell of these requests"
    assert "/api/invites/" in log


def team_of(client: httpx.Client) -> str:
    workspace: str = client.post("/api/workspaces", json={"name": "x"}).json()["id"]
    return workspace


def test_the_log_can_be_read_by_machines(make_server: Callable[..., Server]) -> None:
    server = make_server(log_format="json")
    with server.http_now() as client:
        client.get("/api/config", headers={"X-Request-ID": "look-for-this"})
    lines = [json.loads(line) for line in server.log().splitlines()]
    found = [line for line in lines if line.get("request_id") == "look-for-this"]
    assert [line["status"] for line in found] == [200]


def test_a_proxy_is_believed_only_where_one_is_trusted(make_server: Callable[..., Server], guarded: Server) -> None:
    forged = {"X-Forwarded-For": "9.9.9.9, 10.0.0.1"}

    def address(server: Server) -> str:
        ann = sign_up(server)
        with server.http_now() as client:
            asked = {"login": ann.username, "password": PASSWORD}
            token = client.post("/api/signin", json=asked, headers=forged).json()["access_token"]
        with server.http_now(token) as client:
            return next(s["address"] for s in client.get("/api/sessions").json() if s["current"])

    assert address(guarded) == "127.0.0.1"
    assert address(make_server(trusted_proxies=1)) == "10.0.0.1"
