"""Messages in SQL."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs

from ...application.kernel.page import Page
from ...application.kernel.uow import Place, Recorded, UnitOfWork
from ...application.messages.views import Draft, FollowedView, MessageView, PinView, ReactionView, Sent
from ...domain.kernel.errors import Raced, Unprocessable
from ...domain.kernel.event import Event
from ...domain.kernel.ids import MessageId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.besides import PLAIN, Thread
from ...domain.messages.events import SENT, MessageSent
from ...domain.messages.message import Message, Pin, Reacted
from ...domain.rooms.room import Room
from .besides import SQL as BESIDES
from .besides import besides_from, besides_text, count_reply, keep_mentions, uncall, uncount
from .db import Db, Fetched
from .loader import Query, load
from .pages import BEGINNING, NOBODY, listing
from .reactions import counts_from, counts_text
from .shapes import Columns, parts, shaped

SQL = load("messages")
T = TypeVar("T")


def message_views(columns: Columns, **more: Sequence[Any]) -> list[MessageView]:
    """Messages as they are shown, from the columns of their rows."""
    pinned, reactions = _pins(columns, PinView), _reactions(columns, ReactionView)
    return shaped(MessageView, columns, pinned=pinned, reactions=reactions, **_beside(columns), **more)


def _messages(columns: Columns) -> list[Message]:
    pin, reactions = _pins(columns, Pin), [tuple(of) for of in _reactions(columns, Reacted)]
    return shaped(Message, columns, pin=pin, reactions=reactions, **_beside(columns))


def _pins(columns: Columns, kind: type[T]) -> Sequence[T | None]:
    return parts(kind, at=columns["pinned_at"], by=columns["pinned_by"]) if columns else ()


def _reactions(columns: Columns, kind: Callable[[str, int], T]) -> list[list[T]]:
    return [counts_from(text, kind) for text in columns.get("reactions", ())]


def _beside(columns: Columns) -> Columns:
    return {"offset": columns["stream_offset"], **besides_from(columns)} if columns else {}


def _views(found: Fetched) -> list[MessageView]:
    return message_views(found.columns)


def _followed(found: Fetched) -> list[MessageView]:
    return message_views(found.columns, followed=found.of(FollowedView))


PINNED = listing(SQL, "pinned", ("pinned_at", "id"), (BEGINNING, NOBODY), _views)
HISTORY = listing(SQL, "history", ("number",), (0,), _views)
FOLLOWED = listing(BESIDES, "followed", ("number",), (0,), _followed)
REPLIES = listing(SQL, "replies", ("number",), (0,), _views)


@attrs.frozen
class _New:
    """A message that gets its place as the unit ends."""

    draft: Draft
    recorded: Recorded
    new: bool = True

    @property
    def place(self) -> Place | None:
        return self.recorded.place

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
        **beside(draft),
    )


def beside(draft: Draft) -> dict[str, Any]:
    """What a draft is beside its words, as views and events have it."""
    besides = draft.besides
    return {} if besides is PLAIN else attrs.asdict(besides, recurse=False)


def sent_event(draft: Draft, place: Place, thread: Thread | None = None) -> MessageSent:
    """What the room's stream says of a message that has its place, and of the thread that it answers."""
    return SENT[draft.type](
        id=draft.id,
        room_id=draft.room.id,
        number=place.number,
        author_id=draft.author_id,
        type=draft.type,
        content=draft.content,
        created_at=draft.created_at,
        thread=thread,
        **beside(draft),
    )


@attrs.frozen
class Again:
    """The message that a key was first used for, as it is now, and the hash of the body that the key came with."""

    view: MessageView
    body_hash: bytes
    new: bool = False
    place: Place | None = None

    def checked(self, body_hash: bytes) -> "Again":
        """The same, when it came with the same body; `Unprocessable` otherwise."""
        if self.body_hash != body_hash:
            raise Unprocessable("This key came before with another body.", code="key_reused")
        return self


def again_from(found: Fetched) -> list[Again]:
    """What was sent before, from its rows."""
    columns = found.columns
    return list(map(Again, message_views(columns), columns["body_hash"])) if columns else []


