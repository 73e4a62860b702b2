"""Reacting to messages with emoji, and who did."""

from datetime import datetime
from typing import Annotated

from attrs import frozen

from ...domain.kernel.emoji import EMOJI_CHARACTERS, checked_emoji
from ...domain.kernel.ids import MessageId, UserId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.events import ReactionAdded, ReactionRemoved
from ...domain.messages.ports import Messages, Reactions
from ...domain.messages.reactions import with_reaction, without_reaction
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Query
from ..kernel.constraints import Length
from ..kernel.limits import Limits
from ..kernel.page import Cursor, Limit, Page
from ..kernel.ports import Clock, People, Person
from ..kernel.uow import UnitOfWork
from ..rooms.access import stream_of
from ..rooms.views import RoomStandings
from .access import access_message, held
from .showing import shown
from .views import MessageView, ReactionReader

Emoji = Annotated[str, Length(1, EMOJI_CHARACTERS)]


@frozen
class AddReaction(Command[MessageView]):
    """React to a message with an emoji: whoever may write in the room may. Twice is once."""

    message_id: MessageId
    emoji: Emoji


async def add_reaction(
    command: AddReaction, actor: Actor, uow: UnitOfWork, messages: Messages, reactions: Reactions,
    reader: ReactionReader, standings: RoomStandings, policy: Policy, limits: Limits, clock: Clock,
) -> MessageView:  # fmt: skip
    emoji = checked_emoji(command.emoji)
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_SEND)
        found.room.check_open()
        message = await held(messages, found.message)
        if await reactions.add(message, emoji, actor.known, clock.now()):
            message = await messages.save(with_reaction(message, emoji, limits.reactions_per_message))
            await uow.record(stream_of(found.room), ReactionAdded(message.id, emoji, actor.known))
        return await shown(reader, message, actor)


@frozen
class RemoveReaction(Command[MessageView]):
    """Take one's own reaction back. What is not there is gone already."""

    message_id: MessageId
    emoji: Emoji


async def remove_reaction(
    command: RemoveReaction, actor: Actor, uow: UnitOfWork, messages: Messages, reactions: Reactions,
    reader: ReactionReader, standings: RoomStandings, policy: Policy,
) -> MessageView:  # fmt: skip
    emoji = checked_emoji(command.emoji)
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_SEND)
        found.room.check_open()
        message = await held(messages, found.message)
        if await reactions.remove(message, emoji, actor.known):
            message = await messages.save(without_reaction(message, emoji))
            await uow.record(stream_of(found.room), ReactionRemoved(message.id, emoji, actor.known))
        return await shown(reader, message, actor)


@frozen
class ReactorView:
    """Somebody who reacted; `user` is null where nobody knows the id any more."""

    user_id: UserId
    reacted_at: datetime
    user: Person | None = None


@frozen
class ListReactors(Query[Page[ReactorView]]):
    """Who reacted to a message with an emoji, those who did first at the front."""

    message_id: MessageId
    emoji: Emoji
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_reactors(
    query: ListReactors, actor: Actor, messages: Messages, reader: ReactionReader, standings: RoomStandings,
    policy: Policy, people: People,
) -> Page[ReactorView]:  # fmt: skip
    emoji = checked_emoji(query.emoji)
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READ)
    page = await reader.who(found.message, emoji, query.cursor, query.limit)
    named = await people.named([r.user_id for r in page.items])
    return Page([ReactorView(r.user_id, r.at, named.get(r.user_id)) for r in page.items], page.next, page.prev)
