"""Rooms as they are answered after something was done to them: with where their stream stands, to subscribe from."""

from attrs import frozen

from ...domain.kernel.ids import UserId
from ...domain.kernel.keeping import KeepRule
from ...domain.kernel.streams import Head
from ...domain.rooms.room import Room, RoomRole
from ..kernel.uow import Recorded
from ..messages.views import MessageView
from .own import OwnView
from .views import RoomReader, RoomView


@frozen
class Showing:
    """A room with its last message. Ask for its view when the unit has ended: then what it recorded has its place."""

    room: Room
    role: RoomRole | None
    head: Head
    last: MessageView | None
    own: OwnView | None
    rule: KeepRule
    told: Recorded | None

    @property
    def view(self) -> RoomView:
        place = self.told.place if self.told is not None else None
        return RoomView.of(self.room, self.role, place or self.head, self.last, self.own, self.rule)


async def showing(
    reader: RoomReader, user_id: UserId, room: Room, role: RoomRole | None, told: Recorded | None = None
) -> Showing:
    """A room as whoever asks sees it, after `told` was recorded in its stream, if anything was."""
    head, last, own = await reader.details(room, user_id)
    return Showing(room, role, head, last, own, await reader.rule(room), told)
