"""Who is typing: shown to whoever follows the room now, and nowhere kept."""

from collections.abc import Callable

import pytest

from ..server import Server
from .losses import kicked
from .people import Person, channel, sign_up, team
from .stream import stream
from .wire import Refused, wire

pytestmark = pytest.mark.row("RT8")
Room = tuple[Person, Person, str, str]


@pytest.fixture
def room(server: Server) -> Room:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


async def test_those_who_follow_the_room_see_it_and_the_log_does_not(server: Server, room: Room) -> None:
    ann, ben, _, r = room
    topic = f"room:{r}"
    async with (
        wire(server, ann.token) as a,
        wire(server, ben.token) as b,
        stream(server, ben.token, topic) as s,
        stream(server, ben.token, topic, only=["typing"]) as only,
        stream(server, ben.token, topic, only=["text"]) as others,
    ):
        at = await b.follow(topic)
        for one in (s, only, others):
            await one.until({"type": "subscribed"})
        before = s.last_id
        await a.send(type="typing", room_id=r)
        for each in (b, s, only):
            shown = await each.until({"type": "typing"})
            assert (shown["topic"], shown["user_id"]) == (topic, ann.id)
            assert set(shown) == {"type", "topic", "id", "at", "user_id"}
        assert s.last_id == before
        sent = await a.ask("text", room_id=r, content="there")
        assert sent["data"]["offset"] == at["offset"] + 1
        await others.until({"type": "text"})
        assert "typing" not in {f["type"] for f in others.waiting}
    async with wire(server, ben.token) as b:
        await b.follow(topic, epoch=at["epoch"], offset=at["offset"])
        await b.until({"type": "text"})
        assert "typing" not in {f["type"] for f in b.waiting}, "it is in no log"


async def test_only_who_may_write_there_shows_it(server: Server, room: Room) -> None:
    ann, _, w, r = room
    cy = sign_up(server)
    ann.done("POST", f"/api/workspaces/{w}/members", {"user_id": cy.id, "role": "member"})
    public = channel(ann, w, kind="public_channel")
    async with wire(server, ann.token) as a, wire(server, cy.token) as c:
        for each in (r, public):
            await a.follow(f"room:{each}")
        for each, code in ((r, "not_found"), (public, "not_in_room")):
            with pytest.raises(Refused) as refused:
                await c.ask("typing", room_id=each)
            assert refused.value.code == code
        ann.done("POST", f"/api/rooms/{public}/archive", {"archived": True})
        with pytest.raises(Refused):
            await a.ask("typing", room_id=public)
        await a.query("get_config")
        assert "typing" not in {f["type"] for f in a.waiting}
        assert (await a.ask("typing", room_id=r))["data"] == {"ok": True}
        await a.until({"type": "typing"})


async def test_who_has_lost_the_room_sees_it_no_more(server: Server, room: Room) -> None:
    ann, ben, w, r = room
    async with wire(server, ann.token) as a, wire(server, ben.token) as b:
        await b.follow(f"room:{r}")
        await a.ask("typing", room_id=r)
        await b.until({"type": "typing"})
        kicked(ann, ben, w, r)
        await b.until({"type": "unsubscribed"}, 1.0)
        await a.ask("typing", room_id=r)
        await b.query("get_config")
        assert "typing" not in {f["type"] for f in b.waiting}


async def test_it_is_shown_so_often_and_not_more(make_server: Callable[..., Server]) -> None:
    server = make_server(rate_typing_per_minute=3)
    ann = sign_up(server)
    r = channel(ann, team(ann))
    answers = [ann.ask("POST", f"/api/rooms/{r}/typing") for _ in range(5)]
    assert {a.status_code for a in answers[:3]} == {200}
    assert answers[-1].status_code == 429


async def test_who_is_invisible_shows_nothing(server: Server, room: Room) -> None:
    ann, ben, _, r = room
    topic = f"room:{r}"
    async with wire(server, ann.token) as a, wire(server, ben.token) as b:
        await b.follow(topic)
        await a.command("show_typing", room_id=r)
        await b.until({"type": "typing"})
        ann.done("PUT", "/api/presence", {"state": "invisible"})
        await a.command("show_typing", room_id=r)
        ann.done("PUT", "/api/presence", {"state": "online"})
        await a.ask("text", room_id=r, content="there")
        await b.until({"type": "text"})
        assert "typing" not in {f["type"] for f in b.waiting}
        await a.command("show_typing", room_id=r)
        await b.until({"type": "typing"})
