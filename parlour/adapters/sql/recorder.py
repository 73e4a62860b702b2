"""What a unit of work does with events, keys and due entries: the same on every engine."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from ...application.kernel.ports import Clock, Codec, Ids
from ...application.kernel.uow import Key, LoggedEvent, Place, Recorded, UnitOfWork
from ...domain.kernel.errors import Conflict, Raced
from ...domain.kernel.event import Event, event_class, lifted
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Head, Stream, TopicKind
from .db import Db
from .loader import load
from .shapes import made

SQL = load("kernel")

Write = Callable[[Place], Awaitable[Event]]
React = Callable[[Event, Stream, UnitOfWork], Awaitable[None]]


@frozen
class Means:
    """What recording needs of the world."""

    clock: Clock
    ids: Ids
    codec: Codec


@define
class _Pending:
    stream: Stream
    recorded: Recorded
    write: Write
    numbered: bool
    rights: bool
    actor_id: UserId | None


@define
class Recorder:
    """The events of one unit: gathered while it runs, given their offsets as it ends."""

    db: Db
    means: Means
    epoch: str
    actor_id: UserId | None
    _pending: list[_Pending] = field(factory=list)
    _relied: dict[Stream, int] = field(factory=dict)

    def add(self, stream: Stream, event: Event) -> Recorded:
        async def write(place: Place) -> Event:
            return event

        return self.place(stream, write, numbered=False, rights=event.rights)

    def place(self, stream: Stream, write: Write, *, numbered: bool, rights: bool = False) -> Recorded:
        recorded = Recorded()
        self._pending.append(_Pending(stream, recorded, write, numbered, rights, self.actor_id))
        return recorded

    def rely(self, stream: Stream, version: int) -> None:
        """A decision was made by a stream's access version; `Raced` at the end when it is another by then."""
        self._relied.setdefault(stream, version)

    @property
    def waiting(self) -> bool:
        """Whether something is to be settled."""
        return bool(self._pending or self._relied)

    def hand_over(self, to: "Recorder") -> None:
        """Let another settle what was gathered here, after what it has itself."""
        to._pending += self._pending
        for stream, version in self._relied.items():
            to.rely(stream, version)
        self._pending, self._relied = [], {}

    async def settle(self) -> list[LoggedEvent]:
        """Give the gathered events their offsets, stream by stream in sorted order, and write them into the log."""
        streams = self._streams()
        self._pending = []
        await self.db.widen(*(stream.owner for stream, _ in streams if stream.topic.kind is TopicKind.USER))
        logged: list[LoggedEvent] = []
        for stream, pending in streams:
            if pending:
                logged += await self._advance(stream, pending)
            else:
                self._check_relied(stream, await self.db.value(SQL.hold_access, **_named(stream)))
        self._relied.clear()
        if self._pending:
            raise RuntimeError("An event was recorded while another got its place; record it before the unit ends.")
        return logged

    def _streams(self) -> list[tuple[Stream, list[_Pending]]]:
        """What waits, by stream, in the order that all units keep to; most often one event of one stream."""
        if len(self._pending) == 1 and not self._relied:
            return [(self._pending[0].stream, self._pending)]
        by_stream: dict[Stream, list[_Pending]] = {stream: [] for stream in self._relied}
        for pending in self._pending:
            by_stream.setdefault(pending.stream, []).append(pending)
        return sorted(by_stream.items(), key=lambda item: str(item[0].topic))

    async def _advance(self, stream: Stream, pending: list[_Pending]) -> list[LoggedEvent]:
        ids = [EventId(self.means.ids.new()) for _ in pending]
        messages, rights = sum(p.numbered for p in pending), sum(p.rights for p in pending)
        row = await self.db.joined(
            SQL.advance,
            **_named(stream),
            epoch=self.epoch,
            events=len(pending),
            messages=messages,
            rights=rights,
            head_id=ids[-1],
        )
        assert row is not None, "advancing a stream always returns its row"
        self._check_relied(stream, row["access_version"] - rights)
        offset, number, at = row["head"] - len(pending), row["number"] - messages, self.means.clock.now()
        logged = []
        for event_id, p in zip(ids, pending, strict=True):
            offset, number = offset + 1, number + p.numbered
            p.recorded.place = Place(offset, number, event_id, row["epoch"])
            event = await p.write(p.recorded.place)
            logged.append(self._logged(stream, p, event, at))
            await self._keep(logged[-1])
        return logged

    def _check_relied(self, stream: Stream, version: int | None) -> None:
        """A stream that has no event yet is of version 1."""
        if self._relied and self._relied.get(stream, version or 1) != (version or 1):
            raise Raced("Somebody's rights have changed meanwhile.")

    def _logged(self, stream: Stream, pending: _Pending, event: Event, at: datetime) -> LoggedEvent:
        place, data = pending.recorded.place, self.means.codec.encode(event).decode()
        assert place is not None, "an event is logged at its place"
        return LoggedEvent(stream, place.offset, place.id, event.tag, event.revision, at, pending.actor_id, data, event)

    async def _keep(self, event: LoggedEvent) -> None:
        await self.db.later(
            SQL.append,
            **_named(event.stream),
            stream_offset=event.offset,
            id=event.id,
            tag=event.tag,
            revision=event.revision,
            at=event.at,
            actor_id=event.actor_id,
            data=event.data,
        )

    async def rewrite(self, stream: Stream, offset: int, change: Callable[[Any], Event]) -> None:
        where = {**_named(stream), "stream_offset": offset}
        row = await self.db.joined(SQL.event_at, **where)
        if row is None:
            return
        kind = event_class(row["tag"])
        if kind is None:
            raise LookupError(f"no loaded feature knows the event {row['tag']!r}")
        codec = self.means.codec
        old = codec.decode(codec.encode(lifted(kind, row["revision"], codec.parse(row["data"]))), kind)
        new = change(old)
        await self.db.run(SQL.rewrite, **where, revision=new.revision, data=codec.encode(new).decode())

    async def cut(self, stream: Stream, floor: int, most: int) -> int:
        where = _named(stream)
        lowest = await self.db.value(SQL.floor_of, **where)
        if lowest is None or floor <= lowest:
            return 0
        target = min(floor, lowest + most)
        waiting = await self.db.value(SQL.lowest_waiting, **where, lowest=lowest, floor=target)
        target = waiting or target  # what the relay has not handed on stays
        await self.db.run(SQL.raise_floor, **where, floor=target)
        return await self.db.run(SQL.cut, **where, floor=target)

    async def first_time(self, consumer: str, event_id: EventId) -> bool:
        at = self.means.clock.now()
        return await self.db.run(SQL.handle, consumer=consumer, event_id=event_id, at=at) == 1

    async def schedule(self, key: str, due_at: datetime, name: str, data: dict[str, Any]) -> None:
        text = self.means.codec.encode(data).decode()
        await self.db.run(SQL.schedule, key=key, due_at=due_at, name=name, data=text)

    async def remember(self, key: Key, answer: bytes, created: bool) -> None:
        await self.db.run(
            SQL.remember,
            actor=key.actor,
            use_case=key.use_case,
            key=key.key,
            body_hash=key.body_hash,
            answer=answer,
            created=created,
            at=key.at,
        )


async def nothing_follows(event: Event, stream: Stream, work: object) -> None:
    """Without features nothing follows from an event."""


def head_of(row: Mapping[str, Any]) -> Head:
    """A stream's head from its row."""
    return Head(row["epoch"], row["head"], EventId(made(UUID, row["head_id"])), row["floor"])


def _named(stream: Stream) -> dict[str, Any]:
    return {"owner_id": stream.owner, "topic": str(stream.topic)}


class InHand(Conflict):
    """Another call with the same key has not ended yet."""

    retryable = True


def in_hand() -> InHand:
    """What whoever comes second with a key is told."""
    return InHand("The first request with this key is still under way; ask again.", code="key_in_flight")
