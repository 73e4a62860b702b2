"""The connections to PostgreSQL: who takes one waits no longer than said, gets one that works, and leaves none behind."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import psycopg
import pytest

from parlour.adapters.sql import postgres_link
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.postgres_away import Away
from parlour.adapters.sql.postgres_link import Connection, Link, Reach
from parlour.domain.kernel.errors import Unavailable
from parlour.testing.contracts.support import Cancelled, outcome
from tests.services.postgres import Postgres, at_port
from tests.services.proxy import Proxy, running_proxy

pytestmark = pytest.mark.postgres

NAP = Query("nap", "", "select pg_sleep(30)")
ONE = Query("one", "", "select 1")
NAMED = f"parlour_link_{os.getpid()}"  # other workers are on the same server


@asynccontextmanager
async def linked(url: str, **bounds: Any) -> AsyncIterator[Link]:
    link = Link(Reach(f"{url}?application_name={NAMED}", **bounds))
    await link.open()
    try:
        yield link
    finally:
        await link.close()


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    port = psycopg.conninfo.conninfo_to_dict(postgres.url)["port"]
    with running_proxy(int(str(port))) as running:
        yield running


def end_all(postgres: Postgres) -> int:
    return len(
        postgres.run(f"select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{NAMED}'")
    )


async def works(link: Link) -> bool:
    connection = await link.take()
    try:
        return list((await link.run(connection, ONE, {})).rows) == [(1,)]
    except Unavailable:
        return False
    finally:
        await link.give(connection)


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("looked_at", [True, False])
async def test_one_that_the_server_ended_is_given_to_nobody(
    looked_at: bool, postgres: Postgres, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not looked_at:
        monkeypatch.setattr(postgres_link, "_ended", lambda connection: False)
    async with linked(postgres_url, most=4) as link:
        taken = [await link.take() for _ in range(4)]
        for connection in taken:
            await link.give(connection)
        assert end_all(postgres) == 4
        await until(lambda: not _there(postgres))
        assert [await works(link) for _ in range(4)] == [looked_at] * 4


def _there(postgres: Postgres) -> list[Any]:
    return postgres.run(f"select pid from pg_stat_activity where application_name = '{NAMED}' and state <> 'active'")


async def test_one_that_broke_or_is_in_a_transaction_is_thrown_away(postgres: Postgres, postgres_url: str) -> None:
    async with linked(postgres_url, most=1) as link:
        for harm in ("begin", "begin; select 1/0"):
            connection = await link.take()
            with pytest.raises(psycopg.errors.DivisionByZero) if "/0" in harm else nullcontext():
                await link.say(connection, harm)
            await link.give(connection)
            assert connection.closed
            assert await works(link)


@pytest.mark.parametrize("statement, ends", [(0.2, True), (60.0, False)])
async def test_what_is_never_answered_is_cut_off(statement: float, ends: bool, proxy: Proxy, postgres_url: str) -> None:
    async with linked(at_port(postgres_url, proxy.port), statement=statement, connect=2) as link:
        connection = await link.take()
        proxy.black_hole()
        began = time.monotonic()
        with pytest.raises(Unavailable if ends else TimeoutError):
            async with asyncio.timeout(statement + 3 if ends else 2):
                await link.run(connection, ONE, {})
        assert time.monotonic() - began < 4
        await link.give(connection)
        assert connection.closed
        proxy.pass_on()


async def test_what_takes_too_long_is_ended_by_the_server(postgres_url: str) -> None:
    async with linked(postgres_url, statement=0.2) as link:
        connection = await link.take()
        with pytest.raises(Unavailable) as caught:
            await link.run(connection, NAP, {})
        assert caught.value.retry_after
        await link.give(connection)
        assert await works(link)


@pytest.mark.parametrize("cuts", [True, False])
async def test_who_is_cancelled_waits_for_no_server(
    cuts: bool, proxy: Proxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg alone asks the server to stop first, and waits for that."""
    if not cuts:
        monkeypatch.setattr(Connection, "cancel_safe", psycopg.AsyncConnection.cancel_safe)
    async with linked(at_port(postgres_url, proxy.port)) as link:
        connection = await link.take()
        proxy.black_hole()
        waiting = asyncio.create_task(link.run(connection, ONE, {}))
        await asyncio.sleep(0.1)
        waiting.cancel()
        done, _ = await asyncio.wait({waiting}, timeout=1)
        assert bool(done) is cuts
        proxy.pass_on()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await link.give(connection)


