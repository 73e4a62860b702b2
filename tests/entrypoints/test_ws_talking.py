"""Commands, queries, subscriptions and resuming on a socket, against a real server."""

import uuid
from collections.abc import Callable

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .wire import Refused, wire

Pair = tuple[Person, Person, str, str]


@pytest.fixture(scope="module")
def pair(server: Server) -> Pair:
    ann, ben = sign_up(server), sign_up(server)
    w = team(ann, ben)
    return ann, ben, w, channel(ann, w, ben)


@pytest.mark.row("RT2", "DX1")
async def test_commands_queries_and_batches_are_answered_by_their_ids(server: Server, pair: Pair) -> None:
    ann, _, _, room = pair
    async with wire(server, ann.token) as one:
        sent = await one.command("send_message", key="k1", room_id=room, content="hi")
        again = await one.command("send_message", key="k1", room_id=room, content="hi")
        assert again["id"] == sent["id"]
        assert (await one.query("get_message", message_id=sent["id"]))["content"] == "hi"
        commands = [{"name": "send_message", "data": {"room_id": room, "content": f"{n}"}} for n in range(2)]
        done = (await one.command("batch", mode="all", commands=commands))["results"]
        assert [r["data"]["content"] for r in done] == ["0", "1"]
        for n in range(50):
            await one.send(type="query", id=f"many{n}", name="get_config", data={})
        assert {(await one.until({"id": f"many{n}"}))["type"] for n in range(50)} == {"result"}


@pytest.mark.parametrize(
    "kind, name, data, code, pointer",
    [
        ("command", "no_such_thing", {}, "unknown_use_case", None),
        ("command", "list_rooms", {}, "unknown_use_case", None),
        ("query", "create_room", {}, "unknown_use_case", None),
        ("command", "send_message", {"room_id": "x", "content": "y"}, "invalid", "/room_id"),
        ("command", "send_message", {"room_id": str(uuid.uuid4()), "content": "y"}, "not_found", None),
        ("command", "send_message", {"room_id": str(uuid.uuid4()), "content": "y", "colour": 1}, "invalid", "/colour"),
        ("command", "sign_in", {"login": "x", "password": "y"}, "unknown_use_case", None),
    ],
)
async def test_errors_are_problems_with_code_and_place(
    server: Server, pair: Pair, kind: str, name: str, data: dict, code: str, pointer: str | None
) -> None:
    async with wire(server, pair[0].token) as one:
        with pytest.raises(Refused) as refused:
            await one.ask(kind, name=name, data=data)
        problem = refused.value.problem
        assert (problem["code"], problem["type"]) == (code, f"urn:parlour:problem:{code}")
        assert [e["pointer"] for e in problem.get("errors", [])] == ([pointer] if pointer else [])
        assert (await one.query("get_me"))["id"] == pair[0].id, "the socket lives on"


@pytest.mark.row("RT2", "MS1")
async def test_a_text_reaches_everybody_who_follows_the_room_once_and_alike(server: Server, pair: Pair) -> None:
    ann, ben, _, room = pair
    async with wire(server, ann.token) as a, wire(server, ben.token) as b:
        for one in (a, b):
            assert (await one.follow(f"room:{room}"))["type"] == "subscribed"
        sent = (await a.ask("text", room_id=room, content="hello"))["data"]
        heard = [await one.until({"type": "text", "topic": f"room:{room}"}) for one in (a, b)]
        assert heard[0] == heard[1]
        assert (heard[0]["offset"], heard[0]["actor_id"]) == (sent["offset"], ann.id)
        assert heard[0]["data"]["content"] == "hello"
        assert (await b.query("get_config"))["protocol"] == 1
        assert [f for f in b.waiting if f["type"] == "text"] == [], "once"


@pytest.mark.row("RT2", "RM1")
async def test_a_text_to_a_person_goes_to_the_room_of_the_two(server: Server, pair: Pair) -> None:
    ann, ben, w, _ = pair
    ann.done("POST", f"/api/workspaces/{w}/switch")
    async with wire(server, ann.token) as a:
        first = (await a.ask("text", to=ben.id, content="psst"))["data"]
        second = (await a.ask("text", to=ben.id, content="psst again"))["data"]
    assert first["room_id"] == second["room_id"]
    room = ben.done("GET", f"/api/rooms/{first['room_id']}")
    assert (room["kind"], room["last_message"]["content"]) == ("direct", "psst again")


