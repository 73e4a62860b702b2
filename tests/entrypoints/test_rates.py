"""What is counted, and what is no way round it, against a real server."""

from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from parlour.config.settings import Settings

from ..server import Server
from .people import a_name, channel, sign_up, team
from .stream import stream
from .wire import Refused, Wire, wire

pytestmark = pytest.mark.row("OP7")
Make = Callable[..., Server]


def codes(answers: list[httpx.Response]) -> list[str]:
    return [a.json().get("code", "ok") for a in answers]


@pytest.mark.row("ID1")
def test_a_command_takes_nothing_from_the_query_string(server: Server) -> None:
    """What stands there is written to logs and histories, and would be counted by nothing that looks at bodies."""
    ann = sign_up(server)
    w = team(ann)
    made = {"kind": "public_channel", "name": a_name("room"), "workspace_id": w, "password": "sesame"}
    room = ann.done("POST", "/api/rooms", made)["id"]
    for method, path, field in (
        ("POST", "/api/signin?login=ada&password=wrong+horse", "login"),
        ("POST", f"/api/rooms/{room}/join?password=sesame", "password"),
        ("POST", f"/api/auth/reset?email={ann.email}", "email"),
        ("PATCH", f"/api/rooms/{room}?name=x", "name"),
        ("PUT", "/api/presence?state=away", "state"),
        ("DELETE", f"/api/rooms/{room}?room_id={room}", "room_id"),
        ("POST", "/api/rooms?nope=1", "nope"),
    ):
        refused = ann.ask(method, path)
        assert refused.status_code == 400, (path, refused.text)
        first = refused.json()["errors"][0]
        assert (first["pointer"], first["code"]) == (f"/{field}", "in_query")
    assert ann.done("GET", f"/api/rooms/{room}")["name"] == made["name"], "and nothing is done"


def test_what_a_route_takes_from_the_query_string_is_taken_once(server: Server) -> None:
    """The control: members are named there, since a DELETE has no body; a path is not said again behind it."""
    ann, ben, cyd = (sign_up(server) for _ in range(3))
    w = team(ann, ben, cyd)
    room = channel(ann, w, ben, cyd)
    at = f"/api/rooms/{room}/members"
    ann.done("DELETE", f"{at}?user_id={ben.id}&user_id={cyd.id}")
    assert [m["user_id"] for m in ann.done("GET", at)["items"]] == [ann.id]
    assert len(ann.done("GET", f"{at}?limit=1")["items"]) == 1
    for path in (f"{at}?room_id={room}", f"/api/presence?user_id={ann.id}&user_ids={ben.id}"):
        assert [e["code"] for e in ann.ask("GET", path).json()["errors"]] == ["twice"]
    refused = ann.ask("DELETE", f"{at}/{ben.id}?user_id={cyd.id}")
    assert [e["code"] for e in refused.json()["errors"]] == ["twice"]


@pytest.mark.row("ID1")
def test_a_name_is_counted_wherever_it_stands_and_nothing_is_kept_of_what_is_none(make_server: Make) -> None:
    server = make_server(rate_sign_in_name_per_minute=2)
    with server.http_now() as client:

        def sign_in(**asked: str) -> httpx.Response:
            return client.post("/api/signin", json={"password": "wrong horse", **asked})

        assert codes([sign_in(login="x" * 1_000_000) for _ in range(4)]) == ["invalid"] * 4
        assert codes([sign_in(login="ada"), sign_in(username="ADA"), sign_in(email="ada")]) == [
            "wrong_credentials", "wrong_credentials", "too_many_requests",
        ]  # fmt: skip
        assert codes([client.post("/api/signin?login=ada", json={"password": "wrong horse"})]) == ["invalid"]


