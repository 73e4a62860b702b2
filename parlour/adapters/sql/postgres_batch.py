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
from .loader import load
from .messages import Again, message_view, new_view, sent_event
from .postgres_link import Connection
from .postgres_telling import Telling
from .postgres_transaction import Beginning
from .recorder import Means
from .standings import Relied, Standings

SQL = load("postgres_batch")

MOST = 400


@define(eq=False)
class Sending:
    """A message on its way, and what became of it. `again` is what was sent instead: with its key before, or by the unit
    itself when it turned out to do more."""

    draft: Draft
    actor_id: UserId | None
    relied: Relied
    answer: "asyncio.Future[None]" = field(factory=lambda: asyncio.get_running_loop().create_future())
    place: Place | None = None
    again: Sent | None = None
    stream: Stream = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.stream = Stream.of_room(self.draft.room.workspace_id, self.draft.room.id)

    @property
    def new(self) -> bool:
        return self.again is None or self.again.new

    @property
    def view(self) -> MessageView:
        return self.again.view if self.again is not None else new_view(self.draft, self.place)

    @property
    def key(self) -> tuple[UserId, str] | None:
        return (self.draft.author_id, self.draft.key) if self.draft.key is not None else None


class Store(Beginning, Protocol):
    """The store, as its batch sees it."""

    means: Means
    telling: Telling
    standings: Standings


class Batch:
    """Writes what is sent, a group after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Sending] = []
        self._writing: asyncio.Task[None] | None = None

    async def send(self, sending: Sending) -> None:
        """Returns when the message is on disk. `Raced` when the rights it was allowed by have changed."""
        self._waiting.append(sending)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_all())
        await sending.answer

    async def finish(self) -> None:
        """Wait for what is under way."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = _apart(self._waiting)
                await self._write(group)
        finally:
            self._writing = None
            for sending in self._waiting:  # only when this very task was ended
                sending.answer.cancel()

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
            fresh, late = await self._advance(connection, await self._begin(connection, group))
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

    async def _begin(self, connection: Connection, group: list[Sending]) -> list[Sending]:
        """Begin the transaction, of which the workspaces of the group are seen. Answers with those whose key is new; a key
        may have been used in another workspace, so all are seen while they are looked for."""
        link, store = self._store.link, self._store
        keyed = {s.key: s for s in group if s.key is not None}
        owners = {"owners": ",".join(_owners(group))}
        if keyed:
            await link.say(connection, *store.beginning(SYSTEM, reading=False))
            await self._answer_known(connection, keyed)
            if store.walled:
                await link.say(connection, SQL.narrow.postgres, owners)
            return [s for s in group if s.again is None]
        text, given = store.beginning(STRANGER, reading=False)
        wall = f"; {SQL.narrow.postgres}" if store.walled else ""
        await link.say(connection, text + wall, {**given, **owners})
        return group

    async def _answer_known(self, connection: Connection, keyed: Mapping[Any, Sending]) -> None:
        """What a key was first used for is the answer."""
        given = {"author_ids": [author for author, _ in keyed], "keys": [key for _, key in keyed]}
        found = await self._store.link.run(connection, SQL.known, given)
        for values in found.rows:
            row = dict(zip(found.names, values, strict=True))
            keyed[row["author_id"], row["client_key"]].again = Again(message_view(row), row["body_hash"])

    async def _advance(self, connection: Connection, group: list[Sending]) -> tuple[list[Sending], list[Sending]]:
        """Give places to those whose rights are still what they were; and those whose are not."""
        rooms: dict[tuple[Stream, Relied], list[Sending]] = {}
        for sending in group:
            rooms.setdefault((sending.stream, sending.relied), []).append(sending)
        ids = {s: EventId(self._store.means.ids.new()) for s in group}
        asked = [
            {
                "owner_id": stream.owner,
                "topic": str(stream.topic),
                "messages": len(of_room),
                "head_id": ids[of_room[-1]],
                "access_version": relied.room,
                "workspace_version": relied.workspace,
                **_pair(of_room[0]),
            }
            for (stream, relied), of_room in rooms.items()
        ]
        found = await self._store.link.run(connection, SQL.advance, {"rooms": self._json(asked)}) if asked else None
        heads = {(topic, version): rest for topic, version, *rest in (found.rows if found is not None else ())}
        fresh, late = list[Sending](), list[Sending]()
        for (stream, relied), of_room in rooms.items():
            head = heads.get((str(stream.topic), relied.room))
            (late if head is None else fresh).extend(of_room)
            if head is not None:
                offset, number, epoch = head
                for place, sending in enumerate(of_room, 1 - len(of_room)):
                    sending.place = Place(offset + place, number + place, ids[sending], epoch)
        return fresh, late

    def _logged(self, sending: Sending) -> LoggedEvent:
        place, draft, means = sending.place, sending.draft, self._store.means
        assert place is not None, "it was given its place"
        event = sent_event(draft, place)
        data, at = means.codec.encode(event).decode(), means.clock.now()
        stream = sending.stream
        return LoggedEvent(stream, place.offset, place.id, event.tag, event.revision, at, sending.actor_id, data, event)

    def _rows(self, group: list[Sending], logged: list[LoggedEvent]) -> str:
        return self._json([_row(sending, event) for sending, event in zip(group, logged, strict=True)])

    def _json(self, value: Any) -> str:
        return self._store.means.codec.encode(value).decode()


def _pair(sending: Sending) -> dict[str, str]:
    """The two of a direct room, who must not block each other."""
    key = sending.draft.room.direct_key
    return dict(zip(("one", "other"), key.split(":"), strict=True)) if key is not None else {}


def _owners(group: list[Sending]) -> set[str]:
    """Whose rows are seen: the workspaces, and the blocks of those who talk to each other alone."""
    return {owner for s in group for owner in (str(s.draft.room.workspace_id), *_pair(s).values())}


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
        "topic": event.stream.topic.text,
        "event_id": event.id,
        "tag": event.tag,
        "revision": event.revision,
        "at": event.at,
        "data": event.data,
    }
    if event.actor_id is not None:
        row["actor_id"] = event.actor_id
    if draft.key is not None:
        row |= {"client_key": draft.key, "body_hash": draft.body_hash.hex()}
    return row


def _apart(waiting: list[Sending]) -> tuple[list[Sending], list[Sending]]:
    """A group in which no key comes twice, and the rest."""
    group, rest, keys = list[Sending](), list[Sending](), set[Any]()
    for sending in waiting:
        if len(group) >= MOST or (sending.key is not None and sending.key in keys):
            rest.append(sending)
        else:
            group.append(sending)
            keys.add(sending.key)
    return group, rest


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
