"""One's own inbox, `user:<id>`: what happens on one device, or is done to one, shows on the others, by socket and by stream
alike, and to nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..server import Server
from .people import Person, channel, sign_up, team
from .stream import stream
from .wire import wire

pytestmark = pytest.mark.row("RT3", "RT7")

Does = Callable[[Person, Person, dict[str, str]], Any]
LATER = "2126-01-01T00:00:00Z"


def said(ann: Person, ben: Person, at: dict[str, str]) -> None:
    at["message"] = ann.done("POST", f"/api/rooms/{at['room']}/messages", {"content": f"@{ben.username}"})["id"]


def joined(ann: Person, ben: Person, at: dict[str, str]) -> None:
    at["public"] = channel(ann, at["team"], kind="public_channel")
    ben.done("POST", f"/api/rooms/{at['public']}/join")


def made(ann: Person, ben: Person, at: dict[str, str]) -> None:
    at["made"] = channel(ben, at["team"])


def scheduled(ann: Person, ben: Person, at: dict[str, str]) -> None:
    words = {"content": "later", "send_at": LATER}
    at["scheduled"] = ben.done("POST", f"/api/rooms/{at['room']}/scheduled", words)["id"]


def sent(ann: Person, ben: Person, at: dict[str, str]) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    ben.done("POST", f"/api/rooms/{at['room']}/scheduled", {"content": "soon", "send_at": soon})


STEPS: list[tuple[Does, list[str]]] = [
    (
        lambda ann, ben, at: ann.done("POST", f"/api/workspaces/{at['team']}/invitations", {"email": ben.email}),
        ["invited"],
    ),
    (
        lambda ann, ben, at: ann.done(
            "POST", f"/api/workspaces/{at['team']}/members", {"user_id": ben.id, "role": "member"}
        ),
        ["workspace_entered"],
    ),
    (
        lambda ann, ben, at: ann.done("POST", f"/api/rooms/{at['room']}/members", {"user_ids": [ben.id]}),
        ["room_entered"],
    ),
    (made, ["room_entered"]),
    (joined, ["room_entered"]),
    (said, ["mentioned"]),
    (lambda ann, ben, at: ben.done("POST", f"/api/rooms/{at['room']}/read"), ["read_marked"]),
    (
        lambda ann, ben, at: ben.done("POST", f"/api/rooms/{at['room']}/unread", {"message_id": at["message"]}),
        ["read_marked"],
    ),
    (lambda ann, ben, at: ben.done("PUT", f"/api/rooms/{at['room']}/favourite", {"place": 0}), ["favourites_changed"]),
    (
        lambda ann, ben, at: ben.done("PUT", f"/api/rooms/{at['room']}/notifications", {"notifications": "none"}),
        ["notifications_changed"],
    ),
    (lambda ann, ben, at: ben.done("PUT", f"/api/messages/{at['message']}/thread/follow"), ["thread_followed"]),
    (scheduled, ["message_scheduled"]),
    (
        lambda ann, ben, at: ben.done("PATCH", f"/api/scheduled/{at['scheduled']}", {"content": "other words"}),
        ["scheduled_changed"],
    ),
    (lambda ann, ben, at: ben.done("DELETE", f"/api/scheduled/{at['scheduled']}"), ["scheduled_cancelled"]),
    (sent, ["message_scheduled", "scheduled_sent"]),
    (lambda ann, ben, at: ben.done("PUT", "/api/presence", {"state": "away"}), ["presence_chosen"]),
    (lambda ann, ben, at: ben.done("PATCH", "/api/auth/me", {"name": "Ben"}), ["profile_updated"]),
    (lambda ann, ben, at: ben.done("POST", f"/api/rooms/{at['public']}/leave"), ["room_exited"]),
    (lambda ann, ben, at: ann.done("DELETE", f"/api/rooms/{at['room']}/members/{ben.id}"), ["room_exited"]),
    (lambda ann, ben, at: ben.done("DELETE", f"/api/rooms/{at['made']}"), ["room_exited"]),
]


async def test_whatever_concerns_one_reaches_all_ones_devices_and_nobody_elses(server: Server) -> None:
    ann, ben, eve = sign_up(server), sign_up(server), sign_up(server)
    at = {"team": team(ann, eve)}
    at["room"] = channel(ann, at["team"])
    async with (
        wire(server, ben.again().token) as socket,
        stream(server, ben.again().token, f"user:{ben.id}") as one,
        wire(server, eve.token) as other,
    ):
        await one.until({"type": "subscribed"})
        await other.follow(f"user:{eve.id}")
        offset = (await socket.follow(f"user:{ben.id}"))["offset"]
        for does, types in STEPS:
            does(ann, ben, at)
            for type_ in types:
                offset += 1
                shown = await socket.until({"topic": f"user:{ben.id}", "offset": offset}, 30)
                assert shown["type"] == type_
                assert await one.until({"topic": f"user:{ben.id}", "offset": offset}) == shown
        await other.query("get_config")
        assert [f["type"] for f in other.waiting if "offset" in f and f["type"] != "subscribed"] == []
