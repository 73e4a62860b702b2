"""Lists: pages by cursor, both ways, and the position they were read at."""

from typing import Annotated, Generic, TypeVar

from attrs import frozen

from ...domain.kernel.ids import EventId
from ...domain.kernel.streams import Head, Position
from .constraints import Between, Length
from .limits import PAGE_ITEMS

T = TypeVar("T")

Limit = Annotated[int, Between(1, PAGE_ITEMS)]
Cursor = Annotated[str, Length(1, 500)]


@frozen
class PositionView:
    """A place in a stream, to subscribe or resume from: give back `epoch`, `offset` and, as `last_id`, `id`."""

    epoch: str
    offset: int
    id: EventId | None = None

    @classmethod
    def of(cls, head: Head) -> "PositionView":
        return cls(head.epoch, head.offset, head.id)

    def plain(self) -> Position:
        return Position(self.epoch, self.offset, self.id)


@frozen
class Page(Generic[T]):
    """Some of a list. `next` and `prev` are opaque; each is None when there is nothing more that way.

    `position` is there when a topic covers the list: folding later events into the list keeps it true.
    """

    items: list[T]
    next: str | None = None
    prev: str | None = None
    position: PositionView | None = None
