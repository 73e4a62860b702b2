"""What people see while PostgreSQL is away: 503 and when to come again, open sockets, heartbeats, health that says so."""

import asyncio
from pathlib import Path

import pytest

from ..services.server import PostgresServer
from . import outages
from .campaign import World
from .outages import SHORT, Fault, Spoiled, place
from .witness import Seen, broken, witness

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

AWAY = [
    outages.server_killed,
    outages.server_paused,
    outages.connections_refused,
    outages.black_hole,
    outages.crowded,
]
PLANTED = {
    "wait_for_ever": "503",
    "heartbeats_wait": "heartbeat",
    "be_well": "health",
    "never_reconnect": "resume",
    "forget_keys": "once",
    "tell_always": "log",
}


async def seen_by(harmed: PostgresServer, folder: Path, fault: Fault, sabotage: str | None = None) -> Seen:
    with place(harmed) as there:
        server = Spoiled(folder, there.url, sabotage, **SHORT)
        try:
            await server.start()
            return await witness(server, await World.make(server, people=2, rooms=1), there, fault)
        finally:
            await server.close()


@pytest.mark.row("MS3", "RT4")
@pytest.mark.parametrize("fault", AWAY)
async def test_what_is_seen_while_it_is_away(fault: Fault, harmed: PostgresServer, tmp_path: Path) -> None:
    seen = await seen_by(harmed, tmp_path, fault)
    assert broken(seen) == set(), seen
    assert seen.log.count("lets parlour in again") == seen.log.count("does not let parlour in") == 1, seen.log


@pytest.mark.parametrize("sabotage, promise", PLANTED.items())
async def test_a_planted_fault_is_seen(sabotage: str, promise: str, harmed: PostgresServer, tmp_path: Path) -> None:
    fault = outages.black_hole if sabotage == "wait_for_ever" else outages.connections_refused
    seen = await seen_by(harmed, tmp_path, fault, sabotage)
    assert promise in broken(seen), seen


async def test_it_stops_in_order_while_it_is_away(harmed: PostgresServer, tmp_path: Path) -> None:
    """Somebody waits for an answer from a server that stands still; SIGTERM does not wait for it for ever."""
    with place(harmed) as there:
        server = Spoiled(tmp_path, there.url, None, **SHORT)
        try:
            await server.start()
            world = await World.make(server, people=1, rooms=1)
            async with server.client(world.tokens[0]) as http:
                harmed.pause()
                asking = asyncio.create_task(http.get(f"/api/rooms/{world.rooms[0]}/messages"))
                await asyncio.sleep(0.2)
                assert await server.stop(within=8) == 0
                answer = await asyncio.gather(asking, return_exceptions=True)
                assert getattr(answer[0], "status_code", 503) == 503
        finally:
            harmed.resume()
            await server.close()
