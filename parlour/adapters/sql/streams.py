"""The log, its relay, what is due and what is kept too long: read and written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ...application.kernel.ports import Codec, Due
from ...application.kernel.retention import CUT, Overdue
from ...application.kernel.uow import LoggedEvent
from ...domain.kernel.event import event_class, lifted
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Head, Position, Stream, Topic, can_resume
from .db import Db
from .loader import Query
from .recorder import SQL, head_of
from .shapes import made
from .store import SqlStore


def _where(stream: Stream) -> dict[str, Any]:
    return {"owner_id": stream.owner, "topic": str(stream.topic)}


def _stream(row: Mapping[str, Any]) -> Stream:
    topic = Topic.parse(row["topic"])
    assert topic is not None, "the log holds topics only"
    return Stream(made(UUID, row["owner_id"]), topic)


class SqlStreamLog:
    """`StreamLog` in a snapshot or a unit."""

    def __init__(self, db: Db, codec: Codec, epoch: str) -> None:
        self._db, self._codec, self._epoch = db, codec, epoch

    async def head(self, stream: Stream) -> Head:
        row = await self._db.joined(SQL.head, **_where(stream))
        return head_of(row) if row is not None else Head(self._epoch, 0, None, 1)

    async def after(self, stream: Stream, offset: int, most: int) -> list[LoggedEvent]:
        rows = await self._db.joins(SQL.after, **_where(stream), stream_offset=offset, most=most)
        return [logged_event(row, self._codec, stream) for row in rows]

    async def can_resume(self, stream: Stream, after: Position) -> bool:
        head = await self.head(stream)
        id_there = None
        if after.id is not None and after.offset:
            there = await self._db.value(SQL.id_at, **_where(stream), stream_offset=after.offset)
            id_there = EventId(made(UUID, there)) if there is not None else None
        return can_resume(head, after, id_there)

    async def heads(self, streams: Sequence[Stream]) -> dict[str, int]:
        topics = [str(s.topic) for s in streams]
        return {row[0]: row[1] for row in (await self._db.fetch(SQL.heads, {"topics": topics})).rows}


def logged_event(row: Mapping[str, Any], codec: Codec, stream: Stream | None = None) -> LoggedEvent:
    """An event from its row, lifted to today's revision where it is older. One whose feature is gone is left as it is."""
    kind, revision, data = event_class(row["tag"]), row["revision"], row["data"]
    if kind is not None and revision < kind.revision:
        data = codec.encode(lifted(kind, revision, codec.parse(data))).decode()
        revision = kind.revision
    return LoggedEvent(
        stream=stream or _stream(row),
        offset=row["stream_offset"],
        id=EventId(made(UUID, row["id"])),
        tag=row["tag"],
        revision=revision,
        at=made(datetime, row["at"]),
        actor_id=UserId(made(UUID, row["actor_id"])) if row["actor_id"] is not None else None,
        data=data,
    )


async def _change(store: SqlStore, query: Query, **given: Any) -> int:
    """One query in a unit of its own; how many rows it changed."""
    unit = store.unit()
    async with unit:
        changed = await unit.run(query, **given)
    await unit.commit()
    return changed


class SqlRelay:
    """`Relay` on a store. What no consumer here wants is left for `grace` to those of other processes."""

    def __init__(self, store: SqlStore, grace: timedelta = timedelta(0)) -> None:
        self._store, self._grace = store, grace

    async def waiting(self, most: int) -> list[LoggedEvent]:
        async with self._store.snapshot() as db:
            rows = await db.joins(SQL.waiting, most=most)
        return [logged_event(row, self._store.means.codec) for row in rows]

    async def mark(self, events: Sequence[LoggedEvent]) -> None:
        await _change(
            self._store,
            SQL.mark,
            owner_ids=[e.stream.owner for e in events],
            topics=[str(e.stream.topic) for e in events],
            stream_offsets=[e.offset for e in events],
        )

    async def pass_over(self, most: int) -> int:
        return await _change(self._store, SQL.pass_over, most=most, before=self._store.means.clock.now() - self._grace)

    async def dead(self, group: str, event: LoggedEvent, error: str) -> None:
        await _change(
            self._store,
            SQL.add_dead_letter,
            consumer=group,
            event_id=event.id,
            **_where(event.stream),
            stream_offset=event.offset,
            error=error[:2000],
            at=self._store.means.clock.now(),
        )


class SqlDueTable:
    """`DueTable` on a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def propose(self, due: Due) -> None:
        data = self._store.means.codec.encode(due.data).decode()
        await _change(self._store, SQL.propose, key=due.key, due_at=due.due_at, name=due.name, data=data)

    async def due(self, now: datetime, most: int) -> list[Due]:
        async with self._store.snapshot() as db:
            found = await db.fetch(SQL.due_now, {"now": now, "most": most})
        return [
            Due(key, made(datetime, due_at), name, self._store.means.codec.parse(data))
            for key, due_at, name, data in found.rows
        ]

    async def done(self, due: Due, again_at: datetime | None = None) -> None:
        if again_at is None:
            await _change(self._store, SQL.due_done, key=due.key, due_at=due.due_at)
        else:
            await _change(self._store, SQL.due_again, key=due.key, due_at=due.due_at, again_at=again_at)


class SqlKeeping:
    """`Keeping` in a unit."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def overdue(self, before: datetime, newest: int) -> list[Overdue]:
        many = await self._db.fetch(SQL.too_many, {"newest": newest})
        floors = {_stream({"owner_id": o, "topic": t}): floor for o, t, floor in many.rows}
        old = await self._db.fetch(SQL.too_old, {"before": before})
        for owner_id, topic in old.rows:
            stream = _stream({"owner_id": owner_id, "topic": topic})
            floor = await self._db.value(SQL.floor_by_age, **_where(stream), before=before, most=CUT)
            floors[stream] = max(floor or 1, floors.get(stream, 1))
        return [Overdue(stream, floor) for stream, floor in floors.items()]

    async def forget_keys(self, before: datetime, most: int) -> int:
        return await self._db.run(SQL.forget_keys, before=before, most=most)

    async def forget_handled(self, before: datetime, most: int) -> int:
        return await self._db.run(SQL.forget_handled, before=before, most=most)