async def test_no_more_wait_than_may_and_none_for_longer(postgres_url: str) -> None:
    async with linked(postgres_url, most=2, waiting=3, patience=0.5) as link:
        taken = [await link.take() for _ in range(2)]
        waiting = [asyncio.create_task(link.take()) for _ in range(3)]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            await link.take()
        assert time.monotonic() - began < 0.2, "one more than may is told at once"
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert 0.3 < time.monotonic() - began < 2
        told = [caught.value, *answers]
        assert {(type(e), getattr(e, "code", "")) for e in told} == {(Unavailable, "store_busy")}
        assert all(e.retry_after for e in told if isinstance(e, Unavailable))
        for connection in taken:
            await link.give(connection)
        assert await works(link)


@pytest.mark.parametrize("forgotten", [True, False])
async def test_those_who_gave_up_keep_nobody_out(
    forgotten: bool, proxy: Proxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg's pool counts them among those who wait, until a connection comes; and with too many it asks for none."""
    async with linked(at_port(postgres_url, proxy.port), waiting=3, patience=0.1) as link:
        while not await _tried(link):
            pass
        if not forgotten:
            link._pool.max_waiting = 3
            monkeypatch.setattr(Away, "begin", lambda away: None)
        proxy.refuse()
        for _ in range(10):
            assert not await _tried(link)
        proxy.pass_on()
        await asyncio.sleep(1)
        assert await _tried(link) is forgotten


async def _tried(link: Link) -> bool:
    try:
        return await works(link)
    except Unavailable:
        return False


@pytest.mark.parametrize("kept", [True, False])
async def test_who_is_cancelled_anywhere_leaves_nothing_behind(
    kept: bool, postgres: Postgres, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with linked(postgres_url, most=2, patience=0.5) as link:
        if not kept:
            monkeypatch.setattr(link, "give", _halfway(link))
        reached = set[int]()
        for at in [*range(1, 10)] * 3:  # how often it awaits depends on how fast the server answers
            cancelled = Cancelled(_in_a_transaction(link), at, woken=False)
            await outcome(asyncio.create_task(cancelled.run()))
            reached |= {at} if cancelled.reached else set()
        assert 3 <= max(reached) < 9, "it was cancelled at each of its awaits"
        taken = await asyncio.gather(link.take(), link.take(), return_exceptions=True)
        there = [one for one in taken if isinstance(one, Connection)]
        assert (len(there) == 2) is kept
        assert not kept or _in_transaction(postgres) == 0
        for connection in there:
            await link.give(connection)


async def _in_a_transaction(link: Link) -> None:
    connection = await link.take()
    try:
        await link.say(connection, "begin")
        await link.run(connection, ONE, {})
        await link.say(connection, "commit")
    finally:
        await link.give(connection)


def _halfway(link: Link) -> Callable[[Connection], Awaitable[None]]:
    """Giving back that can be cancelled before it is done."""
    give = link.give

    async def giving(connection: Connection) -> None:
        await asyncio.sleep(0)
        await give(connection)

    return giving


def _in_transaction(postgres: Postgres) -> int:
    found = postgres.run(
        f"select count(*) from pg_stat_activity where application_name = '{NAMED}' and state like 'idle in%'"
    )
    return int(found[0][0])


async def test_an_outage_is_told_once_and_so_is_its_end(
    proxy: Proxy, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "parlour.store")

    def told() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name == "parlour.store"]

    async with linked(at_port(postgres_url, proxy.port), patience=0.2) as link:
        while not await _tried(link):
            pass
        proxy.refuse()
        for _ in range(5):
            with pytest.raises(Unavailable):
                await link.take()
        assert len(told()) == 1
        assert "does not let parlour in" in told()[0]
        assert str(psycopg.conninfo.conninfo_to_dict(postgres_url)["password"]) not in told()[0]
        proxy.pass_on()
        await until(lambda: len(told()) == 2, 2)
        assert "lets parlour in again" in told()[1]
        assert await works(link)


async def test_it_comes_back_though_nobody_asks(proxy: Proxy, postgres: Postgres, postgres_url: str) -> None:
    async with linked(at_port(postgres_url, proxy.port), patience=0.2) as link:
        while not await _tried(link):
            pass
        proxy.refuse()
        with pytest.raises(Unavailable):
            await link.take()
        proxy.pass_on()
        await until(lambda: bool(_there(postgres)), 2)


@pytest.mark.parametrize("direct", [True, False])
def test_the_server_sees_soon_that_somebody_vanished(direct: bool, postgres: Postgres, postgres_url: str) -> None:
    made = Reach(postgres_url, direct_url=postgres_url).options(direct=direct)
    with psycopg.connect(postgres_url, options=made["options"]) as connection:
        found = connection.execute("select current_setting('tcp_keepalives_idle')").fetchone()
    assert found == ("5",)


async def test_it_is_closed_though_a_transaction_could_not_be_ended(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with linked(postgres_url) as link:
        connection = await link.take()
        await link.say(connection, "begin")

        async def broken(*given: object) -> None:
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(link, "say", broken)
        link.let_go(connection)
        await link.close()
        assert link._pool.closed
