"""A page of a long room against one of a short room."""

import tempfile
from pathlib import Path
from uuid import UUID, uuid4

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.adapters.inprocess.world import RandomIds, SystemClock
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.recorder import Means
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.domain.kernel.ids import RoomId, UserId, WorkspaceId
from parlour.domain.rooms.room import Room, RoomKind, new_room

from .measure import Result, alternating, at_most

SHORT, LONG, PAGE, PAGES, ROUNDS = 1_000, 1_000_000, 50, 100, 7
MEANS = Means(SystemClock(), RandomIds(), MsgspecCodec())
FILL = """
with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})
insert into messages select '{workspace}', printf('{prefix}-0000-7000-8000-%012d', i), '{room}', '{author}', 'text',
    printf('message %d of this room, which is neither long nor short', i), '2026-01-01T00:00:00.000000+00:00', i, i,
    null, null, null, null, null, 1 from n
"""


async def a_page() -> Result:
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        store = open_sqlite(str(Path(folder) / "history.db"), MEANS)
        short, long = await _room(store, SHORT), await _room(store, LONG)
        from_short, from_long = await alternating(
            ROUNDS, lambda: _pages(store, short, SHORT), lambda: _pages(store, long, LONG)
        )
        await store.close()
    details = f"{from_long / PAGES * 1e6:.0f} µs against {from_short / PAGES * 1e6:.0f} µs a page"
    what = f"page of {PAGE} messages out of {LONG:,}, anywhere in them, against out of {SHORT:,}"
    return at_most("history", what, from_long / from_short, 1.5, "x", details)


async def _room(store: SqliteStore, count: int) -> Room:
    author, workspace, room_id = UserId(uuid4()), WorkspaceId(uuid4()), RoomId(uuid4())
    room, _ = new_room(room_id, workspace, RoomKind.PUBLIC_CHANNEL, "a room", None, [author], MEANS.clock.now())
    store.writer.execute("pragma foreign_keys = off")
    prefix = UUID(int=count).hex[-8:]
    store.writer.execute(FILL.format(count=count, workspace=workspace, room=room_id, author=author, prefix=prefix))
    return room


async def _pages(store: SqliteStore, room: Room, count: int) -> None:
    for n in range(PAGES):
        middle = PAGE + (count - 2 * PAGE) * n // PAGES
        async with store.snapshot() as db:
            page = await SqlMessages(db, store.unit()).history(room, None, middle, PAGE)
        assert len(page.items) == PAGE
