"""Reactions in SQL: who reacted stands in rows, how many did in the message, so that a page of messages brings it along."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from ...application.kernel.page import Page
from ...application.messages.views import Reaction
from ...domain.kernel.ids import MessageId, UserId, WorkspaceId
from ...domain.messages.message import Message, Reacted
from .db import Db
from .loader import load
from .pages import BEGINNING, NOBODY, listing
from .shapes import made

SQL = load("reactions")
T = TypeVar("T")
WHO = listing(SQL, "who", ("at", "user_id"), (BEGINNING, NOBODY), lambda found: found.of(Reaction))


def counts_text(reactions: Sequence[Reacted]) -> str | None:
    """How many reacted with what, as a message's row has it: nothing, or JSON of pairs in their order."""
    return json.dumps([[r.emoji, r.count] for r in reactions], ensure_ascii=False) if reactions else None


def counts_from(text: str | None, kind: Callable[[str, int], T]) -> list[T]:
    """The same from a row, for whatever is made of an emoji and its count."""
    return [kind(emoji, count) for emoji, count in json.loads(text)] if text else []


class SqlReactions:
    """`Reactions` and `ReactionReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, message: Message, emoji: str, user_id: UserId, at: datetime) -> bool:
        return bool(await self._db.run(SQL.add, **_of(message), emoji=emoji, user_id=user_id, at=at))

    async def remove(self, message: Message, emoji: str, user_id: UserId) -> bool:
        return bool(await self._db.run(SQL.remove, **_of(message), emoji=emoji, user_id=user_id))

    async def clear(self, message: Message) -> None:
        await self._db.run(SQL.clear, **_of(message))

    async def own(
        self, workspace_id: WorkspaceId, user_id: UserId, message_ids: Sequence[MessageId]
    ) -> Mapping[MessageId, Collection[str]]:
        where = {"workspace_id": workspace_id, "user_id": user_id, "ids": list(message_ids)}
        own: dict[MessageId, set[str]] = {}
        for row in await self._db.joins(SQL.own, **where):
            own.setdefault(MessageId(made(UUID, row["message_id"])), set()).add(row["emoji"])
        return own

    async def who(self, message: Message, emoji: str, cursor: str | None, limit: int) -> Page[Reaction]:
        return await WHO.page(self._db, cursor, limit, **_of(message), emoji=emoji)


def _of(message: Message) -> dict[str, Any]:
    return {"workspace_id": message.workspace_id, "message_id": message.id}
