"""Messages that go by the rule of their room: what is to be looked at, and how a step takes away the oldest of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.kernel.keeping import WorkspaceKeeping
from ...domain.rooms.room import Room


@frozen
class Oldest:
    """The oldest messages of a room that may go, none younger than a time: up to the number `number`, whose event stands at
    `offset`; 0 when none may. `more`: others may go as well. `next_at`: when the oldest of those that stay was said; None
    without one, and where there are more."""

    number: int = 0
    offset: int = 0
    more: bool = False
    next_at: datetime | None = None


@frozen
class Going:
    """A message that goes. `edit_offset`: where the newest event stands that tells its words, if it was edited."""

    id: MessageId
    number: int
    offset: int
    edit_offset: int | None


@frozen
class Follower:
    """Somebody who follows the thread that begins with the message of a number, which goes; or says that they do not."""

    user_id: UserId
    number: int
    following: bool


@frozen
class Quoting:
    """A message that stays, and quoted one that goes. Its event stands at `offset`."""

    id: MessageId
    offset: int


@frozen
class Watched:
    """The last of some rooms that are to be looked at: those after it are still to come."""

    workspace_id: WorkspaceId
    room_id: RoomId


class Expiry(Protocol):
    """Messages that go, in the current unit of work.

    A room is watched as long as a rule may let its messages go; it is looked at when it is due. Guarantee: of units that
    `hold` the same room one works after the other, and sees what the one before it has done.
    """

    async def watch(self, workspace_id: WorkspaceId, room_id: RoomId, due_at: datetime) -> None:
        """Look at a room at a time, and at no other."""

    async def watch_new(self, workspace_id: WorkspaceId, room_id: RoomId, due_at: datetime, instance_days: int) -> None:
        """Look at a new room at a time, where its workspace or the instance has a rule that lets messages go."""

    async def watch_rooms(
        self, workspace_id: WorkspaceId | None, after: Watched | None, due_at: datetime, most: int
    ) -> Watched | None:
        """Look at the next rooms of a workspace, or of all, at a time: those after one, in the order of their ids. The last
        of them; None when there are no more."""

    async def unwatch(self, room: Room) -> None:
        """Look at a room no more."""

    async def take(self, now: datetime, again_at: datetime, most: int) -> list[RoomId]:
        """Rooms that are due, the longest overdue first; each is due again at `again_at`, unless it is seen to before."""

    async def instance_changed(self, days: int) -> bool:
        """Whether the instance's rule is another than when this was last asked; it is remembered."""

    async def hold(self, room_id: RoomId) -> tuple[Room, WorkspaceKeeping] | None:
        """A room, deleted or not, and what its workspace says. Others who hold it wait."""

    async def oldest(self, room: Room, before: datetime, most: int) -> Oldest:
        """Those of the room's oldest messages that were said before a time, with about `most` rows that hang on them: at
        least one, however many hang on it. None that comes after one that is younger."""

    async def going(self, room: Room, number: int) -> list[Going]:
        """The messages up to a number; no other unit changes them, or what hangs on them, before this one has ended."""

    async def let_go(self, room: Room, number: int, most: int) -> list[Follower]:
        """Let at most `most` follow the threads no more that begin with a message up to a number; those."""

    async def empty_quotes(self, room: Room, number: int, most: int) -> list[Quoting]:
        """Let at most `most` of the messages that stay quote without words what stood up to a number; those."""

    async def remove(self, room: Room, number: int) -> int:
        """Remove the messages up to a number, with their mentions, reactions, pins and former words; how many."""


def later_edits(going: Sequence[Going], offset: int) -> list[int]:
    """Where events behind an offset still tell the words of messages that go."""
    return [g.edit_offset for g in going if g.edit_offset is not None and g.edit_offset > offset]
