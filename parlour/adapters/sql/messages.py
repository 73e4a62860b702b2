"""Messages in SQL."""

from datetime import datetime

import attrs

from ...application.kernel.page import Page
from ...application.kernel.uow import Place, Recorded, UnitOfWork
from ...application.messages.views import Draft, MessageView, Sent
from ...domain.kernel.errors import Raced, Unprocessable
from ...domain.kernel.event import Event
from ...domain.kernel.ids import MessageId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.events import MessageSent
from ...domain.messages.message import Message
from ...domain.rooms.room import Room
from .db import Db, made
from .loader import load
from .pages import BEGINNING, NOBODY, Row, listing
from .reactions import counts_from, counts_text

SQL = load("messages")


def message_view(row: Row) -> MessageView:
    """A message as it is shown, from its row."""
    return made(MessageView, {**_named(row), "pinned": _pin_of(row)})


def _message(row: Row) -> Message:
    return made(Message, {**_named(row), "pin": _pin_of(row)})


def _named(row: Row) -> Row:
    return {**row, "offset": row["stream_offset"], "reactions": counts_from(row["reactions"])}


def _pin_of(row: Row) -> Row | None:
    return {"at": row["pinned_at"], "by": row["pinned_by"]} if row["pinned_at"] is not None else None


PINNED = listing(SQL, "pinned", ("pinned_at", "id"), (BEGINNING, NOBODY), message_view)
HISTORY = listing(SQL, "history", ("number",), (0,), message_view)


@attrs.frozen
class _New:
    """A message that gets its place as the unit ends."""

    draft: Draft
    recorded: Recorded
    new: bool = True

    @property
    def view(self) -> MessageView:
        return new_view(self.draft, self.recorded.place)


def new_view(draft: Draft, place: Place | None) -> MessageView:
    """A message as it is shown when it was just sent; without its place while it has none."""
    return MessageView(
        id=draft.id,
        room_id=draft.room.id,
        offset=place.offset if place else None,
        number=place.number if place else None,
        author_id=draft.author_id,
        type=draft.type,
        content=draft.content,
        created_at=draft.created_at,
    )


def sent_event(draft: Draft, place: Place) -> MessageSent:
    """What the room's stream says of a message that has its place."""
    return MessageSent(
        id=draft.id,
        room_id=draft.room.id,
        number=place.number,
        author_id=draft.author_id,
        type=draft.type,
        content=draft.content,
        created_at=draft.created_at,
    )


@attrs.frozen
class Again:
    """The message that a key was first used for, as it is now, and the hash of the body that the key came with."""

    view: MessageView
    body_hash: bytes
    new: bool = False

    def checked(self, body_hash: bytes) -> "Again":
        """The same, when it came with the same body; `Unprocessable` otherwise."""
        if self.body_hash != body_hash:
            raise Unprocessable("This key came before with another body.", code="key_reused")
        return self


class SqlMessages:
    """`Messages`, `MessageLog` and `MessageReader` in SQL: appending is a part of the unit it is called in."""

    def __init__(self, db: Db, uow: UnitOfWork) -> None:
        self._db, self._uow = db, uow

    async def get(self, message_id: MessageId) -> Message | None:
        row = await self._db.joined(SQL.message, id=message_id)
        return _message(row) if row is not None else None

    async def held(self, message_id: MessageId) -> Message | None:
        row = await self._db.joined(SQL.held, id=message_id)
        return _message(row) if row is not None else None

    async def pins(self, message: Message) -> int:
        await self._db.alone(f"pins of {message.room_id}")
        where = {"workspace_id": message.workspace_id, "room_id": message.room_id}
        return int(await self._db.value(SQL.pins, **where))

    async def save(self, message: Message) -> Message:
        columns = attrs.asdict(message, recurse=False)
        names = ("workspace_id", "id", "content", "edited_at", "deleted_at", "edit_offset", "version")
        pin, reactions = message.pin, counts_text(message.reactions)
        pinned = {"pinned_at": pin.at if pin else None, "pinned_by": pin.by if pin else None}
        if not await self._db.run(SQL.save, **{name: columns[name] for name in names}, **pinned, reactions=reactions):
            raise Raced("The message has changed meanwhile.")
        return attrs.evolve(message, version=message.version + 1)

    async def append(self, draft: Draft) -> Sent:
        if draft.key is not None:
            first = await self.first(draft.author_id, draft.key, draft.body_hash)
            if first is not None:
                return first

        async def keep(place: Place) -> Event:
            return await self._keep(draft, place)

        room = draft.room
        return _New(draft, await self._uow.place(Stream.of_room(room.workspace_id, room.id), keep, numbered=True))

    async def first(self, author_id: UserId, key: str, body_hash: bytes) -> Again | None:
        row = await self._db.joined(SQL.by_key, author_id=author_id, client_key=key)
        return Again(message_view(row), row["body_hash"]).checked(body_hash) if row is not None else None

    async def _keep(self, draft: Draft, place: Place) -> MessageSent:
        await self._db.run(
            SQL.add,
            workspace_id=draft.room.workspace_id,
            id=draft.id,
            room_id=draft.room.id,
            author_id=draft.author_id,
            type=draft.type,
            content=draft.content,
            created_at=draft.created_at,
            stream_offset=place.offset,
            number=place.number,
            client_key=draft.key,
            body_hash=draft.body_hash if draft.key is not None else None,
        )
        return sent_event(draft, place)

    async def history(self, room: Room, cursor: str | None, around: int | None, limit: int) -> Page[MessageView]:
        where = {"workspace_id": room.workspace_id, "room_id": room.id}
        if cursor is not None:
            return await HISTORY.page(self._db, cursor, limit, **where)
        if around is not None:
            return await HISTORY.around(self._db, around, limit, **where)
        return await HISTORY.last(self._db, limit, **where)

    async def number_at(self, room: Room, at: datetime) -> int | None:
        where = {"workspace_id": room.workspace_id, "room_id": room.id}
        number = await self._db.value(SQL.number_at, **where, at=at)
        return int(number) if number is not None else None

    async def pinned(self, room: Room, cursor: str | None, limit: int) -> Page[MessageView]:
        return await PINNED.page(self._db, cursor, limit, workspace_id=room.workspace_id, room_id=room.id)
