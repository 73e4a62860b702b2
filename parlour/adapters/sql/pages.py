"""Lists in pages, both ways, by opaque cursors on the sort key and id."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from attrs import evolve, frozen

from ...application.kernel.page import Page
from ...domain.kernel.errors import invalid
from ...domain.kernel.times import in_utc
from .db import Asked, Db, Fetched
from .loader import Queries, Query

T = TypeVar("T")
Row = dict[str, Any]

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)
MOST = 2**62


@frozen
class Listing(Generic[T]):
    """A list that is sorted by some columns: `least` is below every key, `make` turns rows into entries."""

    after: Query
    before: Query
    upto: Query
    from_: Query
    columns: Sequence[str]
    least: Sequence[Any]
    make: Callable[[Fetched], list[T]]

    async def page(self, db: Db, cursor: str | None, limit: int, **given: Any) -> Page[T]:
        """The page at a cursor, or the first. Cursors survive inserts and deletes."""
        forward, key = _read(cursor, self.least) if cursor is not None else (True, self.least)
        asked = [self._asked(self.after if forward else self.before, key, limit + 1, given)]
        if cursor is not None:  # and whether there is anything on the other side of it
            asked.append(self._asked(self.upto if forward else self.from_, key, 1, given))
        found, *others = await db.each(*asked)
        more, behind = len(found.rows) > limit, any(other.rows for other in others)
        found = _first(found, limit, forward=forward)
        return self._page(found, next_=more if forward else behind, prev=behind if forward else more)

    async def last(self, db: Db, limit: int, **given: Any) -> Page[T]:
        """The last page of a list that is sorted by one number."""
        (found,) = await db.each(self._asked(self.before, [MOST], limit + 1, given))
        return self._page(_first(found, limit, forward=False), next_=False, prev=len(found.rows) > limit)

    async def around(self, db: Db, number: int, limit: int, **given: Any) -> Page[T]:
        """The page with the entry `number` in its middle, of a list that is sorted by one number."""
        (older,) = await db.each(self._asked(self.before, [number], limit // 2 + 1, given))
        room = limit - min(len(older.rows), limit // 2)
        (newer,) = await db.each(self._asked(self.after, [number - 1], room + 1, given))
        found = evolve(newer, rows=[*_first(older, limit // 2, forward=False).rows, *newer.rows[:room]])
        return self._page(found, next_=len(newer.rows) > room, prev=len(older.rows) > limit // 2)

    def _asked(self, query: Query, key: Sequence[Any], most: int, given: dict[str, Any]) -> Asked:
        return query, {**given, **{f"key_{n}": part for n, part in enumerate(key)}, "most": most}

    def _page(self, found: Fetched, *, next_: bool, prev: bool) -> Page[T]:
        return Page(
            self.make(found),
            next=_write(True, self._key(found, -1)) if next_ and found.rows else None,
            prev=_write(False, self._key(found, 0)) if prev and found.rows else None,
        )

    def _key(self, found: Fetched, place: int) -> list[Any]:
        names = list(found.names)
        return [found.rows[place][names.index(c)] for c in self.columns]


def listing(
    queries: Queries, name: str, columns: Sequence[str], least: Sequence[Any], make: Callable[[Fetched], list[T]]
) -> Listing[T]:
    """The list that `-- pages: name (…)` describes in a file of queries."""
    after, before, upto, from_ = (getattr(queries, f"{name}_{way}") for way in ("after", "before", "upto", "from"))
    return Listing(after, before, upto, from_, columns, least, make)


def _first(found: Fetched, limit: int, *, forward: bool) -> Fetched:
    """Those nearest to where a page begins, in the order of the list."""
    rows = found.rows[:limit]
    return evolve(found, rows=rows if forward else rows[::-1])


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
