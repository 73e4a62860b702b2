"""What messages are beside their words, in SQL: threads and mentions."""

import json
from typing import Any
from uuid import UUID

import attrs

from ...application.kernel.uow import Place
from ...application.messages.views import Draft
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import MessageId, UserId, WorkspaceId
from ...domain.messages.besides import Besides, Thread
from ...domain.messages.message import Message
from .db import Db, made
from .loader import Query, load
from .pages import Row

SQL = load("besides")
EVERYBODY = UserId(UUID(int=0))
"""Stands in the mentions for all who are in a room."""

_JSON = ("mentions", "quote", "forwarded_from")


def opened(row: Row) -> Row:
    """A message's row with its parts as they are meant."""
    mentions, quote, forwarded = row["mentions"], row["quote"], row["forwarded_from"]
    return {
        **row,
        "offset": row["stream_offset"],
        "thread": _thread(row) if row["replies"] else None,
        "mentions": json.loads(mentions) if mentions is not None else (),
        "quote": json.loads(quote) if quote is not None else None,
        "forwarded_from": json.loads(forwarded) if forwarded is not None else None,
    }


def _thread(row: Row) -> Row:
    return {"replies": row["replies"], "last_at": row["last_reply_at"]}


def columns_of(besides: Besides | Message) -> dict[str, Any]:
    """The columns of a message's row that are kept as JSON, and those beside them."""
    kept = {name: _text(getattr(besides, name)) for name in _JSON}
    return {**kept, "reply_to": besides.reply_to, "mentions_room": besides.mentions_room}


def _text(value: Any) -> str | None:
    if not value:
        return None
    parts = value if isinstance(value, list) else attrs.asdict(value)
    return json.dumps(parts, default=str, ensure_ascii=False)


async def keep_besides(db: Db, draft: Draft, place: Place) -> Thread | None:
    """Write what a message entails beside its row; what becomes of the thread it answers."""
    workspace_id, besides = draft.room.workspace_id, draft.besides
    if mentions := _mentions(draft, place):
        await db.many(SQL.mention, mentions)
    if besides.reply_to is None:
        return None
    thread = await _counted(db, SQL.count_reply, workspace_id, besides.reply_to, at=draft.created_at)
    if thread is None:
        raise Raced("The message that this answers was deleted meanwhile.")
    return thread


async def uncall(db: Db, message: Message) -> None:
    where = {"workspace_id": message.workspace_id, "room_id": message.room_id, "number": message.number}
    if called := _called(message):
        await db.many(SQL.unmention, [{**where, "user_id": user_id} for user_id in called])


async def uncount(db: Db, reply: Message) -> Thread | None:
    assert reply.reply_to is not None, "a reply says what it answers"
    return await _counted(db, SQL.uncount_reply, reply.workspace_id, reply.reply_to)


async def mentions_since(db: Db, user_id: UserId, number: int, **where: Any) -> int:
    count: int = await db.value(SQL.mentions_since, **where, user_id=user_id, everybody=EVERYBODY, number=number)
    return count


async def _counted(db: Db, query: Query, workspace_id: WorkspaceId, first: MessageId, **given: Any) -> Thread | None:
    row = await db.joined(query, workspace_id=workspace_id, id=first, **given)
    return made(Thread, _thread(row)) if row is not None and row["replies"] else None


def _mentions(draft: Draft, place: Place) -> list[dict[str, Any]]:
    room = draft.room
    where = {"workspace_id": room.workspace_id, "room_id": room.id, "number": place.number}
    return [{**where, "user_id": user_id, "author_id": draft.author_id} for user_id in _called(draft.besides)]


def _called(message: Besides | Message) -> list[UserId]:
    """Whose rows there are: one for everybody, where everybody is called."""
    return [EVERYBODY] if message.mentions_room else message.mentions