@pytest.mark.row("WS3")
def test_invitations_by_letter_are_counted_with_the_letters_and_links_are_not(make_server: Make) -> None:
    server = make_server(rate_letters_per_hour=3)
    ann = sign_up(server)
    at = f"/api/workspaces/{team(ann)}/invitations"
    made = ann.done("POST", at, {"email": "eve@example.org"})
    ann.done("POST", f"{at}/{made['id']}/resend")
    answers = [ann.ask("POST", at, {"email": f"eve{n}@example.org"}) for n in range(3)]
    assert codes(answers) == ["ok", "too_many_requests", "too_many_requests"]
    assert "Retry-After" in answers[1].headers
    assert codes([ann.ask("POST", f"{at}/{made['id']}/resend")]) == ["too_many_requests"], "it is one limit"
    assert codes([ann.ask("POST", at, {}) for _ in range(5)]) == ["ok"] * 5
    batch = {"mode": "all", "commands": [
        {"name": "create_invitation", "data": {"workspace_id": at.split("/")[3], "email": "eve@example.org"}},
    ]}  # fmt: skip
    assert ann.ask("POST", "/api/batch", batch).status_code == 429


async def follow(one: Wire, topic: str, times: int) -> Counter[str]:
    told: Counter[str] = Counter()
    for _ in range(times):
        try:
            told[(await one.follow(topic))["type"]] += 1
            await one.ask("unsubscribe", topic=topic)
        except Refused as error:
            told[error.code] += 1
    return told


@pytest.mark.row("RT1", "RT9")
async def test_following_is_counted_on_all_sockets_and_streams_of_one_user(make_server: Make) -> None:
    server = make_server(rate_follow_per_minute=6)
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann)
    mine = f"user:{ann.id}"
    signed = (wire(server, one.token) for one in (ann, ann, ben))
    async with AsyncExitStack() as opened:
        a, b, other = [await opened.enter_async_context(one) for one in signed]
        async with stream(server, ann.token, mine, f"workspace:{w}") as events:
            await events.until({"type": "subscribed", "topic": mine})
            assert await follow(a, mine, 2) == {"subscribed": 2}
            assert await follow(b, mine, 4) == {"subscribed": 2, "too_many_requests": 2}
            with pytest.raises(httpx.HTTPStatusError) as refused:
                async with stream(server, ann.token, mine):
                    pass
            assert refused.value.response.status_code == 429
            assert int(refused.value.response.headers["Retry-After"]) > 0
            assert await follow(other, f"user:{ben.id}", 2) == {"subscribed": 2}, "others are not counted with it"
            ann.done("PATCH", "/api/auth/me", {"name": "Ann"})
            assert await events.until({"type": "profile_updated"}), "what is followed goes on"


@pytest.mark.row("RT8")
async def test_watching_is_counted_as_asking_would_be(make_server: Make) -> None:
    server = make_server(rate_default_per_minute=3)
    ann = sign_up(server)
    async with wire(server, ann.token) as a:
        for _ in range(2):
            await a.ask("subscribe", topic="presence", user_ids=[ann.id])
        await a.query("get_presence", user_ids=[ann.id])
        with pytest.raises(Refused) as refused:
            await a.ask("subscribe", topic="presence", user_ids=[ann.id])
        assert refused.value.code == "too_many_requests"


@pytest.mark.row("RT1")
async def test_whoever_comes_back_after_a_restart_is_let_in(make_server: Make) -> None:
    settings = Settings()
    assert settings.rate_follow_per_minute >= 3 * settings.topics_per_connection, "a full socket, and again, and again"
    server = make_server(rate_follow_per_minute=4)
    ann = sign_up(server)
    w = team(ann)
    topics = [f"user:{ann.id}", f"workspace:{w}", f"room:{channel(ann, w)}", f"room:{channel(ann, w)}"]
    for _ in range(2):
        async with wire(server, ann.token) as a:
            assert [(await a.follow(topic))["type"] for topic in topics] == ["subscribed"] * 4
            await a.ask("unsubscribe", topic=topics[0])
            with pytest.raises(Refused):
                await a.follow(topics[0])
        server.stop()
        server.start()
