"""Following threads: whoever answers does, and whoever began; and whoever else wants to."""

from attrs import evolve, frozen

from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.messages.events import ThreadFollowed
from ...domain.messages.message import Message
from ...domain.messages.ports import Messages, ThreadFollowers
from ...domain.rooms.events import MemberLeft
from ...domain.workspaces.events import WorkspaceMemberLeft
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Query
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import StreamLog
from ..kernel.uow import UnitOfWork
from ..rooms.access import access_room, stream_of
from ..rooms.views import RoomStandings
from .access import MISSING, access_message
from .showing import shown_page
from .views import FollowingView, MessageReader, MessageView, ReactionReader


@frozen
class FollowThread(Command[FollowingView]):
    """Follow the thread of a message, or the one that a reply stands in. For whoever may write in the room."""

    message_id: MessageId


async def follow_thread(
    command: FollowThread, actor: Actor, uow: UnitOfWork, messages: Messages, followers: ThreadFollowers,
    standings: RoomStandings, policy: Policy,
) -> FollowingView:  # fmt: skip
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_MESSAGE_SEND)
        first = await first_of(messages, found.message)
        await _follow(uow, messages, followers, first, actor.known, following=True)
    return FollowingView(first.id, first.room_id, True)


@frozen
class UnfollowThread(Command[FollowingView]):
    """Follow a thread no longer. One's own next reply in it makes one follow it again; those of others do not."""

    message_id: MessageId


async def unfollow_thread(
    command: UnfollowThread, actor: Actor, uow: UnitOfWork, messages: Messages, followers: ThreadFollowers,
    standings: RoomStandings, policy: Policy,
) -> FollowingView:  # fmt: skip
    async with uow:
        found = await access_message(messages, standings, policy, actor, command.message_id, P.ROOM_READ)
        first = await first_of(messages, found.message)
        await _follow(uow, messages, followers, first, actor.known, following=False)
    return FollowingView(first.id, first.room_id, False)


@frozen
class ListReplies(Query[Page[MessageView]]):
    """What was answered in the thread of a message, oldest first, from its beginning; of a reply, the thread it stands in,
    also when the message that it began with is gone by retention.

    Follow `next` to newer replies. Its `position` is of `room:<id>`.
    """

    message_id: MessageId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_replies(
    query: ListReplies, actor: Actor, messages: Messages, reader: MessageReader, standings: RoomStandings,
    policy: Policy, log: StreamLog, reactions: ReactionReader,
) -> Page[MessageView]:  # fmt: skip
    found = await access_message(messages, standings, policy, actor, query.message_id, P.ROOM_READ)
    head = await log.head(stream_of(found.room))
    first = evolve(found.message, id=found.message.reply_to or found.message.id)
    page = await reader.replies(first, query.cursor, query.limit)
    page = await shown_page(reactions, found.room.workspace_id, page, actor)
    return evolve(page, position=PositionView.of(head))


@frozen
class ListThreads(Query[Page[MessageView]]):
    """The threads of a room that one follows, by the messages they began with, oldest first: the newest page, or the one at
    a cursor. Its `position` is of `user:<own id>`."""

    room_id: RoomId
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_threads(
    query: ListThreads, actor: Actor, reader: MessageReader, standings: RoomStandings, policy: Policy, log: StreamLog,
    reactions: ReactionReader,
) -> Page[MessageView]:  # fmt: skip
    room = (await access_room(standings, policy, actor, query.room_id, P.ROOM_READ)).room
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.followed(room, actor.known, query.cursor, query.limit)
    page = await shown_page(reactions, room.workspace_id, page, actor)
    return evolve(page, position=PositionView.of(head))


async def first_of(messages: Messages, message: Message) -> Message:
    """The message that a thread began with: a reply's, or the message itself."""
    first = await messages.get(message.reply_to) if message.reply_to is not None else message
    if first is None:
        raise NotFound(MISSING)
    return first


async def when_member_leaves_room_let_them_follow_nothing_there(
    event: MemberLeft, stream: Stream, followers: ThreadFollowers
) -> None:
    await followers.leave(WorkspaceId(stream.owner), event.user_id, event.room_id)


async def when_member_leaves_workspace_let_them_follow_nothing_there(
    event: WorkspaceMemberLeft, stream: Stream, followers: ThreadFollowers
) -> None:
    """Direct rooms are not left with the workspace; what was followed in them is let go all the same."""
    await followers.leave(event.workspace_id, event.user_id)


async def _follow(
    uow: UnitOfWork, messages: Messages, followers: ThreadFollowers, first: Message, user_id: UserId, *, following: bool
) -> None:
    if await messages.held(first.id) is None:  # so that retention lets go of whoever follows
        raise NotFound(MISSING)
    if await followers.follow(first, user_id, following):
        told = ThreadFollowed(first.id, first.room_id, first.workspace_id, following)
        await uow.record(Stream.of_user(user_id), told)
