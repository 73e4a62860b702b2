"""Server-sent events: the promises of the socket, seen by a real client of a real server."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .stream import Stream, refused, stream
from .wire import wire

pytestmark = pytest.mark.row("RT7")
Room = tuple[Person, Person, str, str]
Lose = Callable[[Person, Person, str, str], None]
NOTHING = "018f0000-0000-7000-8000-000000000001"


@pytest.fixture
def room(server: Server) -> Room:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


def say(who: Person, room: str, *texts: str) -> None:
    for text in texts:
        who.done("POST", f"/api/rooms/{room}/messages", {"content": text})


async def contents(one: Stream, count: int) -> list[str]:
    return [(await one.until({"type": "text"}))["data"]["content"] for _ in range(count)]


async def test_it_shows_the_frames_of_a_socket(server: Server, room: Room) -> None:
    ann, ben, _, r = room
    async with stream(server, ben.token, f"room:{r}", f"user:{ben.id}") as one, wire(server, ben.token) as socket:
        assert one.answer.headers["Content-Type"] == "text/event-stream"
        assert one.answer.headers["Cache-Control"] == "no-store"
        welcome = await one.until({"type": "welcome"})
        assert (welcome["user_id"], welcome["heartbeat"]) == (ben.id, 15.0)
        at = await one.until({"type": "subscribed", "topic": f"room:{r}"})
        assert (await one.until({"type": "subscribed", "topic": f"user:{ben.id}"}))["recovered"] is False
        said = await socket.follow(f"room:{r}")
        assert {n: at[n] for n in ("epoch", "offset", "last_id")} == {
            n: said[n] for n in ("epoch", "offset", "last_id")
        }
        say(ann, r, "hello\nyou")
        assert await one.until({"type": "text"}) == await socket.until({"type": "text"})


@pytest.mark.row("RT4")
async def test_a_cut_is_resumed_in_all_topics_with_nothing_lost_or_twice(server: Server, room: Room) -> None:
    await check_resuming(server, room)


async def check_resuming(server: Server, room: Room) -> None:
    ann, ben, w, r = room
    other = channel(ann, w, ben)
    topics = {f"room:{r}": r, f"room:{other}": other}
    seen: list[tuple[str, str]] = []
    last = None
    for n in range(4):
        async with stream(server, ben.token, *topics, last=last) as one:
            for topic in topics:
                await one.until({"type": "subscribed", "topic": topic, "recovered": n > 0})
            say(ann, r, f"{n} live")
            say(ann, other, f"{n} there")
            for _ in range(6 if n else 2):
                frame = await one.until({"type": "text"})
                seen.append((frame["topic"], frame["data"]["content"]))
            say(ann, r, f"{n} not read")  # it may be under way; what counts is what the client has seen
            last = one.last_id
        say(ann, r, f"{n} cut")
        say(ann, other, f"{n} cut", f"{n} cut again")
    async with stream(server, ben.token, *topics, last=last) as one:
        for _ in range(4):
            frame = await one.until({"type": "text"})
            seen.append((frame["topic"], frame["data"]["content"]))
    for topic, key in topics.items():
        assert [content for there, content in seen if there == topic] == said_in(ann, key)


def said_in(who: Person, room: str) -> list[str]:
    items = who.done("GET", f"/api/rooms/{room}/messages?limit=100")["items"]
    return [m["content"] for m in sorted(items, key=lambda m: m["offset"])]


async def test_a_place_that_is_not_kept_is_told(server: Server, room: Room) -> None:
    """The negative control of resuming: a store that was restored shows another event at the offset."""
    _, ben, _, r = room
    async with stream(server, ben.token, f"room:{r}") as one:
        await one.until({"type": "subscribed"})
        assert one.last_id is not None
        there = one.last_id
    forged = there[:-1] + ("0" if there[-1] != "0" else "1")
    async with stream(server, ben.token, f"room:{r}", last=forged) as one:
        assert (await one.until({"type": "subscribed"}))["recovered"] is False
    async with stream(server, ben.token, f"room:{r}", last_event_id=[there]) as one:
        assert (await one.until({"type": "subscribed"}))["recovered"] is True


@pytest.mark.parametrize("last", ["7", "nonsense", "1.abc", "1." + "a" * 12 + ".-", "1..", "1.é", "1." + "." * 5000])
async def test_a_last_event_id_that_is_not_ours_is_refused(server: Server, room: Room, last: str) -> None:
    _, ben, _, r = room
    problem = await refused(server, ben.token, f"room:{r}", last_event_id=[last])
    assert (problem["status"], problem["code"]) == (400, "last_event_id")
    assert [f["pointer"] for f in problem["errors"]] == ["/last_event_id"]


async def test_a_last_event_id_of_other_topics_is_refused(server: Server, room: Room) -> None:
    _, ben, _, r = room
    async with stream(server, ben.token, f"room:{r}") as one:
        await one.until({"type": "subscribed"})
        last = one.last_id
    for topics in ((f"user:{ben.id}",), (f"room:{r}", f"user:{ben.id}")):
        assert (await refused(server, ben.token, *topics, last=last))["code"] == "last_event_id"


@pytest.mark.parametrize(
    "topics, more, pointer, code",
    [
        ([], {}, "/topic", "required"),
        (["nonsense"], {}, "/topic/0", "topic"),
        ([f"room:{NOTHING}", f"room:{NOTHING}"], {}, "/topic/1", "twice"),
        ([f"room:{NOTHING}"] * 21, {}, "/topic", "length"),
        ([f"room:{NOTHING}"], {"only": ["nonsense"]}, "/only/0", "unknown_event"),
        ([f"room:{NOTHING}"], {"colour": ["red"]}, "/colour", "unknown_field"),
    ],
)
async def test_what_cannot_be_followed_is_refused_with_its_place(
    server: Server, room: Room, topics: list[str], more: dict[str, list[str]], pointer: str, code: str
) -> None:
    problem = await refused(server, room[1].token, *topics, **more)
    assert (problem["status"], problem["code"]) == (400, "invalid")
    assert (pointer, code) in [(f["pointer"], f["code"]) for f in problem["errors"]]


async def test_who_it_is_comes_by_header_address_or_ticket(server: Server, room: Room) -> None:
    _, ben, _, r = room
    topic = f"room:{r}"
    assert (await refused(server, None, topic))["code"] == "unauthenticated"
    assert (await refused(server, "nonsense", topic))["status"] == 401
    async with stream(server, None, topic, token=[ben.token]) as one:
        await one.until({"type": "subscribed"})
    ticket = ben.done("POST", "/api/ws-ticket")["ticket"]
    async with stream(server, None, topic, ticket=[ticket]) as one:
        await one.until({"type": "subscribed"})
    assert (await refused(server, None, topic, ticket=[ticket]))["code"] == "invalid_ticket"
    assert ben.token not in server.log()


async def test_a_topic_that_one_may_not_follow_is_told_and_others_go_on(server: Server, room: Room) -> None:
    ann, ben, w, r = room
    hidden = channel(ann, w)
    assert (await refused(server, ben.token, f"room:{hidden}"))["code"] == "not_found"
    async with stream(server, ben.token, f"room:{hidden}", f"room:{r}") as one:
        assert (await one.until({"type": "unsubscribed", "topic": f"room:{hidden}"}))["reason"] == "not_found"
        await one.until({"type": "subscribed", "topic": f"room:{r}"})
        say(ann, hidden, "secret")
        say(ann, r, "said")
        assert await contents(one, 1) == ["said"]


async def test_it_is_sent_comments(make_server: Callable[..., Server]) -> None:
    server = make_server(comment_seconds=0.3)
    ben = sign_up(server)
    async with stream(server, ben.token, f"user:{ben.id}") as one:
        with pytest.raises(TimeoutError):
            await one.until({"type": "nothing"}, 1.5)
        assert one.comments >= 2


async def test_streams_count_with_the_connections_of_a_user_and_an_address(make_server: Callable[..., Server]) -> None:
    server = make_server(connections_per_user=2, connections_per_address=3)
    ben, ann = sign_up(server), sign_up(server)
    topic = f"user:{ben.id}"
    async with stream(server, ben.token, topic), wire(server, ben.token):
        problem = await refused(server, ben.token, topic)
        assert (problem["status"], problem["code"]) == (429, "too_many_connections")
        async with stream(server, ann.token, f"user:{ann.id}"):
            assert (await refused(server, ann.token, f"user:{ann.id}"))["status"] == 429
    async with asyncio.timeout(5):
        while httpx.get(f"{server.base}/health").json()["connections"]:
            await asyncio.sleep(0.02)
    async with stream(server, ben.token, topic) as one:
        await one.until({"type": "subscribed"})


def test_only_a_bearer_token_opens_it(server: Server, room: Room) -> None:
    ann, topic = room[0], f"room:{room[-1]}"
    for scheme, status in (("Basic", 401), ("Bearer", 200)):
        headers = {"Authorization": f"{scheme} {ann.token}"}
        with (
            server.http_now() as client,
            client.stream("GET", "/events", params={"topic": topic}, headers=headers) as got,
        ):
            assert got.status_code == status
