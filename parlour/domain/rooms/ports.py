"""What the room rules need of a store."""

from collections.abc import Sequence
from typing import Protocol

from ..kernel.ids import RoomId, UserId, WorkspaceId
from .moderation import RoomBan
from .own import NotificationLevel, OwnRoom, ReadMark
from .room import Room, RoomMember


class Rooms(Protocol):
    """Rooms and their members, in the current unit of work. Deleted rooms are not there."""

    async def add(self, room: Room, members: Sequence[RoomMember]) -> None:
        """Keep a new room. A second direct room of a pair is `Raced`: the first is there to be found."""

    async def get(self, room_id: RoomId) -> Room | None: ...

    async def hold(self, room: Room) -> Room | None:
        """Let nobody else change a room, or who is in it, before the unit ends: what is read from now on stays so. Answers
        the room as it is now. Holding comes before the first event of the unit, lest two wait for each other."""

    async def direct(self, workspace_id: WorkspaceId, direct_key: str) -> Room | None:
        """The direct room of a pair."""

    async def save(self, room: Room) -> Room:
        """Keep the changes of a room read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""

    async def add_member(self, member: RoomMember) -> ReadMark | None:
        """Keep a member, to whom all that was said so far is read: their mark. None when the user is one already, who then
        stays as they are."""

    async def member(self, room: Room, user_id: UserId) -> RoomMember | None: ...

    async def members(self, room: Room) -> list[RoomMember]: ...

    async def save_member(self, member: RoomMember) -> RoomMember:
        """Keep the changes of a member read in this unit; `Raced` when another unit changed them since.
        Answers them as they are kept now."""

    async def remove_member(self, member: RoomMember) -> None:
        """Let a member go. That they are muted is kept for their return."""

    async def returning(self, member: RoomMember) -> RoomMember:
        """Somebody who is about to come in, as they went: muted if they were, whether the end has come meanwhile or not. It is
        taken once."""

    async def of_member(self, workspace_id: WorkspaceId, user_id: UserId) -> list[Room]:
        """The rooms of a workspace that a user is a member of."""


class Bans(Protocol):
    """Who is kept out of which room, in the current unit of work; those whose end has come until they are lifted."""

    async def ban(self, ban: RoomBan) -> None:
        """Keep a ban; one the user has in this room already gives way to it."""

    async def of(self, room: Room, user_ids: Sequence[UserId]) -> list[RoomBan]:
        """The bans of some users in a room."""

    async def lift(self, ban: RoomBan) -> None: ...


class OwnRooms(Protocol):
    """What members keep of rooms for themselves, in the current unit of work. Deleted rooms are not there."""

    async def all_of(self, workspace_id: WorkspaceId, user_id: UserId) -> list[OwnRoom]:
        """Of all rooms of a workspace that a user is in."""

    async def move_mark(self, own: OwnRoom, number: int) -> ReadMark:
        """Move a read mark that was read in this unit; `Raced` when it was moved since, or the user is no member any more.
        It is the member's own row and no other: others may send meanwhile."""

    async def set_notifications(self, own: OwnRoom, level: NotificationLevel) -> None:
        """`Raced` when the user is no member any more."""

    async def favourites(self, workspace_id: WorkspaceId, user_id: UserId) -> list[RoomId]:
        """A user's favourites of a workspace in their order. Until the unit has ended no other changes them."""

    async def save_favourites(
        self, workspace_id: WorkspaceId, user_id: UserId, before: Sequence[RoomId], after: Sequence[RoomId]
    ) -> None:
        """Keep the favourites read in this unit as they are now."""
