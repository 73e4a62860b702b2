"""A client of the `websockets` package stays through kill -9 and restart, and misses nothing."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from .campaign import World
from .process import Server

SAID = 60


async def faithful_reader(server: Server, token: str, room: str, seen: list[Any]) -> None:
    """All a client needs: connect for ever, subscribe from the last position, keep the position."""
    topic: dict[str, Any] = {"type": "subscribe", "topic": f"room:{room}"}
    headers = {"Authorization": f"Bearer {token}"}
    async for ws in connect(server.ws, additional_headers=headers, process_exception=lambda error: None):
        await ws.send(json.dumps(topic))
        async for text in reading(ws):
            frame = json.loads(text)
            if frame["type"] == "subscribed" and "epoch" not in topic:
                topic |= {"epoch": frame["epoch"], "offset": frame["offset"], "last_id": frame["last_id"]}
            if "offset" in frame and frame["type"] != "subscribed":
                topic |= {"offset": frame["offset"], "last_id": frame["id"]}
                seen.append(frame)


async def reading(ws: Any) -> Any:
    from websockets.exceptions import ConnectionClosed

    try:
        async for text in ws:
            yield text
    except ConnectionClosed:
        return


@pytest.mark.row("RT4")
async def test_a_client_stays_through_kill_9(tmp_path: Path, database_url: str) -> None:
    server = Server(tmp_path, database_url)
    await server.start()
    world = await World.make(server, people=2, rooms=1)
    seen: list[Any] = []
    reader = asyncio.create_task(faithful_reader(server, world.tokens[0], world.rooms[0], seen))
    try:
        for n in range(SAID):
            if n in {SAID // 3, 2 * SAID // 3}:
                await server.kill()
                await server.start()
            async with server.client(world.tokens[0]) as http:
                path = f"/api/rooms/{world.rooms[0]}/messages"
                (await http.post(path, json={"content": f"message {n}"})).raise_for_status()
            while not n and not seen:
                await asyncio.sleep(0.01)  # the first one may be earlier than the subscription
        async with asyncio.timeout(20):
            while len(seen) < SAID:
                await asyncio.sleep(0.01)
        assert [frame["data"]["content"] for frame in seen] == [f"message {n}" for n in range(SAID)]
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await server.close()
