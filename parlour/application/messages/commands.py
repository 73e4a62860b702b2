"""Saying something, saying it otherwise, taking it back."""

from typing import Annotated

from attrs import evolve, field, frozen

from ...domain.kernel.errors import invalid
from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.messages.besides import PLAIN
from ...domain.messages.events import MessageDeleted, MessageEdited, MessageSent
from ...domain.messages.mentions import MENTIONS_AT_MOST
from ...domain.messages.message import Message, MessageType, checked_content
from ...domain.messages.ports import Edits, Messages, Reactions
from ...domain.rooms.room import Room, RoomKind, founding_members
from ..kernel.actor import Actor, Call
from ..kernel.authorizer import Policy, permissions_of, require
from ..kernel.catalogue import Command, Found
from ..kernel.constraints import Length, Printable
from ..kernel.limits import MESSAGE_CHARACTERS_AT_MOST, Limits
from ..kernel.ports import Clock, Ids
from ..kernel.uow import Place, UnitOfWork
from ..kernel.wiring import Later
from ..rooms.access import access_room, access_room_to_send, stream_of
from ..rooms.founding import Founding
from ..rooms.views import RoomStandings
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .access import MISSING, access_message, check_author, held
from .saying import Saying, beyond_words
from .showing import shown
from .views import Draft, MessageLog, MessageView, ReactionReader

Content = Annotated[str, Length(1, MESSAGE_CHARACTERS_AT_MOST), Printable(lines=True)]


Mentions = Annotated[list[UserId], Length(0, MENTIONS_AT_MOST)]


@frozen
class SendMessage(Command[MessageView]):
    """Say something in a room.

    With an idempotency key it is safe to send again: the same key gives the first message, as it is now.

    `reply_to` is a message of the same room that this one answers; a reply to a reply stands in the same thread.
    `quote` is a message of the same room whose words it carries. `@username` in the text calls somebody who may read the
    room, `@room` or `@all` everybody in it; `mentions` calls people by their ids besides.

    `notification` and `system_message` are for who looks after the room: its owner and moderators, and in channels the
    administrators of the workspace.
    """

    room_id: RoomId
    content: Content
    type: MessageType = MessageType.TEXT
    reply_to: MessageId | None = None
    mentions: Mentions = field(factory=list)
    quote: MessageId | None = None


async def send_message(
    command: SendMessage, actor: Actor, call: Call, uow: UnitOfWork, log: MessageLog, saying: Later[Saying],
    standings: RoomStandings, policy: Policy, limits: Limits, clock: Clock, ids: Ids,
) -> MessageView | Found[MessageView]:  # fmt: skip
    content, kind = checked_content(command.content, limits.message_characters), command.type
    more, wanted = None, None
    if kind is not MessageType.TEXT or beyond_words(content, command.reply_to, command.mentions, command.quote):
        more = saying.make()
        wanted = await more.wanted(content, command.reply_to, command.mentions, command.quote)
    async with uow:
        if more is None or (wanted is None and kind is MessageType.TEXT):
            room = (await access_room_to_send(standings, policy, actor, command.room_id)).room
        else:
            needed = P.ROOM_MESSAGE_SEND if kind is MessageType.TEXT else P.ROOM_MESSAGE_ANNOUNCE
            room = (await access_room(standings, policy, actor, command.room_id, needed)).room
            room.check_open()
            if (first := await more.said(actor, call)) is not None:
                return Found(first.view)
        besides = await more.besides(room, actor.known, wanted) if more is not None and wanted is not None else PLAIN
        message_id, now = MessageId(ids.new()), clock.now()
        draft = Draft(message_id, room, actor.known, kind, content, now, call.key, call.body_hash, besides)
        sent = await (log.append(draft) if besides is PLAIN or more is None else more.say(uow, draft))
    return sent.view if sent.new else Found(sent.view)


@frozen
class SendDirectMessage(Command[MessageView]):
    """Say something to one person, in the direct room of the two, which is made when they have none yet.

    The room is in the workspace named, or the one this session works in. A key makes it safe to send again. The other
    fields are those of `send_message`.
    """

    user_id: UserId
    content: Content
    workspace_id: WorkspaceId | None = None
    reply_to: MessageId | None = None
    mentions: Mentions = field(factory=list)
    quote: MessageId | None = None


