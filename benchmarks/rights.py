"""What it costs to decide that somebody may send to a room, when what they are there is remembered."""

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import parlour
from parlour.application.kernel.actor import Actor
from parlour.application.kernel.authorizer import BuiltinPolicy, WithinScopes
from parlour.application.rooms.access import access_room_to_send
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import RoomId
from tests.services.server import running_postgres

from .measure import Result, at_most

ADA = Actor(parlour.host_id("ada"))
DECISIONS = 20_000


@asynccontextmanager
async def _a_room(url: str) -> AsyncIterator[tuple[Instance, RoomId]]:
    instance = Instance(Plan(values_of(Settings(database_url=url, feature_flags="")), CORE))
    await instance.start()
    try:
        team = await instance.chat.execute(parlour.CreateWorkspace("Team"), ADA)
        asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "bench", workspace_id=team.id)
        yield instance, (await instance.chat.execute(asked, ADA)).id
    finally:
        await instance.stop()


async def permission() -> Result:
    """On PostgreSQL, where a question costs a way there and back: it is asked of the store once, and remembered."""
    with running_postgres(durable=True) as server, server.database() as url:
        async with _a_room(url) as (instance, room_id):
            asked = await _decided(instance, room_id, forgetting=True)
            found = await _decided(instance, room_id, forgetting=False)
    what = "whether somebody may send to a room, decided by what is remembered of them there"
    return at_most("permission", what, found, 5, " µs", f"{asked:.0f} µs when the store is asked")


async def _decided(instance: Instance, room_id: RoomId, *, forgetting: bool) -> float:
    """The median microseconds of one decision, the unit it is made in left out."""
    store: Any = instance.store
    policy, took = WithinScopes(BuiltinPolicy()), []
    for _ in range(DECISIONS // 20 if forgetting else DECISIONS):
        unit = store.unit(ADA)
        async with unit:
            rooms = store.rooms_in(unit)
            if forgetting:
                store.standings.forget(room_id, ADA.known)
            began = time.perf_counter()
            await access_room_to_send(rooms, policy, ADA, room_id)
            took.append(time.perf_counter() - began)
        await unit.rollback()
    return statistics.median(took) * 1e6
