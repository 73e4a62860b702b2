"""What members are in rooms, remembered: for who sends message after message."""

import asyncio
from collections import OrderedDict
from weakref import WeakValueDictionary

from attrs import asdict, define, field, frozen

from ...application.rooms.views import RoomStanding
from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.streams import Stream

REMEMBERED = 100_000


@frozen(order=True)
class Relied:
    """The versions of the rights in a room and in its workspace that something was decided by."""

    room: int
    workspace: int


@frozen
class Known:
    """A standing, the versions it is so by, and the stream of its room."""

    standing: RoomStanding
    relied: Relied
    stream: Stream


@define
class Standings:
    """The standings of members who may speak. Whoever decides by one has its versions looked at again when it matters, so
    one that is out of date is noticed, and forgotten then."""

    _known: OrderedDict[tuple[RoomId, UserId], Known] = field(factory=OrderedDict)
    _lines: WeakValueDictionary[tuple[RoomId, UserId], asyncio.Lock] = field(factory=WeakValueDictionary)

    def get(self, room_id: RoomId, user_id: UserId) -> Known | None:
        return self._known.get((room_id, user_id))

    def keep(self, room_id: RoomId, user_id: UserId, known: Known) -> None:
        if known.standing.member is not None and not known.standing.muted:
            self._known[room_id, user_id] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def line(self, room_id: RoomId, user_id: UserId) -> asyncio.Lock:
        """Where those wait who send to a room for somebody, one after the other."""
        line = self._lines.get((room_id, user_id))
        if line is None:
            line = self._lines[room_id, user_id] = asyncio.Lock()
        return line

    def forget(self, room_id: RoomId, user_id: UserId) -> None:
        self._known.pop((room_id, user_id), None)


BESIDES_RIGHTS = frozenset({"name", "description", "topic", "updated_at", "members_count", "version"})
"""What changes in a room without changing anybody's rights there."""


def same_rights(one: RoomStanding, other: RoomStanding) -> bool:
    """Whether whatever was allowed by one standing is allowed by the other."""
    return (one.member, one.workspace_role, _of_rights(one)) == (other.member, other.workspace_role, _of_rights(other))


def _of_rights(standing: RoomStanding) -> dict[str, object]:
    return asdict(standing.room, recurse=False, filter=lambda of, value: of.name not in BESIDES_RIGHTS)
