"""A watch over presence without any network: told once a turn, again when the store is back, and not past a reader."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field

from parlour.adapters.inprocess.presence import LocalPresence
from parlour.adapters.inprocess.signals import LocalSignals
from parlour.application.presence.roster import Roster
from parlour.application.presence.views import PresenceView
from parlour.domain.kernel.errors import Unavailable
from parlour.domain.kernel.ids import UserId
from parlour.domain.presence.presence import PresenceState
from parlour.entrypoints.realtime import watching
from parlour.entrypoints.realtime.watching import Watching

pytestmark = pytest.mark.row("RT8")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEOPLE = [UserId(UUID(int=n)) for n in range(1, 6)]


@define(slots=False)
class World:
    """A roster, and what somebody who watches sees of it."""

    store: LocalPresence = field(factory=LocalPresence)
    away: bool = False
    broken: bool = False
    stalled: asyncio.Event = field(factory=asyncio.Event)
    frames: list[dict[str, Any]] = field(factory=list)
    looks: int = 0
    noted: list[UserId] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.stalled.set()
        self.roster = Roster(self.store, LocalSignals(), self.note)
        self.watching = Watching(self.roster, self.look, self.room, self.frames.append, lambda: NOW)

    async def note(self, user_id: UserId) -> None:
        self.noted.append(user_id)

    async def look(self, user_ids: Sequence[UserId]) -> list[PresenceView]:
        self.looks += 1
        if self.away:
            raise Unavailable("It is away.")
        if self.broken:
            raise OverflowError("a row that cannot be read")
        there = await self.store.connected(user_ids)
        state = {True: PresenceState.ONLINE, False: PresenceState.OFFLINE}
        return [PresenceView(u, state[u in there], None, None) for u in user_ids]

    async def room(self) -> None:
        await self.stalled.wait()

    def told(self) -> dict[UserId, str]:
        changes = [c for f in self.frames for c in f.get("changes", [f])]
        return {c["user_id"]: c["type"] for c in changes}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(watching, "EVERY", 0.02)
    return World()


async def until(world: World, told: dict[UserId, str]) -> None:
    async with asyncio.timeout(5):
        while world.told() != told:
            await asyncio.sleep(0.005)


async def test_what_happens_in_one_turn_is_one_frame_and_what_is_undone_is_none(world: World) -> None:
    await world.watching.watch(PEOPLE)
    for n, person in enumerate(PEOPLE):
        world.roster.came(person, f"{n}")
    world.roster.went(PEOPLE[0], "0")
    await until(world, dict.fromkeys(PEOPLE[1:], "user_joined"))
    assert [f["type"] for f in world.frames] == ["presence"]
    assert world.noted == PEOPLE[:1]
    assert world.looks == 2


async def test_a_store_that_is_away_delays_it_and_loses_nothing(world: World) -> None:
    await world.watching.watch(PEOPLE)
    world.away = True
    world.roster.came(PEOPLE[0], "0")
    async with asyncio.timeout(5):
        while world.looks < 4:
            await asyncio.sleep(0.005)
    assert world.frames == []
    world.away = False
    await until(world, {PEOPLE[0]: "user_joined"})


async def test_a_reader_who_does_not_read_is_waited_for_and_told_how_it_is_then(world: World) -> None:
    await world.watching.watch(PEOPLE)
    world.stalled.clear()
    for n in range(50):
        world.roster.came(PEOPLE[0], f"{n}")
        world.roster.went(PEOPLE[0], f"{n}")
    world.roster.came(PEOPLE[1], "last")
    await world.roster.close()
    await asyncio.sleep(0.05)
    assert world.frames == []
    world.stalled.set()
    await until(world, {PEOPLE[1]: "user_joined"})
    assert len(world.frames) == 1


async def test_nobody_hears_of_those_who_are_not_watched_any_more(world: World) -> None:
    await world.watching.watch(PEOPLE)
    world.watching.stop()
    assert not any(world.roster._signals.heard(f"presence:{p}") for p in PEOPLE)
    world.roster.came(PEOPLE[0], "0")
    await world.roster.close()
    assert (world.frames, world.looks) == ([], 1)


async def test_a_thousand_who_come_at_once_cost_each_who_watches_one_frame(world: World) -> None:
    crowd = [UserId(UUID(int=1000 + n)) for n in range(1000)]
    frames: list[list[dict[str, Any]]] = [[] for _ in range(100)]
    watches = [Watching(world.roster, world.look, world.room, f.append, lambda: NOW) for f in frames]
    for n, watch in enumerate(watches):
        await watch.watch([crowd[(n * 37 + k * 7) % 1000] for k in range(100)])
    for person in crowd:
        world.roster.came(person, "1")
    async with asyncio.timeout(10):
        while not all(frames):
            await asyncio.sleep(0.005)
    assert [len(f) for f in frames] == [1] * 100
    assert {len(f[0]["changes"]) for f in frames} == {100}


async def test_a_failure_that_nobody_foresaw_is_told_in_the_log_once_and_does_not_end_the_watch(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.watching.watch(PEOPLE)
    world.broken = True
    world.roster.came(PEOPLE[0], "0")
    async with asyncio.timeout(5):
        while world.looks < 4:
            await asyncio.sleep(0.005)
    said = [r for r in caplog.records if r.name == "parlour.watching"]
    assert [(r.levelname, r.exc_info is not None) for r in said] == [("ERROR", True)]
    world.roster.came(PEOPLE[1], "0")
    world.broken = False
    await until(world, dict.fromkeys(PEOPLE[:2], "user_joined"))
