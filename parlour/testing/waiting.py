"""What waits for somebody in a room, as a client works it out: from the room's own stream, and from what their inbox says of
their marks, of the threads they follow and of whom they block. Nothing else is needed, and no event tells it."""

from collections.abc import Collection, Iterable, Mapping

from attrs import frozen

from ..application.messages.views import MessageView
from ..domain.kernel.ids import MessageId, UserId


@frozen
class Waiting:
    """How many messages are not read, how many of them call one, and how many replies are not read in each thread."""

    unread: int
    mentions: int
    replies: Mapping[MessageId, int]

    @property
    def threads(self) -> int:
        return sum(1 for replies in self.replies.values() if replies)


def waiting(
    messages: Iterable[MessageView], me: UserId, read_number: int, threads: Mapping[MessageId, int],
    blocked: Collection[UserId],
) -> Waiting:  # fmt: skip
    """With the read mark of the room, and that of each thread that is followed."""
    said = list(messages)
    behind = [m for m in said if (m.number or 0) > read_number]
    others = [m for m in said if m.author_id != me and m.deleted_at is None]
    calling = [m for m in others if (m.mentions_room or me in m.mentions) and m.author_id not in blocked]
    replies = {
        first: sum(1 for m in others if m.reply_to == first and (m.number or 0) > mark)
        for first, mark in threads.items()
    }
    return Waiting(len(behind), sum(1 for m in calling if m in behind), replies)