async def send_direct_message(
    command: SendDirectMessage, actor: Actor, call: Call, uow: UnitOfWork, saying: Saying, founding: Founding,
    standings: WorkspaceStandings, policy: Policy, limits: Limits, clock: Clock, ids: Ids,
) -> MessageView | Found[MessageView]:  # fmt: skip
    content = checked_content(command.content, limits.message_characters)
    workspace_id = current_workspace(actor, command.workspace_id)
    wanted = await saying.wanted(content, command.reply_to, command.mentions, command.quote)
    async with uow:
        await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_ROOM_CREATE)
        first = await saying.said(actor, call)
        if first is not None:  # perhaps in another workspace: this session may have switched since
            return Found(first.view)
        if command.user_id == actor.user_id:
            raise invalid("user_id", "oneself", "A direct room is with somebody else.")
        pair = founding_members(RoomKind.DIRECT, actor.known, [command.user_id])
        await founding.check_may_talk(pair)
        room = (await founding.direct(uow, workspace_id, pair)).room
        besides = await saying.besides(room, actor.known, wanted) if wanted is not None else PLAIN
        message_id, now, kind = MessageId(ids.new()), clock.now(), MessageType.TEXT
        draft = Draft(message_id, room, actor.known, kind, content, now, call.key, call.body_hash, besides)
        sent = await saying.say(uow, draft)
    return sent.view if sent.new else Found(sent.view)


@frozen
class EditMessage(Command[MessageView]):
    """Say it otherwise: only its author may. The old words are overwritten, in the log too; `list_edits` still knows them."""

    message_id: MessageId
    content: Content


async def edit_message(
    command: EditMessage, actor: Actor, uow: UnitOfWork, messages: Messages, edits: Edits, reader: ReactionReader,
    standings: RoomStandings, policy: Policy, limits: Limits, clock: Clock,
) -> MessageView:  # fmt: skip
    now = clock.now()
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_EDIT)
        found.room.check_open()
        check_author(found.message, actor)
        message = await held(messages, found.message)
        edited = message.edited(command.content, now, limits.message_characters)
        if edited.content == message.content:
            return await shown(reader, message, actor)
        await _overwrite(uow, found.room, edited)

        async def keep(place: Place) -> MessageEdited:
            await messages.save(evolve(edited, edit_offset=place.offset))
            await edits.add(message)
            return MessageEdited(edited.id, edited.content, now)

        await uow.place(stream_of(found.room), keep)
        return await shown(reader, edited, actor)


@frozen
class DeleteMessage(Command[MessageView]):
    """Take a message back: its author may, and who looks after the room. It leaves a tombstone; its words are gone from
    the log too, and all that it ever said."""

    message_id: MessageId


async def delete_message(
    command: DeleteMessage, actor: Actor, uow: UnitOfWork, messages: Messages, reactions: Reactions, edits: Edits,
    standings: RoomStandings, policy: Policy, clock: Clock,
) -> MessageView:  # fmt: skip
    now = clock.now()
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_READ)
        found.room.check_open()
        own = found.message.author_id == actor.user_id
        if not (own and permissions_of(policy, actor, found.facts, [P.ROOM_MESSAGE_EDIT])):
            require(policy, actor, P.ROOM_MESSAGE_DELETE, found.facts, MISSING)
        message = await held(messages, found.message)
        deleted = await messages.save(message.deleted(now))
        await reactions.clear(deleted)
        await edits.clear(deleted)
        await _overwrite(uow, found.room, deleted)

        await messages.uncall(message)
        thread = await messages.uncount(deleted) if deleted.reply_to is not None else None
        await uow.record(stream_of(found.room), MessageDeleted(deleted.id, now, deleted.reply_to, thread))
    return MessageView.of(deleted)


async def _overwrite(uow: UnitOfWork, room: Room, message: Message) -> None:
    """Let the log tell the message as it is now: where it was sent, and where it was last edited."""

    def sent(event: MessageSent) -> MessageSent:
        return evolve(
            event,
            content=message.content,
            edited_at=message.edited_at,
            deleted_at=message.deleted_at,
            mentions=message.mentions,
            mentions_room=message.mentions_room,
            quote=message.quote,
            forwarded_from=message.forwarded_from,
        )

    def edit(event: MessageEdited) -> MessageEdited:
        return evolve(event, content=None)

    await uow.rewrite(stream_of(room), message.offset, sent)
    if message.edit_offset is not None:
        await uow.rewrite(stream_of(room), message.edit_offset, edit)
