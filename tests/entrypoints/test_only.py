"""Subscriptions that show some events of a topic, on sockets and streams: what is passed over is not lost count of."""

from collections.abc import Callable

import pytest

from ..server import Server
from .people import channel, sign_up, team
from .stream import refused, stream
from .wire import Refused, wire

pytestmark = pytest.mark.row("RT3")


async def test_only_what_was_asked_for_is_shown_and_resumed(make_server: Callable[..., Server]) -> None:
    server = make_server(heartbeat_seconds=0.2, comment_seconds=0.2)
    ann, ben, cy = sign_up(server), sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben, cy), ben)
    topic = f"room:{r}"
    async with wire(server, ben.token) as b, stream(server, ben.token, topic, only=["text"]) as s:
        at = await b.follow(topic, only=["text"])
        everything = await wire_all(server, ann.token, topic)
        ann.done("POST", f"/api/rooms/{r}/members", {"user_ids": [cy.id]})
        ann.done("POST", f"/api/rooms/{r}/messages", {"content": "said"})
        ann.done("DELETE", f"/api/rooms/{r}/members/{cy.id}")
        seen = {}
        for each in (b, s):
            assert (await each.until({"type": "text"}))["offset"] == at["offset"] + 2
            seen = await each.until({"type": "at", "topic": topic, "offset": at["offset"] + 3})
            assert set(seen) == {"type", "topic", "offset"}
            assert {f["type"] for f in each.waiting} <= {"welcome", "subscribed", "ping", "at"}
        assert everything["offset"] == at["offset"]
        last = s.last_id
        resumed = {"epoch": at["epoch"], "offset": seen["offset"]}
    ann.done("POST", f"/api/rooms/{r}/members", {"user_ids": [cy.id]})
    ann.done("POST", f"/api/rooms/{r}/messages", {"content": "missed"})
    async with wire(server, ben.token) as b, stream(server, ben.token, topic, only=["text"], last=last) as s:
        assert (await b.follow(topic, only=["text"], **resumed))["recovered"] is True
        for each in (b, s):
            shown = await each.until({"type": "text"})
            assert (shown["data"]["content"], shown["offset"]) == ("missed", seen["offset"] + 2)
            assert "member_joined" not in {f["type"] for f in each.waiting}


async def wire_all(server: Server, token: str, topic: str) -> dict[str, int]:
    """The control: one who follows everything is told no `at`."""
    async with wire(server, token) as a:
        position: dict[str, int] = await a.follow(topic)
        await a.until({"type": "ping"})
        await a.until({"type": "ping"})
        assert "at" not in {f["type"] for f in a.waiting}
    return position


async def test_what_is_no_event_is_refused(server: Server) -> None:
    ben = sign_up(server)
    async with wire(server, ben.token) as b:
        with pytest.raises(Refused) as error:
            await b.follow(f"user:{ben.id}", only=["nonsense"])
    for problem in (error.value.problem, await refused(server, ben.token, f"user:{ben.id}", only=["nonsense"])):
        assert problem["errors"][0]["code"] == "unknown_event"
