"""Several instances on one PostgreSQL: one leads, another takes over, and all learn of what they must, once and in order."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID

import pytest
from attrs import evolve

from parlour.adapters.sql import postgres_others
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.postgres import PostgresStore
from parlour.adapters.sql.postgres_others import PostgresLeadership, PostgresNotices
from parlour.application.kernel.uow import LoggedEvent
from parlour.domain.kernel.ids import EventId
from parlour.testing.contracts.support import Noted, a_stream
from tests.house import house_on, postgres_store
from tests.services.postgres import Postgres

pytestmark = pytest.mark.postgres

SOON = 2.0
EVERY = 0.05
LEADING = """
    select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
"""

ALL = Query(
    "all",
    "",
    "select l.id from notices n join log l on l.owner_id = n.owner_id and l.topic = n.topic "
    "and l.stream_offset = n.stream_offset order by n.number",
)


@asynccontextmanager
async def stores(url: str, count: int) -> AsyncIterator[list[PostgresStore]]:
    async with AsyncExitStack() as stack:
        made = [postgres_store(url) for _ in range(count)]
        for store in made:
            await store.open()
            stack.push_async_callback(store.close)
        yield made


def leaders(postgres: Postgres, url: str) -> list[int]:
    """The sessions that lead, as the database sees it."""
    return [row[0] for row in postgres.run(LEADING, dsn=url)]


async def led_by(candidates: list[PostgresLeadership], within: float = SOON) -> int:
    """Who leads, each having asked in turn; never two of them."""
    async with asyncio.timeout(within):
        while True:
            said = [await one.lead("relay") for one in candidates]
            assert sum(said) <= 1, "two lead at once"
            if any(said):
                return said.index(True)
            await asyncio.sleep(EVERY)


async def deposed(postgres: Postgres, url: str, candidates: list[PostgresLeadership], rounds: int) -> list[float]:
    """End the leader's session again and again; how long it took each time until somebody led."""
    took = []
    await led_by(candidates)
    for _ in range(rounds):
        (before,) = leaders(postgres, url)
        postgres.run("select pg_terminate_backend(%s)", before)
        began = time.monotonic()
        await led_by(candidates)
        took.append(time.monotonic() - began)
        (now,) = leaders(postgres, url)
        assert now != before
    return took


async def test_another_leads_soon_after_the_leaders_session_was_ended(postgres: Postgres, postgres_url: str) -> None:
    async with stores(postgres_url, 3) as made:
        candidates = [PostgresLeadership(store) for store in made]
        try:
            took = await deposed(postgres, postgres_url, candidates, 8)
            assert max(took) < SOON
        finally:
            for one in candidates:
                await one.close()


async def test_who_lets_go_is_followed_by_another(postgres: Postgres, postgres_url: str) -> None:
    async with stores(postgres_url, 2) as made:
        candidates = [PostgresLeadership(store) for store in made]
        first = await led_by(candidates)
        await candidates[first].close()
        assert await led_by([candidates[1 - first]]) == 0
        await candidates[1 - first].close()
        assert leaders(postgres, postgres_url) == []


async def test_a_leader_that_believes_it_still_leads_is_seen(postgres: Postgres, postgres_url: str) -> None:
    class Believing(PostgresLeadership):
        async def lead(self, what: str) -> bool:
            return what in self._held or await super().lead(what)

    async with stores(postgres_url, 2) as made:
        candidates: list[PostgresLeadership] = [Believing(store) for store in made]
        try:
            with pytest.raises((AssertionError, ValueError)):
                await deposed(postgres, postgres_url, candidates, 1)
        finally:
            for one in candidates:
                await one.close()


class Forgetful(PostgresNotices):
    """It does not remember how far it was."""

    async def new(self) -> list[Any]:
        before = self._number
        found = await super().new()
        if before is not None:
            self._number = before
        return found


async def learned(url: str, kind: type[PostgresNotices]) -> tuple[list[str], list[str]]:
    """Forty units race on two instances, a third looks on: what it learned of, and what there is, in its order."""
    async with stores(url, 3) as made:
        for store in made:
            store.noticed = frozenset({Noted.tag})
        watching = kind(made[2])
        assert await watching.new() == []
        racing = [house_on(store).note(a_stream(), f"{n}") for n in range(20) for store in made[:2]]
        task = asyncio.gather(*racing)
        found: list[Any] = []
        while not task.done():
            found += await watching.new()
            await asyncio.sleep(0)
        await task
        found += await watching.new()
        async with made[2].snapshot() as db:
            there = (await db.fetch(ALL, {})).rows
    return [str(e.id) for e in found], [str(row[0]) for row in there]


@pytest.mark.parametrize("kind, right", [(PostgresNotices, True), (Forgetful, False)])
async def test_notices_come_once_and_in_order_while_units_race(
    kind: type[PostgresNotices], right: bool, postgres_url: str
) -> None:
    found, there = await learned(postgres_url, kind)
    assert len(there) == 40
    assert (found == there) is right


async def test_what_an_instance_did_itself_it_is_not_told_of(postgres_url: str) -> None:
    async with stores(postgres_url, 2) as made:
        for store in made:
            store.noticed = frozenset({Noted.tag})
        own, others = PostgresNotices(made[0]), PostgresNotices(made[1])
        await own.new()
        await others.new()
        await house_on(made[0]).note(a_stream(), "mine")
        assert [await own.new(), len(await others.new())] == [[], 1]


class Counting(UUID):
    """An id that knows how often ids were compared with it."""

    compared: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Counting.compared += 1
        return super().__eq__(other)

    __hash__ = UUID.__hash__


async def test_what_it_did_itself_is_known_without_a_search(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand ids are not looked through for each notice: the loop would stand still. Older ones are forgotten."""
    async with stores(postgres_url, 2) as made:
        for store in made:
            store.noticed = frozenset({Noted.tag})
        notices = PostgresNotices(made[0])
        await notices.new()
        theirs = await one_logged(made[1])
        notices._remember([evolve(theirs, id=EventId(Counting(int=n))) for n in range(postgres_others.OWN)])
        Counting.compared = 0
        assert len(await notices.new()) == 1
        assert Counting.compared < 10
        monkeypatch.setattr(postgres_others, "OWN", 3)
        notices._remember([evolve(theirs, id=EventId(UUID(int=20_000 + n))) for n in range(5)])
        assert [i.int for i in notices._own] == [20_002, 20_003, 20_004]


async def one_logged(store: PostgresStore) -> LoggedEvent:
    """An event that another instance has just committed."""
    seen: list[LoggedEvent] = []
    store.on_commit(seen.extend)
    await house_on(store).note(a_stream(), "theirs")
    return seen[0]


async def test_a_notice_that_could_not_be_read_comes_again(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stores(postgres_url, 2) as made:
        for store in made:
            store.noticed = frozenset({Noted.tag})
        notices = PostgresNotices(made[0])
        await notices.new()
        await house_on(made[1]).note(a_stream(), "theirs")

        def unreadable(*row: object) -> LoggedEvent:
            raise LookupError("no loaded feature knows it")

        with monkeypatch.context() as broken, pytest.raises(LookupError):
            broken.setattr(postgres_others, "logged_event", unreadable)
            await notices.new()
        assert len(await notices.new()) == 1
