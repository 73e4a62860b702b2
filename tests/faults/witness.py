"""What people see while PostgreSQL is away, and when it is back; and which promise that breaks."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field

from .campaign import World
from .line import Frame, Line
from .outages import RESUMES, Fault, Place
from .process import Server

LASTS = 5.0
BOUND = 0.5 + 1 + 1 + 1.5
"""Seconds: waiting for a connection, a statement, the second after which it is cut, and some for a busy machine."""
PINGS = 5
"""At least so many in the time an outage lasts; ten are sent."""


@define
class Seen:
    """What was seen. `refusals` are the answers while it was away; None for one that did not come in time."""

    refusals: list[httpx.Response | None] = field(factory=list)
    health: dict[str, tuple[int, Any]] = field(factory=dict)
    healed: dict[str, tuple[int, Any]] = field(factory=dict)
    pings: int = 0
    resumed: float = 0.0
    sent: list[str] = field(factory=list)
    shown: list[str] = field(factory=list)
    closed: bool = False
    log: str = ""


class Heard(Line):
    """A follower that counts its heartbeats."""

    pings = 0

    async def _hear(self, ws: Any, frame: Frame) -> None:
        self.pings += frame["type"] == "ping"
        await super()._hear(ws, frame)


async def witness(server: Server, world: World, there: Place, fault: Fault) -> Seen:
    """Read, send, follow and ask for health while a fault lasts, and after it."""
    seen, shown = Seen(), list[Frame]()
    room = world.rooms[0]
    async with Heard(server.ws, world.tokens[1], shown.append) as line, server.client(world.tokens[0]) as http:
        await line.ask(type="subscribe", topic=f"room:{room}")
        lasting = asyncio.create_task(fault(there, LASTS))
        before = line.pings
        while (answer := await _read(http, room)) is not None and answer.is_success and not lasting.done():
            await asyncio.sleep(0.02)
        seen.refusals = list(await asyncio.gather(_read(http, room), _send(http, room, BOUND)))
        seen.health = await _health(http)
        seen.refusals += await asyncio.gather(_read(http, room), _send(http, room, BOUND))
        await lasting
        seen.pings = line.pings - before
        began = time.monotonic()
        answer = await _send_until_done(http, room, began + 3 * RESUMES)
        seen.resumed = time.monotonic() - began
        again = await _send_until_done(http, room, began + 3 * RESUMES)
        seen.sent = [a.json().get("id", "") for a in (answer, again) if a is not None]
        seen.healed = await _health(http)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RESUMES):
                while not shown[1:]:
                    await asyncio.sleep(0.02)
        await _until_told(server)
        seen.shown = [frame["data"]["id"] for frame in shown if frame["type"] == "text"]
        seen.closed = line.closed.is_set()
    seen.log = Path(server.folder / "server.log").read_text()
    return seen


async def _until_told(server: Server) -> None:
    """Until the log says that it is back, or does not in time."""
    ends = time.monotonic() + RESUMES
    while "lets parlour in again" not in (server.folder / "server.log").read_text() and time.monotonic() < ends:
        await asyncio.sleep(0.05)


async def _read(http: httpx.AsyncClient, room: str) -> httpx.Response | None:
    try:
        return await http.get(f"/api/rooms/{room}/messages", timeout=BOUND)
    except httpx.TimeoutException:
        return None


async def _send(http: httpx.AsyncClient, room: str, within: float) -> httpx.Response | None:
    try:
        said, key = {"content": "said while it was away"}, {"Idempotency-Key": "once"}
        return await http.post(f"/api/rooms/{room}/messages", json=said, headers=key, timeout=within)
    except httpx.TimeoutException:
        return None


async def _send_until_done(http: httpx.AsyncClient, room: str, ends: float) -> httpx.Response | None:
    while True:
        answer = await _send(http, room, RESUMES)
        if (answer is not None and answer.is_success) or time.monotonic() > ends:
            return answer


async def _health(http: httpx.AsyncClient) -> dict[str, tuple[int, Any]]:
    answers = {}
    for name in ("", "/ready", "/simple"):
        answer = await http.get(f"/health{name}")
        answers[name] = (answer.status_code, answer.json())
    return answers


def broken(seen: Seen) -> set[str]:
    """The promises that what was seen does not keep."""
    return set(_broken(seen))


def _broken(seen: Seen) -> Iterator[str]:
    for answer in seen.refusals:
        if answer is None or answer.status_code != 503 or int(answer.headers.get("retry-after", 0)) < 1:
            yield "503"
    if not _tells_of(seen.health, "down") or not _tells_of(seen.healed, "ok") or not _later(seen):
        yield "health"
    if seen.pings < PINGS:
        yield "heartbeat"
    if seen.closed:
        yield "socket"
    if seen.resumed > RESUMES:
        yield "resume"
    if len(seen.sent) != 2 or len(set(seen.sent)) != 1 or seen.shown != seen.sent[:1]:
        yield "once"
    if seen.log.count("does not let parlour in") > 1 or len(seen.log.splitlines()) > 6:
        yield "log"


def _tells_of(health: dict[str, tuple[int, Any]], state: str) -> bool:
    status = 200 if state == "ok" else 503
    whole, db = health[""], health[""][1]["db"]
    told = whole[0] == health["/ready"][0] == status and db["status"] == state
    return told and db["latency_ms"] >= 0 and bool(db["since"]) and health["/simple"][0] == 200


def _later(seen: Seen) -> bool:
    """Since when it is well is after since when it was not."""
    down, up = (health[""][1]["db"]["since"] for health in (seen.health, seen.healed))
    return bool(down < up)