class SqlMessages:
    """`Messages`, `MessageLog` and `MessageReader` in SQL: appending is a part of the unit it is called in."""

    def __init__(self, db: Db, uow: UnitOfWork) -> None:
        self._db, self._uow = db, uow

    async def get(self, message_id: MessageId) -> Message | None:
        return await self._message(SQL.message, message_id)

    async def held(self, message_id: MessageId) -> Message | None:
        return await self._message(SQL.held, message_id)

    async def _message(self, query: Query, message_id: MessageId) -> Message | None:
        found = _messages((await self._db.fetch(query, {"id": message_id})).columns)
        return found[0] if found else None

    async def pins(self, message: Message) -> int:
        await self._db.alone(f"pins of {message.room_id}")
        where = {"workspace_id": message.workspace_id, "room_id": message.room_id}
        return int(await self._db.value(SQL.pins, **where))

    async def save(self, message: Message) -> Message:
        names = ("workspace_id", "id", "content", "edited_at", "deleted_at", "edit_offset", "version")
        columns = {name: getattr(message, name) for name in names}
        pin, reactions = message.pin, counts_text(message.reactions)
        columns |= {"pinned_at": pin.at if pin else None, "pinned_by": pin.by if pin else None}
        if not await self._db.run(SQL.save, **columns, reactions=reactions, besides=besides_text(message)):
            raise Raced("The message has changed meanwhile.")
        return attrs.evolve(message, version=message.version + 1)

    async def append(self, draft: Draft) -> Sent:
        if draft.key is not None:
            first = await self.first(draft.author_id, draft.key, draft.body_hash)
            if first is not None:
                return first

        thread = None if draft.besides is PLAIN else await count_reply(self._db, draft)

        async def keep(place: Place) -> Event:
            return await self._keep(draft, place, thread)

        room = draft.room
        return _New(draft, await self._uow.place(Stream.of_room(room.workspace_id, room.id), keep, numbered=True))

    async def first(self, author_id: UserId, key: str, body_hash: bytes) -> Again | None:
        found = await self._db.fetch(SQL.by_key, {"author_id": author_id, "client_key": key})
        again = again_from(found)
        return again[0].checked(body_hash) if again else None

    async def _keep(self, draft: Draft, place: Place, thread: Thread | None) -> MessageSent:
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
            reply_to=draft.besides.reply_to,
            besides=besides_text(draft.besides),
            quoted_number=draft.besides.quote.number if draft.besides.quote is not None else None,
        )
        if draft.besides is not PLAIN:
            await keep_mentions(self._db, draft, place)
        return sent_event(draft, place, thread)

    async def uncall(self, message: Message) -> None:
        await uncall(self._db, message)

    async def uncount(self, reply: Message) -> Thread | None:
        return await uncount(self._db, reply)

    async def history(self, room: Room, cursor: str | None, around: int | None, limit: int) -> Page[MessageView]:
        where = {"workspace_id": room.workspace_id, "room_id": room.id}
        if cursor is not None:
            return await HISTORY.page(self._db, cursor, limit, **where)
        if around is not None:
            return await HISTORY.around(self._db, around, limit, **where)
        return await HISTORY.last(self._db, limit, **where)

    async def replies(self, message: Message, cursor: str | None, limit: int) -> Page[MessageView]:
        where = {"workspace_id": message.workspace_id, "reply_to": message.id}
        return await REPLIES.page(self._db, cursor, limit, **where)

    async def followed(self, room: Room, user_id: UserId, cursor: str | None, limit: int) -> Page[MessageView]:
        where = {"workspace_id": room.workspace_id, "room_id": room.id, "user_id": user_id}
        if cursor is not None:
            return await FOLLOWED.page(self._db, cursor, limit, **where)
        return await FOLLOWED.last(self._db, limit, **where)

    async def replies_after(self, first: Message, number: int, user_id: UserId) -> int:
        where = {"workspace_id": first.workspace_id, "message_id": first.id}
        return int(await self._db.value(BESIDES.replies_after, **where, number=number, user_id=user_id))

    async def number_at(self, room: Room, at: datetime) -> int | None:
        where = {"workspace_id": room.workspace_id, "room_id": room.id}
        number = await self._db.value(SQL.number_at, **where, at=at)
        return int(number) if number is not None else None

    async def pinned(self, room: Room, cursor: str | None, limit: int) -> Page[MessageView]:
        return await PINNED.page(self._db, cursor, limit, workspace_id=room.workspace_id, room_id=room.id)
