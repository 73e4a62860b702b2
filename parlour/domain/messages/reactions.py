"""Reactions: emoji on a message, each counted."""

from attrs import evolve

from ..kernel.errors import Conflict
from .message import Message, Reacted


def with_reaction(message: Message, emoji: str, most: int) -> Message:
    """One more has reacted with an emoji; a message has at most `most` different ones."""
    message.check_there()
    if any(r.emoji == emoji for r in message.reactions):
        return evolve(
            message, reactions=tuple(evolve(r, count=r.count + (r.emoji == emoji)) for r in message.reactions)
        )
    if len(message.reactions) >= most:
        raise Conflict(f"A message has at most {most:,} different reactions.", code="too_many_reactions")
    return evolve(message, reactions=(*message.reactions, Reacted(emoji, 1)))


def without_reaction(message: Message, emoji: str) -> Message:
    """One of those who reacted with an emoji takes it back; what nobody reacts with any more is gone."""
    message.check_there()
    fewer = (evolve(r, count=r.count - (r.emoji == emoji)) for r in message.reactions)
    return evolve(message, reactions=tuple(r for r in fewer if r.count))
