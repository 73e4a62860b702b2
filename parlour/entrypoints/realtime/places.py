"""The ids of server-sent events: where each topic of a stream stood, in one text that resumes them together."""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from ...domain.kernel.errors import Fault, Invalid
from ...domain.kernel.ids import EventId
from ...domain.kernel.streams import Position, Topic

VERSION = "1"
UNKNOWN = "-"
"""The place of a topic of which nothing was said yet."""
_PLACE = re.compile(r"([A-Za-z0-9-]{1,64})_([0-9]{1,18})_([0-9a-f]{32})?")


class NotOurs(Invalid):
    """A `Last-Event-ID` that was not given out here, or with other topics."""

    default_code = "last_event_id"


def place(epoch: str, offset: int, id_: str | UUID | None) -> str:
    """A place in one topic, as it stands in an id."""
    return f"{epoch}_{offset}_{UUID(str(id_)).hex if id_ is not None else ''}"


def written(topics: Sequence[Topic], places: Sequence[str]) -> str:
    """The id that says where each of the topics, in their order, stands."""
    return ".".join((VERSION, _digest(topics), *places))


def read(text: str, topics: Sequence[Topic]) -> list[str]:
    """The places in an id that `written` made for these topics; `NotOurs` otherwise."""
    version, digest, *places = [*text.split("."), ""][: len(topics) + 3]
    if version != VERSION or places.pop() != "" or not all(p == UNKNOWN or _PLACE.fullmatch(p) for p in places):
        raise _not_ours("This is no id of an event that was sent here.")
    if len(places) != len(topics) or digest != _digest(topics):
        raise _not_ours("This id belongs to other topics, or to the same in another order.")
    return places


def position(text: str) -> Position | None:
    """The position that a place stands for."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    epoch, offset, id_ = found.groups()
    return Position(epoch, int(offset), EventId(UUID(id_)) if id_ else None)


def _digest(topics: Sequence[Topic]) -> str:
    return hashlib.sha256(" ".join(map(str, topics)).encode()).hexdigest()[:12]


def _not_ours(detail: str) -> NotOurs:
    return NotOurs(Fault("/last_event_id", "last_event_id", detail), message="The Last-Event-ID is not valid.")
