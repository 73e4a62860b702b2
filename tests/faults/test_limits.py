"""What PostgreSQL has too little of: connections that are free, space on its disk, an address."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from ..server import parlour
from ..services.find import Installation
from ..services.process import children, identity, is_there
from ..services.server import PostgresServer, running_postgres
from .campaign import World
from .outages import RESUMES, SHORT, Place, Spoiled, place

pytestmark = pytest.mark.postgres

FEW = {"DATABASE_CONNECTIONS": "2", "DATABASE_WAITING": "5", "DATABASE_LOCK_SECONDS": "3"}
CROWD = 40
BOUND = 0.5 + 1 + 1 + 2.0


async def crowd(there: Place, server: Spoiled, world: World) -> tuple[list[httpx.Response | None], float]:
    """Everybody reads what somebody has locked: the answers, and how long the last one took."""
    path = f"/api/rooms/{world.rooms[0]}/messages"

    async def read(http: httpx.AsyncClient) -> httpx.Response | None:
        try:
            return await http.get(path, timeout=BOUND)
        except httpx.TimeoutException:
            return None

    async with server.client(world.tokens[0]) as http:
        with psycopg.connect(there.dsn) as stranger:
            stranger.execute("lock table messages, rooms in access exclusive mode")
            began = time.monotonic()
            answers = list(await asyncio.gather(*(read(http) for _ in range(CROWD))))
            took = time.monotonic() - began
        began = time.monotonic()
        while (await http.get(path)).status_code != 200:
            assert time.monotonic() - began < RESUMES
    return answers, took


@pytest.mark.parametrize("sabotage", [None, "wait_for_ever"])
async def test_who_finds_no_connection_is_told_and_does_not_queue_for_ever(
    sabotage: str | None, harmed: PostgresServer, tmp_path: Path
) -> None:
    with place(harmed) as there:
        server = Spoiled(tmp_path, there.url, sabotage, **{**SHORT, **FEW})
        try:
            await server.start()
            answers, took = await crowd(there, server, await World.make(server, people=2, rooms=1))
        finally:
            await server.close()
    told = [a is not None and a.status_code == 503 and int(a.headers.get("retry-after", 0)) > 0 for a in answers]
    if sabotage is None:
        assert all(told)
        assert took < BOUND
        assert "store_busy" in {a.json()["code"] for a in answers if a is not None}
    else:
        assert not all(told), "it is seen that somebody waits"


@pytest.fixture
def small(postgres_installation: Installation) -> Iterator[PostgresServer]:
    with running_postgres(postgres_installation, durable=True, wal_segment_megabytes=1) as running:
        yield running


def fill_up(postgres: PostgresServer, full: bool) -> None:
    """No file of its processes may grow beyond a megabyte, as on a disk that is full; or the disk has space again.
    The megabyte ends within a page, so that a write is cut short; log files are no longer than it."""
    most = str(2**20 + 4096) if full else "unlimited"
    for pid in (postgres.pid, *children(postgres.pid)):
        command = ["prlimit", f"--pid={pid}", f"--fsize={most}:unlimited"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **identity())
        assert done.returncode == 0 or not is_there(pid), done.stderr


@pytest.mark.row("MS3")
async def test_a_full_disk_loses_nothing_and_gets_better(small: PostgresServer, tmp_path: Path) -> None:
    with place(small) as there:
        server = Spoiled(tmp_path, there.url, None, **SHORT)
        try:
            await server.start()
            world = await World.make(server, people=1, rooms=1)
            fill_up(small, full=True)
            sent, refused = await _until_full(server, world)
            fill_up(small, full=False)
            again = [await _say(server, world, key) for key in sorted(refused)]
            assert [a.status_code for a in again] == [201] * len(refused), (
                "what was refused is done when there is space"
            )
            kept = await _kept(server, world)
            assert await server.doctor() == ""
        finally:
            await server.close()
    assert refused, "the disk was never full"
    assert sorted(kept) == sorted([*sent, *refused]), "what is there is not what was acknowledged"
    assert {(r.status_code, int(r.headers["retry-after"]) > 0) for r in refused.values()} == {(503, True)}
    # From 16 on it reserves space instead of writing, and the limit is refused as one on files, which no disk says.
    code = "store_full" if small.major < 16 else "store_unavailable"
    assert code in {r.json()["code"] for r in refused.values()}


async def _say(server: Spoiled, world: World, key: str) -> httpx.Response:
    async with server.client(world.tokens[0]) as http:
        said = {"content": f"{key} {os.urandom(4500).hex()}"}
        path = f"/api/rooms/{world.rooms[0]}/messages"
        return await http.post(path, json=said, headers={"Idempotency-Key": key})


async def _until_full(server: Spoiled, world: World) -> tuple[list[str], dict[str, httpx.Response]]:
    """Say much until a good deal of it is refused."""
    sent, refused = list[str](), dict[str, httpx.Response]()
    for round_ in range(200):
        keys = [f"{round_}-{n}" for n in range(10)]
        for key, answer in zip(keys, await asyncio.gather(*(_say(server, world, k) for k in keys)), strict=True):
            if answer.is_success:
                sent.append(key)
            else:
                refused[key] = answer
        if len(refused) >= 20:
            break
    return sent, refused


async def _kept(server: Spoiled, world: World) -> list[str]:
    found, cursor = list[str](), None
    async with server.client(world.tokens[0]) as http:
        while True:
            given = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = (await http.get(f"/api/rooms/{world.rooms[0]}/messages", params=given)).json()
            found += [m["content"].split()[0] for m in page["items"]]
            cursor = page["prev"]
            if cursor is None:
                return found


@pytest.mark.parametrize("where, says", [
    ("nowhere.example", "resolve"),
    ("127.0.0.1:1", "refused"),
])  # fmt: skip
def test_a_server_that_is_not_there_at_the_start_is_waited_for_and_then_told(
    where: str, says: str, tmp_path: Path
) -> None:
    url = f"postgresql://parlour:a-password@{where}/chat"
    began = time.monotonic()
    ended = parlour(tmp_path, "serve", database_url=url, database_wait_seconds=2, jwt_secret="s" * 40)
    assert ended.returncode == 69, ended.stderr
    assert time.monotonic() - began >= 2
    lines = ended.stderr.splitlines()
    assert "trying again for 2 s" in lines[0]
    assert len(lines) == 2, ended.stderr
    assert all(where.split(":")[0] in line and says in line and "parlour" in line for line in lines), ended.stderr
    assert "a-password" not in ended.stderr


async def test_a_server_that_comes_late_is_waited_for(harmed: PostgresServer, tmp_path: Path) -> None:
    with place(harmed) as there:
        there.proxy.refuse()
        server = Spoiled(tmp_path, there.url, None, **{**SHORT, "DATABASE_WAIT_SECONDS": "20"})
        starting = asyncio.create_task(server.start())
        try:
            while "trying again" not in _log(tmp_path):
                await asyncio.sleep(0.05)
                assert not starting.done()
            there.proxy.pass_on()
            await starting
            async with server.client() as http:
                assert (await http.get("/health/ready")).status_code == 200
        finally:
            await server.close()


def _log(folder: Path) -> str:
    log = folder / "server.log"
    return log.read_text() if log.exists() else ""
