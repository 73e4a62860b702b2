"""What members are in rooms, remembered: for who sends message after message."""

from collections import OrderedDict

from attrs import define, field, frozen

from ...domain.kernel.ids import RoomId, UserId
from ...domain.kernel.streams import Stream
from .rooms import Standing

REMEMBERED = 100_000


@frozen
class Relied:
    """The versions of the rights in a room and in its workspace that something was decided by."""

    room: int
    workspace: int


@frozen
class Known:
    """A standing, the versions it is so by, and the stream of its room."""

    standing: Standing
    relied: Relied
    stream: Stream


@define
class Standings:
    """The standings of members who may speak. Whoever decides by one has its versions looked at again when it matters, so
    one that is out of date is noticed, and forgotten then."""

    _known: OrderedDict[tuple[RoomId, UserId], Known] = field(factory=OrderedDict)

    def get(self, room_id: RoomId, user_id: UserId) -> Known | None:
        return self._known.get((room_id, user_id))

    def keep(self, room_id: RoomId, user_id: UserId, known: Known) -> None:
        if known.standing.member is not None and not known.standing.muted:
            self._known[room_id, user_id] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def forget(self, room_id: RoomId, user_id: UserId) -> None:
        self._known.pop((room_id, user_id), None)
