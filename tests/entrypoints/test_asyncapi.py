"""`/asyncapi.json` of a real server: what goes over a real socket and stream is as it says."""

import json
from typing import Any

import httpx
import jsonschema
import pytest

from ..server import Server
from .people import channel, sign_up, team
from .stream import stream
from .wire import Refused, wire

pytestmark = pytest.mark.row("DX2")


class Described:
    """The frames that the server says it sends."""

    def __init__(self, server: Server) -> None:
        self.document = httpx.get(f"{server.base}/asyncapi.json").json()

    def check(self, frame: dict[str, Any], message: str) -> None:
        schema = {
            **self.document["components"]["messages"][message]["payload"],
            "components": self.document["components"],
        }
        jsonschema.Draft7Validator(schema).validate(frame)


async def test_frames_are_as_described(server: Server) -> None:
    said = Described(server)
    ann, ben = sign_up(server), sign_up(server)
    r = channel(ann, team(ann, ben), ben)
    topic = f"room:{r}"
    async with wire(server, ann.token) as a, stream(server, ann.token, topic) as s:
        said.check(a.welcome, "welcome")
        said.check(await s.until({"type": "welcome"}), "welcome")
        said.check(await s.until({"type": "subscribed"}), "subscribed")
        said.check(await a.follow(topic), "subscribed")
        said.check(await a.ask("subscribe", topic="presence", user_ids=[ben.id]), "watching")
        async with wire(server, ben.token) as b:
            said.check(await a.until({"type": "user_joined"}), "user_joined")
            await b.ask("typing", room_id=r)
            said.check(await a.until({"type": "typing"}), "typing")
            said.check(await b.ask("text", room_id=r, content="hi"), "send_message_result")
        for each in (a, s):
            said.check(await each.until({"type": "text"}), "event_text")
        said.check(await a.until({"type": "user_left"}), "user_left")
        said.check(await a.ask("query", name="list_rooms"), "list_rooms_result")
        said.check(await a.ask("unsubscribe", topic=topic), "done")
        with pytest.raises(Refused):
            await a.follow("room:x")
        await a.send(type="subscribe", id="x", topic="room:x")
        said.check(await a.until({"id": "x"}), "error")


async def test_a_frame_that_is_otherwise_is_seen(server: Server) -> None:
    said = Described(server)
    async with wire(server, sign_up(server).token) as one:
        frame = json.loads(json.dumps(one.welcome))
        del frame["heartbeat"]
        with pytest.raises(jsonschema.ValidationError):
            said.check(frame, "welcome")
