"""What a message is beside its words: an answer, a call to people, the words of another."""

from datetime import datetime

from attrs import evolve, field, frozen

from ..kernel.ids import MessageId, RoomId, UserId


@frozen
class Thread:
    """How many answers to a message there are that were not deleted, and when the last of them was given."""

    replies: int
    last_at: datetime


@frozen
class Quoted:
    """A message of the same room, as it was when it was quoted; `number` is its own. `gone`: retention has taken it, and the
    words with it."""

    message_id: MessageId
    author_id: UserId
    content: str
    created_at: datetime
    number: int | None = None
    gone: bool = False

    def emptied(self) -> "Quoted":
        """Without its words."""
        return evolve(self, content="", gone=True)


@frozen
class Forwarded:
    """Whose words these are. `room_id` is there for a public channel alone: of other rooms not every reader may know."""

    message_id: MessageId
    author_id: UserId
    created_at: datetime
    room_id: RoomId | None = None


@frozen
class Besides:
    """All that a message is beside its words. `reply_to` is the first message of the thread."""

    reply_to: MessageId | None = None
    mentions: list[UserId] = field(factory=list)
    mentions_room: bool = False
    quote: Quoted | None = None
    forwarded_from: Forwarded | None = None


PLAIN = Besides()
