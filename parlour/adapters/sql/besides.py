"""What messages are beside their words, in SQL: threads and mentions."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs

from ...application.kernel.uow import Place
from ...application.messages.views import Draft
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId
from ...domain.messages.besides import PLAIN, Besides, Thread
from ...domain.messages.message import Message
from .db import Db
from .loader import Query, load
from .shapes import Columns, made, parts

SQL = load("besides")
EVERYBODY = UserId(UUID(int=0))
"""Stands in the mentions for all who are in a room."""

_KEPT = ("mentions", "mentions_room", "quote", "forwarded_from")


def besides_from(columns: Columns) -> dict[str, Sequence[Any]]:
    """What messages are beside their words, from the columns of their rows. Most have nothing."""
    found: dict[str, Sequence[Any]] = {"thread": _threads(columns)}
    if any(columns["besides"]):
        besides = [made(Besides, json.loads(text)) if text is not None else Besides() for text in columns["besides"]]
        found |= {name: [getattr(one, name) for one in besides] for name in _KEPT}
    return found


def _threads(columns: Columns) -> Sequence[Thread | None]:
    return parts(Thread, replies=columns["replies"], last_at=columns["last_reply_at"])


def besides_text(besides: Besides | Message) -> str | None:
    """What a message is beside its words, but for the thread it stands in, as it is kept."""
    if besides is PLAIN:
        return None
    kept = {name: _plain(value) for name in _KEPT if (value := getattr(besides, name))}
    return json.dumps(kept, default=str, ensure_ascii=False) if kept else None


def _plain(value: Any) -> Any:
    return attrs.asdict(value) if attrs.has(type(value)) else value


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


async def _counted(db: Db, query: Query, **given: Any) -> Thread | None:
    found = (await db.fetch(query, given)).columns
    return _threads(found)[0] if found else None


def _called(message: Besides | Message) -> list[UserId]:
    return [EVERYBODY] if message.mentions_room else message.mentions
