"""Writing a group of messages on PostgreSQL, in one transaction.

Each message was allowed by a standing as of some version of the rights in its room and workspace. Both rows are held and
their versions compared while they are, so a decision from a moment ago is as good as one made now.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import define, field

from ...application.kernel.actor import STRANGER, SYSTEM
from ...application.kernel.uow import LoggedEvent, Place
from ...application.messages.views import Draft, MessageView, Sent
from ...domain.kernel.errors import DomainError, Raced
from ...domain.kernel.ids import EventId, UserId
from .blocks import pair_named
from .loader import load
from .messages import Again, again_from, new_view, sent_event
from .postgres_link import Connection, Statements
from .postgres_telling import Telling
from .postgres_transaction import Store
from .recorder import Means
from .standings import Known

SQL = load("postgres_batch")


class Held(Raced):
    """Others hold the room for longer than is waited."""


@define(eq=False)
class Sending:
    """A message on its way, and what became of it. `again` is what was sent instead: with its key before, or by the unit
    itself when it turned out to do more."""

    draft: Draft
    known: Known
    answer: "asyncio.Future[None]" = field(factory=lambda: asyncio.get_running_loop().create_future())
    place: Place | None = None
    again: Sent | None = None
    tries: int = 0
    topic: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.topic = self.known.stream.topic.text

    @property
    def new(self) -> bool:
        return self.again is None or self.again.new

    @property
    def view(self) -> MessageView:
        return self.again.view if self.again is not None else new_view(self.draft, self.place)

    @property
    def key(self) -> tuple[UserId, str] | None:
        return (self.draft.author_id, self.draft.key) if self.draft.key is not None else None

    @property
    def reused(self) -> DomainError | None:
        """What is wrong with a key that was known: it came with another body."""
        try:
            if isinstance(self.again, Again):
                self.again.checked(self.draft.body_hash)
        except DomainError as error:
            return error
        return None


class Groups(Store, Protocol):
    """The store, as a group sees it."""

    means: Means
    telling: Telling


async def write_group(store: Groups, group: Sequence[Sending], *, patient: bool) -> tuple[list[Sending], list[Sending]]:
    """Write what can be written now, and answer it. Those whose rights are to be looked at again, and those whose room
    somebody holds; who is `patient` waits for it, and gets `Held` when that takes too long."""
    connection = await store.link.take()
    turn = None
    try:
        group_of = _Group(store, connection, patient)
        fresh, late, busy = await group_of.advance(await group_of.begin(group), [s for s in group if s.again is None])
        if fresh:
            logged = [_logged(store.means, s) for s in fresh]
            turn = store.telling.line_up(logged)
            await store.link.run_and_commit(connection, SQL.insert, {"rows": group_of.rows(fresh, logged)})
        else:
            await store.link.say(connection, "rollback")
    except BaseException:
        if turn is not None:
            store.telling.drop(turn)
        raise
    finally:
        await store.link.give(connection)
    if turn is not None:
        await store.telling.tell(turn)
    for sending in fresh:
        answer(sending, None)
    return [s for s in group if s.again is not None] + late, busy


@define
class _Group:
    store: Groups
    connection: Connection
    patient: bool

    async def begin(self, group: Sequence[Sending]) -> Statements:
        """What is to be said before the rooms are advanced: so that of all workspaces those of the group are seen. A key may
        have been used in another one, so all are seen while keys are looked for."""
        walled = [SQL.as_oneself.postgres, SQL.narrow.postgres] if self.store.walled else []
        pairs = [pair for s in group if (pair := _pair(s))]
        owners = {str(s.known.stream.owner) for s in group}.union(*(pair.values() for pair in pairs))
        given: dict[str, Any] = {"owners": ",".join(owners)}
        if pairs:  # nobody comes to block another while it is looked whether they do
            walled.append(SQL.among_pairs.postgres)
            given["pairs"] = [pair_named(*pair.values()) for pair in pairs]
        keyed = {s.key: s for s in group if s.key is not None}
        if keyed:
            await self._answer_known(keyed)
            return Statements(walled, given)
        return Statements([*self.store.beginning(STRANGER, reading=False).texts, *walled], given)

    async def _answer_known(self, keyed: Mapping[Any, Sending]) -> None:
        """Begin; what a key was first used for is the answer."""
        given = {"author_ids": [author for author, _ in keyed], "keys": [key for _, key in keyed]}
        before = self.store.beginning(SYSTEM, reading=False)
        found = await self.store.link.run_after(self.connection, before, SQL.known, given)
        keys = [(row["author_id"], row["client_key"]) for row in found.dicts()]
        for key, again in zip(keys, again_from(found), strict=True):
            keyed[key].again = again

    async def advance(
        self, before: Statements, group: Sequence[Sending]
    ) -> tuple[list[Sending], list[Sending], list[Sending]]:
        """Give places to those whose rights are still what they were; those whose are not; those whose room is held."""
        rooms: dict[tuple[str, int, int], list[Sending]] = {}
        for sending in group:
            relied = sending.known.relied
            rooms.setdefault((sending.topic, relied.room, relied.workspace), []).append(sending)
        new = self.store.means.ids.new
        ids = {by: [EventId(new()) for _ in of_room] for by, of_room in rooms.items()}
        fresh, late, busy = list[Sending](), list[Sending](), list[Sending]()
        for *by, offset, number, epoch, held in await self._advanced(before, rooms, ids) if rooms else ():
            of_room = rooms[by[0], by[1], by[2]]
            (busy if held else late if offset is None else fresh).extend(of_room)
            if offset is not None:
                given = enumerate(zip(of_room, ids[by[0], by[1], by[2]], strict=True), 1 - len(of_room))
                for place, (sending, id_) in given:
                    sending.place = Place(offset + place, number + place, id_, epoch)
        return fresh, late, busy

    async def _advanced(
        self, before: Statements, rooms: Mapping[tuple[str, int, int], list[Sending]], ids: Mapping[Any, list[EventId]]
    ) -> Sequence[Sequence[Any]]:
        asked = [
            {
                "owner_id": of_room[0].known.stream.owner,
                "topic": by[0],
                "workspace_topic": f"workspace:{of_room[0].known.stream.owner}",
                "messages": len(of_room),
                "head_id": ids[by][-1],
                "access_version": by[1],
                "workspace_version": by[2],
                **_pair(of_room[0]),
            }
            for by, of_room in rooms.items()
        ]
        given = {"rooms": self._json(asked)}
        waits = [SQL.wait_for_rooms.postgres, SQL.wait_for_workspaces.postgres] if self.patient else []
        before = Statements([*before.texts, *waits], {**before.given, **given})
        try:
            found = await self.store.link.run_after(self.connection, before, SQL.advance, given)
        except Raced as error:
            raise Held(error.message) from error
        return found.rows

    def rows(self, group: Sequence[Sending], logged: Sequence[LoggedEvent]) -> str:
        return self._json([_row(sending, event) for sending, event in zip(group, logged, strict=True)])

    def _json(self, value: Any) -> str:
        return self.store.means.codec.encode(value).decode()


def _pair(sending: Sending) -> dict[str, str]:
    """The two of a direct room, who must not block each other."""
    key = sending.draft.room.direct_key
    return dict(zip(("one", "other"), key.split(":"), strict=True)) if key is not None else {}


def _logged(means: Means, sending: Sending) -> LoggedEvent:
    place, draft = sending.place, sending.draft
    assert place is not None, "it was given its place"
    event = sent_event(draft, place)
    data, at, stream = means.codec.encode(event).decode(), means.clock.now(), sending.known.stream
    return LoggedEvent(stream, place.offset, place.id, event.tag, event.revision, at, draft.author_id, data, event)


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


def answer(sending: Sending, error: BaseException | None) -> None:
    """Tell whoever waits for a message what became of it, unless they know."""
    if not sending.answer.done():
        if error is not None:
            sending.answer.set_exception(error)
        else:
            sending.answer.set_result(None)
