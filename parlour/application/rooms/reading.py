"""Reading a room, and not having read it: one's own mark, which others are not told of."""

from typing import Annotated

from attrs import frozen

from ...domain.kernel.errors import invalid
from ...domain.kernel.ids import MessageId, RoomId
from ...domain.kernel.streams import Stream
from ...domain.messages.ports import Messages
from ...domain.rooms.own import OwnRoom, read_to, unread_from
from ...domain.rooms.own_events import ReadMarked
from ...domain.rooms.ports import OwnRooms
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.constraints import Between
from ..kernel.uow import UnitOfWork
from .own import OwnReader, OwnStanding, ReadView, access_own

Number = Annotated[int, Between(1, None)]


@frozen
class MarkRead(Command[ReadView]):
    """Mark a room as read up to a message, named by its number or its id; with neither, all of it.

    A mark never goes back by this: what was read stays read. Others are not told; one's own devices are, in `user:<id>`.
    """

    room_id: RoomId
    number: Number | None = None
    message_id: MessageId | None = None


async def mark_read(
    command: MarkRead, actor: Actor, uow: UnitOfWork, own_rooms: OwnRooms, reader: OwnReader, messages: Messages,
    policy: Policy,
) -> ReadView:  # fmt: skip
    if command.number is not None and command.message_id is not None:
        raise invalid("message_id", "one_of", "Name a message by its number or by its id, not by both.")
    async with uow:
        own, standing = await access_own(reader, policy, actor, command.room_id)
        number = await _number(messages, own, command.number, command.message_id)
        return await _move(uow, own_rooms, own, read_to(own.mark, standing.head, number), standing)


@frozen
class MarkUnread(Command[ReadView]):
    """Mark a message and all behind it as unread, named by its number or its id. A mark never goes on by this."""

    room_id: RoomId
    number: Number | None = None
    message_id: MessageId | None = None


async def mark_unread(
    command: MarkUnread, actor: Actor, uow: UnitOfWork, own_rooms: OwnRooms, reader: OwnReader, messages: Messages,
    policy: Policy,
) -> ReadView:  # fmt: skip
    if (command.number is None) == (command.message_id is None):
        raise invalid("message_id", "one_of", "Name the first unread message, either by its number or by its id.")
    async with uow:
        own, standing = await access_own(reader, policy, actor, command.room_id)
        number = await _number(messages, own, command.number, command.message_id)
        assert number is not None, "one of the two was named"
        return await _move(uow, own_rooms, own, unread_from(own.mark, standing.head, number), standing)


async def _number(messages: Messages, own: OwnRoom, number: int | None, message_id: MessageId | None) -> int | None:
    if message_id is None:
        return number
    message = await messages.get(message_id)
    if message is None or message.room_id != own.room_id:
        raise invalid("message_id", "not_in_room", "There is no such message in this room.")
    return message.number


async def _move(uow: UnitOfWork, own_rooms: OwnRooms, own: OwnRoom, number: int, there: OwnStanding) -> ReadView:
    """One row of one's own, and one event; neither when the mark stands there already."""
    mark = own.mark
    if number != mark.number:
        mark = await own_rooms.move_mark(own, number)
        marked = ReadMarked(own.room_id, own.workspace_id, mark.number, mark.offset)
        await uow.record(Stream.of_user(own.user_id), marked)
    return ReadView.of(own.room_id, there.head, mark, there.gone_to)
