"""Lists in pages, both ways, by opaque cursors on the sort key and id."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from attrs import frozen

from ...application.kernel.page import Page
from ...domain.kernel.errors import invalid
from ...domain.kernel.times import in_utc
from .db import Db
from .loader import Queries, Query

T = TypeVar("T")
Row = dict[str, Any]

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)
MOST = 2**62


@frozen
class Listing(Generic[T]):
    """A list that is sorted by some columns: `least` is below every key, `make` turns a row into an entry."""

    after: Query
    before: Query
    columns: Sequence[str]
    least: Sequence[Any]
    make: Callable[[Row], T]

    async def page(self, db: Db, cursor: str | None, limit: int, **given: Any) -> Page[T]:
        """The page at a cursor, or the first. Cursors survive inserts and deletes."""
        forward, key = _read(cursor, self.least) if cursor is not None else (True, self.least)
        rows = await self._rows(db, self.after if forward else self.before, key, limit + 1, given)
        more, rows = len(rows) > limit, rows[:limit]
        if not forward:
            rows.reverse()
        if not rows:
            return Page([])
        edge, back = (rows[0], self.before) if forward else (rows[-1], self.after)
        behind = cursor is not None and bool(await self._rows(db, back, self._key(edge), 1, given))
        return self._page(rows, next_=more if forward else behind, prev=behind if forward else more)

    async def last(self, db: Db, limit: int, **given: Any) -> Page[T]:
        """The last page of a list that is sorted by one number."""
        rows = await self._rows(db, self.before, [MOST], limit + 1, given)
        return self._page(rows[:limit][::-1], next_=False, prev=len(rows) > limit)

    async def around(self, db: Db, number: int, limit: int, **given: Any) -> Page[T]:
        """The page with the entry `number` in its middle, of a list that is sorted by one number."""
        older = await self._rows(db, self.before, [number], limit // 2 + 1, given)
        room = limit - min(len(older), limit // 2)
        newer = await self._rows(db, self.after, [number - 1], room + 1, given)
        rows = [*older[: limit // 2][::-1], *newer[:room]]
        return self._page(rows, next_=len(newer) > room, prev=len(older) > limit // 2)

    async def _rows(self, db: Db, query: Query, key: Sequence[Any], most: int, given: dict[str, Any]) -> list[Row]:
        keys = {f"key_{n}": part for n, part in enumerate(key)}
        return await db.joins(query, **given, **keys, most=most)

    def _page(self, rows: list[Row], *, next_: bool, prev: bool) -> Page[T]:
        return Page(
            [self.make(row) for row in rows],
            next=_write(True, self._key(rows[-1])) if next_ and rows else None,
            prev=_write(False, self._key(rows[0])) if prev and rows else None,
        )

    def _key(self, row: Row) -> list[Any]:
        return [row[c] for c in self.columns]


def listing(
    queries: Queries, name: str, columns: Sequence[str], least: Sequence[Any], make: Callable[[Row], T]
) -> Listing[T]:
    """The list that `-- pages: name (…)` describes in a file of queries."""
    return Listing(getattr(queries, f"{name}_after"), getattr(queries, f"{name}_before"), columns, least, make)


def _write(forward: bool, key: Sequence[Any]) -> str:
    text = json.dumps([forward, *map(_plain, key)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(part: Any) -> Any:
    if isinstance(part, datetime):
        return part.isoformat()
    return part if isinstance(part, int) else str(part)


def _read(cursor: str, like: Sequence[Any]) -> tuple[bool, list[Any]]:
    try:
        forward, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(forward, bool) and len(key) == len(like):
            return forward, [_part(part, model) for part, model in zip(key, like, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise invalid("cursor", "cursor", "This cursor was not made here.")


def _part(part: Any, like: Any) -> Any:
    if isinstance(like, datetime):
        at = in_utc(datetime.fromisoformat(part))
        if at is None:
            raise ValueError(part)
        return at
    if isinstance(like, int):
        if not isinstance(part, int) or not 0 <= part <= MOST:
            raise ValueError(part)
        return part
    if isinstance(like, str) and b"\0" in str(part).encode():  # nor can half of a surrogate pair be looked for
        raise ValueError(part)
    return type(like)(part)
