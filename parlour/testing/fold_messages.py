"""Folding what happens to a message that a client has: what others say to it."""

from attrs import evolve

from ..application.messages.views import MessageView, PinView, ReactionView
from ..domain.kernel.ids import UserId
from ..domain.messages.events import MessagePinned, MessageUnpinned, ReactionAdded, ReactionRemoved

Marking = ReactionAdded | ReactionRemoved | MessagePinned | MessageUnpinned


def marked(message: MessageView, event: Marking, me: UserId | None) -> MessageView:
    """The message after an event about it, as `me` sees it."""
    match event:
        case ReactionAdded(_, emoji, user_id):
            return evolve(message, reactions=_counted(message.reactions, emoji, 1, True if user_id == me else None))
        case ReactionRemoved(_, emoji, user_id):
            return evolve(message, reactions=_counted(message.reactions, emoji, -1, False if user_id == me else None))
        case MessagePinned(_, pinned_at, pinned_by):
            return evolve(message, pinned=PinView(pinned_at, pinned_by))
        case MessageUnpinned():
            return evolve(message, pinned=None)


def _counted(reactions: list[ReactionView], emoji: str, by: int, mine: bool | None) -> list[ReactionView]:
    """A new emoji stands behind the others; one that nobody reacts with any more is gone."""
    if all(r.emoji != emoji for r in reactions):
        reactions = [*reactions, ReactionView(emoji, 0, False)]
    changed = [_one(r, by, mine) if r.emoji == emoji else r for r in reactions]
    return [r for r in changed if r.count]


def _one(reaction: ReactionView, by: int, mine: bool | None) -> ReactionView:
    return evolve(reaction, count=reaction.count + by, mine=reaction.mine if mine is None else mine)


def as_last(message: MessageView) -> MessageView:
    """A message as its room shows it: nobody looked for what one reacted with oneself."""
    return evolve(message, reactions=[evolve(r, mine=None) for r in message.reactions])
