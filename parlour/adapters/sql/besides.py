"""What messages are beside their words, in SQL: threads and mentions."""

import json
from typing import Any
from uuid import UUID

import attrs

from ...application.kernel.uow import Place
from ...application.messages.views import Draft
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId
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


async def count_reply(db: Db, draft: Draft) -> Thread | None:
    """What becomes of the thread that a message answers. Others who answer wait for this unit from here on: so counts
    change in the order of the events."""
    if draft.besides.reply_to is None:
        return None
    where = {"workspace_id": draft.room.workspace_id, "message_id": draft.besides.reply_to}
    thread = await _counted(db, SQL.count_reply, **where, at=draft.created_at)
    if thread is None:
        raise Raced("The message that this answers was deleted meanwhile.")
    return thread


async def keep_mentions(db: Db, draft: Draft, place: Place) -> None:
    """Write whom a message calls, one row for everybody."""
    room = draft.room
    where = {"workspace_id": room.workspace_id, "room_id": room.id, "number": place.number}
    if called := _called(draft.besides):
        rows = [{**where, "user_id": user_id, "author_id": draft.author_id} for user_id in called]
        await db.many(SQL.mention, rows)


async def uncall(db: Db, message: Message) -> None:
    where = {"workspace_id": message.workspace_id, "room_id": message.room_id, "number": message.number}
    if called := _called(message):
        await db.many(SQL.unmention, [{**where, "user_id": user_id} for user_id in called])


async def uncount(db: Db, reply: Message) -> Thread | None:
    where = {"workspace_id": reply.workspace_id, "message_id": reply.reply_to}
    await db.run(SQL.uncount_reply, **where)
    return await _counted(db, SQL.last_reply, **where)


async def mentions_since(db: Db, user_id: UserId, number: int, **where: Any) -> int:
    count: int = await db.value(SQL.mentions_since, **where, user_id=user_id, everybody=EVERYBODY, number=number)
    return count


async def _counted(db: Db, query: Query, **given: Any) -> Thread | None:
    row = await db.joined(query, **given)
    return made(Thread, _thread(row)) if row is not None and row["replies"] else None


def _called(message: Besides | Message) -> list[UserId]:
    return [EVERYBODY] if message.mentions_room else message.mentions
