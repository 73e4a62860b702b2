"""Topics and streams: where events stand, and a place in them."""

from enum import StrEnum
from functools import cached_property
from typing import Self
from uuid import UUID

from attrs import frozen

from .ids import EventId, RoomId, UserId, WorkspaceId


class TopicKind(StrEnum):
    """What a topic is about."""

    ROOM = "room"
    WORKSPACE = "workspace"
    USER = "user"


@frozen
class Topic:
    """A thing whose changes can be followed, written `kind:id` on the wire."""

    kind: TopicKind
    id: UUID

    @cached_property
    def text(self) -> str:
        return f"{self.kind}:{self.id}"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The topic that `text` names, or None when it names none."""
        kind, _, key = text.partition(":")
        try:
            return cls(TopicKind(kind), UUID(key))
        except ValueError:
            return None


@frozen
class Stream:
    """The log of one topic, with the tenant it belongs to: a workspace, or the user for `user:` streams."""

    owner: UUID
    topic: Topic

    @classmethod
    def of_room(cls, workspace_id: WorkspaceId, room_id: RoomId) -> Self:
        return cls(workspace_id, Topic(TopicKind.ROOM, room_id))

    @classmethod
    def of_workspace(cls, workspace_id: WorkspaceId) -> Self:
        return cls(workspace_id, Topic(TopicKind.WORKSPACE, workspace_id))

    @classmethod
    def of_user(cls, user_id: UserId) -> Self:
        return cls(user_id, Topic(TopicKind.USER, user_id))


@frozen
class Position:
    """A place in a stream: all events up to and including `offset` have been seen.

    `id` is the id of the event at `offset`; compared on resume, it betrays a store that was restored from a backup.
    Offset 0 is the place before the first event.
    """

    epoch: str
    offset: int
    id: EventId | None = None


@frozen
class Head:
    """Where a stream stands: its newest event, and the floor, the oldest offset that can still be replayed."""

    epoch: str
    offset: int
    id: EventId | None
    floor: int

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.offset, self.id)


def can_resume(head: Head, after: Position, id_there: EventId | None) -> bool:
    """Whether everything after the position `after` is still there to be replayed, completely and without doubt.

    `id_there` is the id of the event that stands at `after.offset` today. A position of another epoch, below the floor,
    past the head, or whose id is another, is not to be trusted. Offset 0 has no event and counts while nothing was cut.
    """
    if after.epoch != head.epoch or after.offset > head.offset:
        return False
    if after.offset == 0:
        return head.floor == 1
    return after.offset >= head.floor and (after.id is None or after.id == id_there)
