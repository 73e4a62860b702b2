"""A reader that stops reading costs no memory, slows nobody, is cut off with 4409, and resumes."""

import asyncio
import contextlib
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .actors import Subscriber
from .campaign import World
from .line import Line
from .process import Server

MIB = 2**20
BOUND, HOARD = 16 * MIB, 80 * MIB
WORDS = "x" * 9_000
MESSAGES, TOGETHER = 1_500, 5


async def stall(server: Server, token: str, topic: str) -> tuple[ClientConnection, dict[str, Any]]:
    """A client that subscribes, and then reads no more."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.port))
    headers = {"Authorization": f"Bearer {token}"}
    ws = await connect(
        server.ws, sock=sock, additional_headers=headers, compression=None, max_queue=1, ping_interval=None
    )
    await ws.recv()
    await ws.send(json.dumps({"type": "subscribe", "topic": topic}))
    subscribed: dict[str, Any] = json.loads(await ws.recv())
    ws.transport.pause_reading()
    return ws, subscribed


async def flood(server: Server, world: World, messages: int = MESSAGES) -> tuple[int, float]:
    """Say much, while one subscriber reads and another does not: the server's growth, and how late the reader was."""
    reader = Subscriber(server, world.tokens[1])
    topic = f"room:{world.rooms[0]}"
    try:
        await reader.begin(world.rooms)
        before, slowest = server.memory(), 0.0
        async with Line(server.ws, world.tokens[0]) as line:
            for _ in range(messages // TOGETHER):
                began = time.monotonic()
                sent = [line.command("send_message", room_id=world.rooms[0], content=WORDS) for _ in range(TOGETHER)]
                views = await asyncio.gather(*sent)
                await reader.reached(topic, max(v["offset"] for v in views))
                slowest = max(slowest, time.monotonic() - began)
        return server.memory() - before, slowest
    finally:
        await reader.close()


async def resumes(ws: ClientConnection, subscribed: dict[str, Any], server: Server, world: World) -> None:
    """It was cut off, and gets all the rest from where it was: each event once, in order."""
    at, last_id, offsets = subscribed["offset"], subscribed["last_id"], []
    ws.transport.resume_reading()
    with contextlib.suppress(ConnectionClosed):
        async for text in ws:
            frame = json.loads(text)
            if "offset" in frame:
                offsets.append(frame["offset"])
                at, last_id = frame["offset"], frame["id"]
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    async with Line(server.ws, world.tokens[0], heard.put_nowait) as line:
        position = {"epoch": subscribed["epoch"], "offset": at, "last_id": last_id}
        again = await line.ask(type="subscribe", topic=subscribed["topic"], **position)
        assert again["recovered"]
        while at < again["offset"]:
            frame = await heard.get()
            if frame["type"] != "subscribed":
                offsets.append(at := frame["offset"])
    assert offsets == list(range(subscribed["offset"] + 1, again["offset"] + 1))


async def grown_by_stalled_readers(server: Server, stalled_readers: int) -> tuple[int, float, list[int | None]]:
    """How much memory they cost beside what the same flood costs without them, how late another reader was, and with
    which codes they were cut off."""
    world = await World.make(server, people=2, rooms=1)
    without, _ = await flood(server, world)
    stalled = [await stall(server, world.tokens[0], f"room:{world.rooms[0]}") for _ in range(stalled_readers)]
    grown, slowest = await flood(server, world)
    codes = []
    for ws, subscribed in stalled:
        await resumes(ws, subscribed, server, world)
        codes.append(ws.close_code)
        ws.transport.abort()
    return grown - without, slowest, codes


@pytest.mark.row("RT5")
async def test_a_stalled_reader_costs_nothing_and_resumes(tmp_path: Path, database_url: str) -> None:
    """G8. Thirteen megabytes are said; ten readers that do not read cost what their queues may hold, no more."""
    server = Server(tmp_path, database_url, OUTBOUND_BYTES="262144", SEND_SECONDS="2")
    await server.start()
    try:
        grown, slowest, codes = await grown_by_stalled_readers(server, 10)
        assert grown < BOUND, f"the server grew by {grown / MIB:.0f} MiB"
        assert slowest < 2.0, f"another reader waited {slowest:.1f} s"
        assert set(codes) <= {4409, 1006}, codes
    finally:
        await server.close()


async def grown_by_stalled_askers(server: Server, askers: int = 4, questions: int = 30) -> int:
    """How much memory those cost who ask for page after page of two megabytes each, and read no answer."""
    world = await World.make(server, people=2, rooms=1)
    await flood(server, world, 300)
    before = server.memory()
    stalled = [(await stall(server, world.tokens[0], f"room:{world.rooms[0]}"))[0] for _ in range(askers)]
    page = {"type": "query", "name": "list_messages", "data": {"room_id": world.rooms[0], "limit": 200}}
    for ws in stalled:
        for _ in range(questions):
            await ws.send(json.dumps(page))
    await flood(server, world, 300)
    for ws in stalled:
        ws.transport.abort()
    return server.memory() - before


@pytest.mark.row("RT5")
@pytest.mark.parametrize("fault, within", [(None, True), ("hoard", False)])
async def test_who_asks_and_does_not_read_costs_no_memory(
    fault: str | None, within: bool, tmp_path: Path, database_url: str
) -> None:
    server = Server(tmp_path, database_url, fault)
    await server.start()
    try:
        grown = await grown_by_stalled_askers(server)
        assert (grown < HOARD) is within, f"the server grew by {grown / MIB:.0f} MiB"
    finally:
        await server.close()


@pytest.mark.row("RT5")
async def test_a_slow_reader_is_told_4409(tmp_path: Path, database_url: str) -> None:
    """One that begins to read again in time is told why it was cut off."""
    server = Server(tmp_path, database_url, OUTBOUND_BYTES="65536", SEND_SECONDS="20")
    await server.start()
    try:
        _, _, codes = await grown_by_stalled_readers(server, 1)
        assert codes == [4409]
    finally:
        await server.close()
