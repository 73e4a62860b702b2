"""Pinning messages: what the room should not lose sight of."""

from attrs import evolve, frozen

from ...domain.kernel.ids import MessageId, RoomId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.events import MessagePinned, MessageUnpinned
from ...domain.messages.message import Pin
from ...domain.messages.pins import pinned, unpinned
from ...domain.messages.ports import Messages
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Query
from ..kernel.limits import Limits
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import Clock, StreamLog
from ..kernel.uow import UnitOfWork
from ..rooms.access import access_room, stream_of
from ..rooms.views import RoomStandings
from .access import access_message, held
from .showing import shown, shown_page
from .views import MessageReader, MessageView, ReactionReader


@frozen
class PinMessage(Command[MessageView]):
    """Pin a message for all in its room: who looks after the room may, and in direct rooms and groups everybody. Twice is
    once."""

    message_id: MessageId


async def pin_message(
    command: PinMessage, actor: Actor, uow: UnitOfWork, messages: Messages, reader: ReactionReader,
    standings: RoomStandings, policy: Policy, limits: Limits, clock: Clock,
) -> MessageView:  # fmt: skip
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_PIN)
        found.room.check_open()
        there = await messages.pins(found.message)
        before = await held(messages, found.message)
        pin = Pin(clock.now(), actor.known)
        message = pinned(before, pin, there, limits.pins_per_room)
        if message is not before:
            message = await messages.save(message)
            await uow.record(stream_of(found.room), MessagePinned(message.id, pin.at, pin.by))
        return await shown(reader, message, actor)


@frozen
class UnpinMessage(Command[MessageView]):
    """Take a message's pin out. What is not pinned stays so."""

    message_id: MessageId


async def unpin_message(
    command: UnpinMessage, actor: Actor, uow: UnitOfWork, messages: Messages, reader: ReactionReader,
    standings: RoomStandings, policy: Policy,
) -> MessageView:  # fmt: skip
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_PIN)
        found.room.check_open()
        before = await held(messages, found.message)
        message = unpinned(before)
        if message is not before:
            message = await messages.save(message)
            await uow.record(stream_of(found.room), MessageUnpinned(message.id))
        return await shown(reader, message, actor)


@frozen
class ListPinned(Query[Page[MessageView]]):
    """The pinned messages of a room, those pinned first at the front. Its `position` is of `room:<id>`."""

    room_id: RoomId
    cursor: Cursor | None = None
    limit: Limit = 100


async def list_pinned(
    query: ListPinned, actor: Actor, reader: MessageReader, standings: RoomStandings, policy: Policy,
    reactions: ReactionReader, log: StreamLog,
) -> Page[MessageView]:  # fmt: skip
    room = (await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)).room
    head = await log.head(stream_of(room))
    page = await reader.pinned(room, query.cursor, query.limit)
    page = await shown_page(reactions, room.workspace_id, page, actor)
    return evolve(page, position=PositionView.of(head))
