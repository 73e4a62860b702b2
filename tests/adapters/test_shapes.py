"""Rows as values of a class: one by one as a converter does it, or all of them a column at a time."""

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from parlour.adapters.sql.db import Fetched, plain
from parlour.adapters.sql.shapes import made, parts, read, shaped
from parlour.domain.kernel.ids import RoomId, UserId

pytestmark = pytest.mark.row("OP8")


class Colour(StrEnum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


@frozen
class Part:
    """A part of a thing."""

    of: UserId
    at: datetime


@frozen
class Thing:
    """With a field of every sort that rows have."""

    id: RoomId
    colour: Colour
    name: str | None
    count: int
    data: bytes
    good: bool
    at: datetime
    until: datetime | None = None
    whose: UserId | None = None
    other: Colour | None = None
    kept: list[int] = field(factory=list)
    part: Part | None = None


TIMES = st.datetimes(timezones=st.just(UTC))
THINGS = st.builds(
    Thing, id=st.uuids().map(RoomId), colour=st.sampled_from(Colour), name=st.none() | st.text(), count=st.integers(),
    data=st.binary(), good=st.booleans(), at=TIMES, until=st.none() | TIMES, whose=st.none() | st.uuids().map(UserId),
    other=st.none() | st.sampled_from(Colour), kept=st.just([]), part=st.none(),
)  # fmt: skip
NAMES = ("id", "colour", "name", "count", "data", "good", "at", "until", "whose", "other")


def _stored(thing: Thing, *, lite: bool) -> list[object]:
    """The row of a thing, as SQLite has it or as PostgreSQL does."""
    values = [getattr(thing, name) for name in NAMES]
    if lite:
        return [int(v) if isinstance(v, bool) else plain(v) for v in values]
    return [v.value if isinstance(v, Colour) else v for v in values]


@given(things=st.lists(THINGS, max_size=5), lite=st.booleans())
def test_a_column_at_a_time_is_as_one_by_one(things: list[Thing], lite: bool) -> None:
    found = Fetched(NAMES, [_stored(thing, lite=lite) for thing in things], len(things))
    assert found.of(Thing) == things
    assert [made(Thing, row) for row in found.dicts()] == things


def test_what_has_no_column_has_its_default_and_no_two_share_one() -> None:
    row = _stored(Thing(RoomId(UUID(int=1)), Colour.RED, None, 1, b"", True, datetime.now(UTC)), lite=True)
    one, other = Fetched(NAMES[:7], [row[:7], row[:7]], 2).of(Thing)
    assert (one.until, one.kept, one.part) == (None, [], None)
    assert one.kept is not other.kept
    with pytest.raises(KeyError, match="count"):
        Fetched(NAMES[:3], [row[:3]], 1).of(Thing)


def test_fields_that_are_whole_are_taken_as_they_are() -> None:
    at, whose = datetime(2026, 1, 2, tzinfo=UTC), UserId(UUID(int=7))
    columns = {"of": [str(whose), None], "at": [at.isoformat(), None]}
    part, nothing = parts(Part, of=columns["of"], at=columns["at"])
    assert (part, nothing) == (Part(whose, at), None)
    assert parts(Part, of=[None], at=[None]) == [None]
    row = _stored(Thing(RoomId(UUID(int=1)), Colour.RED, None, 1, b"", True, at), lite=False)
    (thing,) = Fetched(NAMES, [row], 1).of(Thing, part=[part], kept=[[1]])
    assert (thing.part, thing.kept) == (part, [1])


def test_two_things_in_a_row_are_parted() -> None:
    found = Fetched(("id", "name", "other", "id", "at"), [(1, "a", None, 2, 3), (4, "b", None, 5, 6)], 2)
    assert found.parted("other") == ({"id": (1, 4), "name": ("a", "b")}, {"id": (2, 5), "at": (3, 6)})


def test_one_column() -> None:
    ids = [UUID(int=n) for n in range(3)]
    assert list(read(UUID, [str(i) for i in ids])) == ids == list(read(UUID, ids))
    assert read(str, ["a"]) == ["a"]
    assert shaped(Part, {}) == []