@pytest.mark.row("RT4")
async def test_what_was_missed_follows_a_resume_and_then_what_happens(server: Server, pair: Pair) -> None:
    ann, ben, w, _ = pair
    room = channel(ann, w, ben)
    topic = f"room:{room}"
    async with wire(server, ben.token) as b:
        at = await b.follow(topic)
    sent = [offset for _ in range(5) for offset in _said_together(ann, room, 90)]
    async with wire(server, ben.token) as b:
        position = {"epoch": at["epoch"], "offset": at["offset"], "last_id": at["last_id"]}
        said = await b.follow(topic, **position)
        assert said["recovered"] is True
        assert said["offset"] == sent[-1]
        missed = [(await b.until({"type": "text"}))["offset"] for _ in sent]
        assert missed == sent
        now = ann.done("POST", f"/api/rooms/{room}/messages", {"content": "now"})["offset"]
        assert (await b.until({"type": "text"}))["offset"] == now


@pytest.mark.row("RT4")
async def test_a_position_that_cannot_be_trusted_is_not_recovered(server: Server, pair: Pair) -> None:
    ann, ben, _, room = pair
    topic = f"room:{room}"
    ann.done("POST", f"/api/rooms/{room}/messages", {"content": "one more"})
    async with wire(server, ben.token) as b:
        good = await b.follow(topic)
        await b.ask("unsubscribe", topic=topic)
        here = {"epoch": good["epoch"], "offset": good["offset"], "last_id": good["last_id"]}
        for wrong, recovered in (
            ({}, True),  # the control: the place it stands at
            ({"offset": good["offset"] + 1}, False),
            ({"epoch": "another"}, False),
            ({"last_id": str(uuid.uuid4())}, False),
        ):
            said = await b.follow(topic, **{**here, **wrong})
            assert said["recovered"] is recovered, wrong
            assert (said["epoch"], said["offset"]) == (good["epoch"], good["offset"]), "where to load the state from"
            await b.ask("unsubscribe", topic=topic)


@pytest.mark.row("RT4")
async def test_a_position_below_the_floor_is_not_recovered(make_server: Callable[..., Server]) -> None:
    server = make_server(retention_events=5, relay_grace_seconds=0.01)
    ann = sign_up(server)
    room = channel(ann, ann.workspace_id)
    before = ann.done("GET", f"/api/rooms/{room}")
    for n in range(20):
        ann.done("POST", f"/api/rooms/{room}/messages", {"content": f"{n}"})
    async with wire(server, ann.token) as one:
        said = await one.follow(f"room:{room}", epoch=before["epoch"], offset=before["offset"])
        assert said["recovered"] is True, "the control: nothing was cut yet"
        await one.ask("unsubscribe", topic=f"room:{room}")
        while not server.system("keep_within_bounds")["events"]:
            pass  # the relay passes the events over first, within a second
        said = await one.follow(f"room:{room}", epoch=before["epoch"], offset=before["offset"])
        assert said["recovered"] is False
        await one.ask("unsubscribe", topic=f"room:{room}")
        near = await one.follow(f"room:{room}", epoch=said["epoch"], offset=said["offset"] - 1)
        assert near["recovered"] is True, "the control: the newest are kept"


async def test_a_topic_is_followed_once_left_once_and_only_by_whoever_may(server: Server, pair: Pair) -> None:
    ann, ben, _, room = pair
    topic = f"room:{room}"
    async with wire(server, sign_up(server).token) as stranger:
        for hidden in (topic, f"room:{uuid.uuid4()}", f"user:{ann.id}", f"workspace:{pair[2]}"):
            with pytest.raises(Refused) as refused:
                await stranger.follow(hidden)
            assert refused.value.code == "not_found"
    async with wire(server, ben.token) as b:
        await b.follow(topic)
        with pytest.raises(Refused) as refused:
            await b.follow(topic)
        assert refused.value.code == "already_following"
        await b.ask("unsubscribe", topic=topic)
        with pytest.raises(Refused) as refused:
            await b.ask("unsubscribe", topic=topic)
        assert refused.value.code == "not_following"
        ann.done("POST", f"/api/rooms/{room}/messages", {"content": "unheard"})
        await b.query("get_me")
        assert [f for f in b.waiting if f["type"] == "text"] == []


def _said_together(who: Person, room: str, many: int) -> list[int]:
    commands = [{"name": "send_message", "data": {"room_id": room, "content": f"m{n}"}} for n in range(many)]
    results = who.done("POST", "/api/batch", {"mode": "all", "commands": commands})["results"]
    return [result["data"]["offset"] for result in results]
