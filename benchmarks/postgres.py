"""The store on PostgreSQL, with fsync, against bare psycopg on the same server in the same run."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
from attrs import frozen
from psycopg.rows import TupleRow

import parlour
from parlour.adapters.sql.postgres import PostgresStore
from parlour.application.kernel.actor import Actor, Call, Way
from parlour.application.kernel.ports import Passwords
from parlour.application.messages.views import Draft
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import MessageId, UserId
from parlour.domain.messages.message import MessageType
from parlour.domain.rooms.room import Room
from tests.services.server import running_postgres

from .measure import Result, alternating, at_least, at_most

AT_ONCE, MESSAGES, PAGES, ROUNDS = 100, 4_000, 100, 5
ADA = Actor(UserId(parlour.host_id("ada")))
WORDS = "x" * 200

ADVANCE = (
    "update streams set head = head + 1, number = number + 1, head_id = %(id)s"
    " where owner_id = %(workspace)s and topic = %(topic)s returning head, number"
)
SAY = (
    "insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, version)"
    " values (%(workspace)s, %(id)s, %(room)s, %(author)s, 'text', %(words)s, now(), %(head)s, %(number)s, 1)"
)
LOG = (
    "insert into log (owner_id, topic, stream_offset, id, tag, revision, at, actor_id, data)"
    " values (%(workspace)s, %(topic)s, %(head)s, %(id)s, 'text', 1, now(), %(author)s, %(words)s)"
)
SINGLE = "insert into said (id, room, words) values (%(id)s, %(room)s, %(words)s)"
PAGE = (
    "select * from messages where workspace_id = %(workspace)s and room_id = %(room)s and number < %(number)s"
    " order by number desc limit 51"
)
FILL = """
insert into messages (workspace_id, id, room_id, author_id, type, content, created_at, stream_offset, number, version)
select %(workspace)s, gen_random_uuid(), %(room)s, %(author)s, 'text', 'message ' || n, now(), n, n, 1
from generate_series(1, 1000000) n
"""


@frozen
class Bench:
    """An instance on a PostgreSQL of its own, with some rooms, and bare connections to the same database."""

    instance: Instance
    rooms: Sequence[Room]
    bare: Sequence[psycopg.AsyncConnection[TupleRow]]

    @property
    def store(self) -> PostgresStore:
        store = self.instance.store
        assert isinstance(store, PostgresStore)
        return store


class QuickPasswords:
    """`Passwords` that cost nothing, to see what is beside the hash."""

    async def hash(self, password: str) -> str:
        return password

    async def verify(self, password: str, hashed: str | None) -> bool:
        return password == hashed

    def close(self) -> None:
        """Nothing is held."""

    def stale(self, hashed: str) -> bool:
        return False


@asynccontextmanager
async def _bench(rooms: int, bare: int) -> AsyncIterator[Bench]:
    with running_postgres(durable=True) as server, server.database() as url:
        settings = Settings(database_url=url, feature_flags="")
        instance = Instance(Plan(values_of(settings), CORE, given={Passwords: QuickPasswords()}))
        await instance.start()
        connections = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(bare)]
        try:
            yield Bench(instance, [await _room(instance, n) for n in range(rooms)], connections)
        finally:
            for connection in connections:
                await connection.close()
            await instance.stop()


async def _room(instance: Instance, number: int) -> Room:
    chat = instance.chat
    team = await chat.execute(parlour.CreateWorkspace(f"Team {number}"), ADA)
    channel = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "bench", workspace_id=team.id)
    view = await chat.execute(channel, ADA)
    async with instance.store.snapshot() as db:
        room = await instance.store.rooms_in(db).get(view.id)
    assert room is not None
    return room


async def _grouped(bench: Bench) -> None:
    async def sender(n: int) -> None:
        room, store = bench.rooms[n % len(bench.rooms)], bench.store
        for _ in range(MESSAGES // AT_ONCE):
            unit = store.unit(ADA)
            async with unit:
                await store.rooms_in(unit).recent(room.id, ADA.known)
                now, id_ = store.means.clock.now(), MessageId(store.means.ids.new())
                draft = Draft(id_, room, ADA.known, MessageType.TEXT, WORDS, now)
                await store.messages_in(unit).append(draft)
            await unit.commit()

    await asyncio.gather(*(sender(n) for n in range(AT_ONCE)))


async def _one_each(bench: Bench) -> None:
    async def sender(connection: psycopg.AsyncConnection[TupleRow], n: int) -> None:
        room = bench.rooms[n % len(bench.rooms)]
        for _ in range(MESSAGES // len(bench.bare)):
            topic = f"room:{room.id}"
            given = {
                "workspace": room.workspace_id,
                "room": room.id,
                "author": ADA.known,
                "topic": topic,
                "words": WORDS,
            }
            given["id"] = bench.store.means.ids.new()
            async with connection.transaction():
                row = await (await connection.execute(ADVANCE, given)).fetchone()
                assert row is not None
                placed = {**given, "head": row[0], "number": row[1]}
                await connection.execute(SAY, placed)
                await connection.execute(LOG, placed)

    await asyncio.gather(*(sender(connection, n) for n, connection in enumerate(bench.bare)))


async def _single_inserts(bench: Bench) -> None:
    async def sender(connection: psycopg.AsyncConnection[TupleRow]) -> None:
        for _ in range(MESSAGES // len(bench.bare)):
            await connection.execute(SINGLE, {"id": uuid4(), "room": bench.rooms[0].id, "words": WORDS})

    await asyncio.gather(*map(sender, bench.bare))


async def _against_one_each(name: str, rooms: int, wanted: float, where: str) -> Result:
    async with _bench(rooms, 20) as bench:
        each, together = await alternating(ROUNDS, lambda: _one_each(bench), lambda: _grouped(bench))
    details = f"{MESSAGES / together:,.0f} messages/s against {MESSAGES / each:,.0f}"
    what = f"the store alone, {AT_ONCE} senders {where}, against one transaction per message of bare psycopg"
    return at_least(name, what, each / together, wanted, details)


async def grouped() -> Result:
    return await _against_one_each("pg-store", 20, 5, "in twenty rooms")


async def grouped_in_one_room() -> Result:
    return await _against_one_each("pg-room", 1, 8, "in one hot room")


async def grouped_rate() -> Result:
    async with _bench(20, 20) as bench:
        await bench.bare[0].execute("create table said (id uuid primary key, room uuid not null, words text not null)")
        single, together = await alternating(ROUNDS, lambda: _single_inserts(bench), lambda: _grouped(bench))
    rate, alone = MESSAGES / together, MESSAGES / single
    found = f"{rate:,.0f}/s ({alone:,.0f} single inserts/s of bare psycopg)"
    what = f"the store alone, group commit, {AT_ONCE} senders: 40,000/s where single inserts give 8,700"
    return Result("pg-batch", what, found, ">= 4.6x single inserts", rate >= 4.6 * alone)


async def a_page_on_postgres() -> Result:
    async with _bench(1, 1) as bench:
        room, connection = bench.rooms[0], bench.bare[0]
        given = {"workspace": room.workspace_id, "room": room.id, "author": ADA.known}
        await connection.execute(FILL, given)
        await connection.execute("vacuum analyze messages")

        async def bare() -> None:
            number = 1_000_001
            for _ in range(PAGES):
                cursor = connection.cursor(binary=True)
                rows = await (await cursor.execute(PAGE, {**given, "number": number}, prepare=True)).fetchall()
                number -= len(rows) - 1

        async def through() -> None:
            cursor = None
            for _ in range(PAGES):
                page = await bench.instance.chat.execute(parlour.ListMessages(room.id, cursor=cursor, limit=50), ADA)
                cursor = page.prev

        plain, used = await alternating(ROUNDS, bare, through)
    details = f"{PAGES / used:,.0f} pages/s against {PAGES / plain:,.0f}"
    what = "a page of 50 out of 1,000,000 through the use case, against bare psycopg prepared"
    return at_least("pg-history", what, plain / used, 0.5, details)


async def signing_in() -> Result:
    async with _bench(1, 1) as bench:
        bus = bench.instance.bus
        stranger = Call(Actor(), Way.LIBRARY)
        said = {"username": "ada", "email": "ada@example.org", "password": "correct horse battery"}
        await bus.call("sign_up", said, stranger)
        asked = {"login": "ada", "password": "correct horse battery"}
        took = []
        for _ in range(300):
            began = time.perf_counter()
            await bus.call("sign_in", asked, stranger)
            took.append((time.perf_counter() - began) * 1000)
    what = "signing in beyond its hash"
    return at_most("pg-sign-in", what, statistics.median(took), 2, " ms", "median of 300")
