"""What a member keeps of a room for themselves: what is shown of it, and how it is fetched."""

from typing import Protocol

from attrs import frozen

from ...domain.kernel.errors import Forbidden, NotFound
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ...domain.messages.message import Message
from ...domain.rooms.own import NotificationLevel, OwnRoom, ReadMark, unread
from ...domain.rooms.room import RoomKind, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, RoomFacts, require
from ..kernel.page import Page
from ..kernel.ports import Person

MISSING = "There is no such room, or it is not for you."


@frozen
class OwnView:
    """A room as its member has it: how much of it they have not read, and what they keep for themselves."""

    unread: int
    mark: ReadMark
    favourite: int | None = None
    notifications: NotificationLevel = NotificationLevel.ALL

    @classmethod
    def of(cls, own: OwnRoom, head: int, gone_to: int) -> "OwnView":
        """With `head` messages in the room, those up to a number gone."""
        return cls(unread(head, own.mark, gone_to), own.mark, own.favourite, own.notifications)


@frozen
class ReadView:
    """Where one's read mark stands in a room: everything up to the message `read_number` is read, `unread` are not.
    `read_offset` is that message's place in the room's stream."""

    room_id: RoomId
    unread: int
    read_number: int
    read_offset: int

    @classmethod
    def of(cls, room_id: RoomId, head: int, mark: ReadMark, gone_to: int) -> "ReadView":
        return cls(room_id, unread(head, mark, gone_to), mark.number, mark.offset)


@frozen
class RoomUnreadView:
    """A room of one's own with something unread."""

    room_id: RoomId
    unread: int
    read_number: int
    read_offset: int
    notifications: NotificationLevel


@frozen
class UnreadView:
    """How many messages one has not read in a workspace, and in how many rooms they are."""

    workspace_id: WorkspaceId
    rooms: int
    unread: int


@frozen
class ReaderView:
    """Somebody who has read a message; `user` is None where nobody knows the id any more."""

    user_id: UserId
    user: Person | None = None


@frozen
class OwnStanding:
    """What somebody is in a room and what they keep of it (None: not a member), how many messages it has, and up to which
    number they are gone."""

    stream: Stream
    kind: RoomKind
    head: int
    own: OwnRoom | None
    role: RoomRole | None
    workspace_role: WorkspaceRole | None
    gone_to: int = 0


class OwnReader(Protocol):
    """What members keep for themselves, as it is shown. Reads the unit or snapshot it is asked in."""

    async def standing(self, room_id: RoomId, user_id: UserId) -> OwnStanding | None:
        """None when there is no such room, or its workspace is gone."""

    async def unread_in(self, workspace_id: WorkspaceId, user_id: UserId) -> UnreadView:
        """Over all rooms that somebody is in."""

    async def unread_rooms(
        self, workspace_id: WorkspaceId, user_id: UserId, cursor: str | None, limit: int
    ) -> Page[RoomUnreadView]:
        """Those of somebody's rooms that have something unread."""

    async def favourites_of(self, workspace_id: WorkspaceId, user_id: UserId) -> list[RoomId]:
        """Somebody's favourites of a workspace, in their order."""

    async def readers(self, message: Message, cursor: str | None, limit: int) -> Page[UserId]:
        """Which members, without its author, have read a message. Not those who came later, to whom it was read from the
        beginning."""


async def access_own(reader: OwnReader, policy: Policy, actor: Actor, room_id: RoomId) -> tuple[OwnRoom, OwnStanding]:
    """What a member keeps of a room; otherwise `NotFound` or `Forbidden`.

    What is decided here is not held until the unit ends, as decisions about a room are elsewhere: many readers of a busy room
    would hold up those who send to it. It need not be. All that is written is the member's own row, which is gone when
    they are no member any more.
    """
    found = await reader.standing(room_id, actor.known)
    if found is None:
        raise NotFound(MISSING)
    facts = RoomFacts(found.stream, found.kind, found.role, found.workspace_role)
    require(policy, actor, Permission.ROOM_MARK, facts, MISSING)
    if found.own is None:
        raise Forbidden("You are not in this room.", code="not_in_room")
    return found.own, found
