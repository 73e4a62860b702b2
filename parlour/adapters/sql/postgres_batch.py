"""Sending on PostgreSQL: messages that come together are written together, in one transaction for all of them.

The commit in flight is the window in which others gather, so one sender alone waits for nothing. Each message was allowed by
a standing as of some version of the rights in its room and workspace; advancing the room's head requires those versions, so
a decision from a moment ago is as good as one made now.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field

from ...application.kernel.actor import STRANGER, SYSTEM
from ...application.kernel.uow import LoggedEvent, Place
from ...application.messages.views import Draft, MessageView, Sent
from ...domain.kernel.errors import DomainError, Raced, Unavailable
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Stream
from .blocks import pair_named
from .loader import load
from .messages import Again, message_view, new_view, sent_event
from .postgres_link import Connection, Statements
from .postgres_telling import Telling
from .postgres_transaction import Store as Transactions
from .recorder import Means
from .standings import Relied, Standings

SQL = load("postgres_batch")

MOST = 400
"""Messages in a group."""
BESIDE = 2
"""Groups that are written at the same time."""
MUCH = 32
"""So many messages that are waiting are shared among the groups that may begin."""


@define(eq=False)
class Sending:
    """A message on its way, and what became of it. `again` is what was sent instead: with its key before, or by the unit
    itself when it turned out to do more."""

    draft: Draft
    relied: Relied
    stream: Stream
    answer: "asyncio.Future[None]" = field(factory=lambda: asyncio.get_running_loop().create_future())
    place: Place | None = None
    again: Sent | None = None
    topic: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.topic = self.stream.topic.text

    @property
    def new(self) -> bool:
        return self.again is None or self.again.new

    @property
    def view(self) -> MessageView:
        return self.again.view if self.again is not None else new_view(self.draft, self.place)

    @property
    def key(self) -> tuple[UserId, str] | None:
        return (self.draft.author_id, self.draft.key) if self.draft.key is not None else None


class Store(Transactions, Protocol):
    """The store, as its batch sees it."""

    means: Means
    telling: Telling
    standings: Standings


class Batch:
    """Writes what is sent, group by group: while the server writes one, the next is made ready, of other rooms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Sending] = []
        self._writing: set[asyncio.Task[None]] = set()
        self._taken: set[Any] = set()

    async def send(self, sending: Sending) -> None:
        """Returns when the message is on disk. `Raced` when the rights it was allowed by have changed."""
        self._waiting.append(sending)
        if len(self._writing) < BESIDE and sending.topic not in self._taken:
            writing = asyncio.get_running_loop().create_task(self._write_all())
            self._writing.add(writing)
            writing.add_done_callback(self._over)
        await sending.answer

    async def finish(self) -> None:
        """Wait for what is under way."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _write_all(self) -> None:
        while group := self._next():
            taken = {s.topic for s in group} | {s.key for s in group if s.key is not None}
            self._taken |= taken
            try:
                await self._write(group)
            finally:
                self._taken -= taken

    def _over(self, writing: "asyncio.Task[None]") -> None:
        self._writing.discard(writing)
        if not self._writing:
            waiting, self._waiting = self._waiting, []
            for sending in waiting:  # only when the tasks were ended
                sending.answer.cancel()

    def _next(self) -> list[Sending]:
        """The next group: of rooms that no other group is of, so that each room keeps its order, and no key twice."""
        rooms: dict[str, list[Sending]] = {}
        for sending in self._waiting:
            rooms.setdefault(sending.topic, []).append(sending)
        most = MOST if self._taken or len(self._waiting) < MUCH else -(-len(self._waiting) // BESIDE)
        group, rest, keys = list[Sending](), list[Sending](), set[Any]()
        for topic, of_room in rooms.items():
            if topic in self._taken or len(group) >= most:
                rest += of_room
                continue
            for sending in of_room:
                key = sending.key
                if len(group) >= MOST or (key is not None and (key in keys or key in self._taken)):
                    rest.append(sending)
                else:
                    group.append(sending)
                    keys.add(key)
        self._waiting = rest
        return group

    async def _write(self, group: list[Sending]) -> None:
        """Write a group; when anything is wrong with it, each message alone, so that one does no harm to the others."""
        try:
            await self._commit(group)
        except Exception as error:
            if len(group) == 1 or isinstance(error, Unavailable):
                _refuse(group, error)
            else:
                for sending in group:
                    await self._write([sending])
        except BaseException as error:
            _refuse(group, error)
            raise

    async def _commit(self, group: list[Sending]) -> None:
        link = self._store.link
        connection = await link.take()
        turn = None
        try:
            before = await self._begin(connection, group)
            fresh, late = await self._advance(connection, before, [s for s in group if s.again is None])
            logged = [self._logged(s) for s in fresh]
            turn = self._store.telling.line_up(logged)
            await link.run_and_commit(connection, SQL.insert, {"rows": self._rows(fresh, logged)})
        except BaseException:
            if turn is not None:
                self._store.telling.drop(turn)
            raise
        finally:
            await link.give(connection)
        await self._store.telling.tell(turn)
        for sending in late:
            self._store.standings.forget(sending.draft.room.id, sending.draft.author_id)
            _answer(sending, Raced("Somebody's rights have changed meanwhile."))
        for sending in group:
            _answer(sending, _reused(sending))

    async def _begin(self, connection: Connection, group: list[Sending]) -> Statements:
        """What is to be said before the rooms are advanced: so that of all workspaces those of the group are seen. A key may
        have been used in another one, so all are seen while keys are looked for."""
        walled = [SQL.as_oneself.postgres, SQL.narrow.postgres] if self._store.walled else []
        pairs = [pair for s in group if (pair := _pair(s))]
        owners = {str(s.stream.owner) for s in group}.union(*(pair.values() for pair in pairs))
        given: dict[str, Any] = {"owners": ",".join(owners)}
        if pairs:  # nobody comes to block another while it is looked whether they do
            walled.append(SQL.among_pairs.postgres)
            given["pairs"] = [pair_named(*pair.values()) for pair in pairs]
        keyed = {s.key: s for s in group if s.key is not None}
        if keyed:
            await self._answer_known(connection, keyed)
            return Statements(walled, given)
        return Statements([*self._store.beginning(STRANGER, reading=False).texts, *walled], given)

    async def _answer_known(self, connection: Connection, keyed: Mapping[Any, Sending]) -> None:
        """Begin; what a key was first used for is the answer."""
        given = {"author_ids": [author for author, _ in keyed], "keys": [key for _, key in keyed]}
        before = self._store.beginning(SYSTEM, reading=False)
        found = await self._store.link.run_after(connection, before, SQL.known, given)
        for values in found.rows:
            row = dict(zip(found.names, values, strict=True))
            keyed[row["author_id"], row["client_key"]].again = Again(message_view(row), row["body_hash"])

    async def _advance(
        self, connection: Connection, before: Statements, group: list[Sending]
    ) -> tuple[list[Sending], list[Sending]]:
        """Give places to those whose rights are still what they were; and those whose are not."""
        rooms: dict[tuple[str, int, int], list[Sending]] = {}
        for sending in group:
            relied = sending.relied
            rooms.setdefault((sending.topic, relied.room, relied.workspace), []).append(sending)
        new = self._store.means.ids.new
        ids = {by: [EventId(new()) for _ in of_room] for by, of_room in rooms.items()}
        asked = [
            {
                "owner_id": of_room[0].stream.owner,
                "topic": topic,
                "messages": len(of_room),
                "head_id": ids[topic, room, workspace][-1],
                "access_version": room,
                "workspace_version": workspace,
                **_pair(of_room[0]),
            }
            for (topic, room, workspace), of_room in rooms.items()
        ]
        if not asked:
            return [], []
        found = await self._store.link.run_after(connection, before, SQL.advance, {"rooms": self._json(asked)})
        heads = {(topic, version): rest for topic, version, *rest in found.rows}
        fresh, late = list[Sending](), list[Sending]()
        for (topic, version, workspace), of_room in rooms.items():
            head = heads.get((topic, version))
            (late if head is None else fresh).extend(of_room)
            if head is not None:
                offset, number, epoch = head
                given = enumerate(zip(of_room, ids[topic, version, workspace], strict=True), 1 - len(of_room))
                for place, (sending, id_) in given:
                    sending.place = Place(offset + place, number + place, id_, epoch)
        return fresh, late

    def _logged(self, sending: Sending) -> LoggedEvent:
        place, draft, means = sending.place, sending.draft, self._store.means
        assert place is not None, "it was given its place"
        event = sent_event(draft, place)
        data, at = means.codec.encode(event).decode(), means.clock.now()
        stream = sending.stream
        return LoggedEvent(stream, place.offset, place.id, event.tag, event.revision, at, draft.author_id, data, event)

    def _rows(self, group: list[Sending], logged: list[LoggedEvent]) -> str:
        return self._json([_row(sending, event) for sending, event in zip(group, logged, strict=True)])

    def _json(self, value: Any) -> str:
        return self._store.means.codec.encode(value).decode()


def _pair(sending: Sending) -> dict[str, str]:
    """The two of a direct room, who must not block each other."""
    key = sending.draft.room.direct_key
    return dict(zip(("one", "other"), key.split(":"), strict=True)) if key is not None else {}


def _row(sending: Sending, event: LoggedEvent) -> dict[str, Any]:
    draft = sending.draft
    row = {
        "workspace_id": draft.room.workspace_id,
        "id": draft.id,
        "room_id": draft.room.id,
        "author_id": draft.author_id,
        "type": draft.type,
        "content": draft.content,
        "created_at": draft.created_at,
        "stream_offset": event.offset,
        "number": sending.place.number if sending.place else None,
        "topic": sending.topic,
        "event_id": event.id,
        "tag": event.tag,
        "revision": event.revision,
        "at": event.at,
        "data": event.data,
    }
    if draft.key is not None:
        row |= {"client_key": draft.key, "body_hash": draft.body_hash.hex()}
    return row


def _answer(sending: Sending, error: BaseException | None) -> None:
    if not sending.answer.done():
        if error is not None:
            sending.answer.set_exception(error)
        else:
            sending.answer.set_result(None)


def _reused(sending: Sending) -> DomainError | None:
    """What is wrong with a key that was known: it came with another body."""
    try:
        if isinstance(sending.again, Again):
            sending.again.checked(sending.draft.body_hash)
    except DomainError as error:
        return error
    return None


def _refuse(group: list[Sending], error: BaseException) -> None:
    for sending in group:
        _answer(sending, error)
