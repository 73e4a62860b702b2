"""Messages that are sent at a time: by the scheduler, with the rights that their author has then."""

from datetime import datetime
from typing import Annotated

from attrs import evolve, frozen

from ...domain.identity.ports import AccessTokens, Users
from ...domain.identity.user import UserState
from ...domain.kernel.errors import Conflict, DomainError, Forbidden, NotFound, Raced
from ...domain.kernel.ids import MessageId, RoomId, ScheduledId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.kernel.times import checked_time
from ...domain.messages.besides import PLAIN
from ...domain.messages.message import MessageType, checked_content
from ...domain.messages.ports import Schedule
from ...domain.messages.scheduled import Scheduled
from ...domain.messages.scheduled_events import ScheduledCancelled, ScheduledChanged, ScheduledFailed, ScheduledSent
from ..kernel.actor import Actor, Call
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Change, Command, Query
from ..kernel.constraints import Aware
from ..kernel.limits import Limits
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import Clock, Ids, StreamLog
from ..kernel.uow import UnitOfWork
from ..rooms.access import access_room_to_send, access_room_to_write
from ..rooms.views import RoomStandings
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .commands import Content
from .saying import Saying, beyond_words
from .scheduled_telling import forget_words, tell
from .views import Draft, ScheduledView, ScheduleReader

MISSING = "There is no such scheduled message, or it is not yours."
Time = Annotated[datetime, Aware()]


@frozen
class ScheduleMessage(Command[ScheduledView]):
    """Say something in a room at a time to come. It is sent once, if one may write there then; what a token
    scheduled, if that is still good."""

    room_id: RoomId
    content: Content
    send_at: Time


async def schedule_message(
    command: ScheduleMessage, actor: Actor, uow: UnitOfWork, schedule: Schedule, standings: RoomStandings,
    policy: Policy, limits: Limits, clock: Clock, ids: Ids,
) -> ScheduledView:  # fmt: skip
    content, now = checked_content(command.content, limits.message_characters), clock.now()
    send_at = checked_time(command.send_at, now, "send_at")
    async with uow:
        room = (await access_room_to_write(standings, policy, actor, command.room_id)).room
        if await schedule.count(room.workspace_id, actor.known) >= limits.scheduled_per_user:
            raise Conflict(
                f"Nobody has more than {limits.scheduled_per_user:,} scheduled messages in a workspace.",
                code="too_many_scheduled",
            )
        scheduled = Scheduled(
            ScheduledId(ids.new()), room.workspace_id, room.id, actor.known, content, send_at, now,
            token_id=actor.token_id,
        )  # fmt: skip
        await schedule.add(scheduled)
        await tell(uow, schedule, scheduled)
        await _wake(uow, scheduled)
    return ScheduledView.of(scheduled)


@frozen
class ListScheduled(Query[Page[ScheduledView]]):
    """What one wants to say in a workspace and has not, the earliest first: what waits, and what could not be sent, with
    the reason. Its `position` is of `user:<own id>`."""

    workspace_id: WorkspaceId | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


async def list_scheduled(
    query: ListScheduled, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: ScheduleReader,
    log: StreamLog,
) -> Page[ScheduledView]:  # fmt: skip
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.of_author(workspace_id, actor.known, query.cursor, query.limit)
    return evolve(page, position=PositionView.of(head))


@frozen
class ChangeScheduled(Change[ScheduledView]):
    """Say it in other words or at another time. What is not sent stays; one that could not be sent is tried again."""

    scheduled_id: ScheduledId
    content: Content | None = None
    send_at: Time | None = None
    fields: frozenset[str] = frozenset()


async def change_scheduled(
    command: ChangeScheduled, actor: Actor, uow: UnitOfWork, schedule: Schedule, standings: RoomStandings,
    policy: Policy, limits: Limits, clock: Clock,
) -> ScheduledView:  # fmt: skip
    async with uow:
        before = await _own(schedule, actor, command.scheduled_id)
        await access_room_to_write(standings, policy, actor, before.room_id)
        content = command.content if command.content is not None else before.content
        send_at = command.send_at if command.send_at is not None else before.send_at
        scheduled = before.changed(content, send_at, clock.now(), limits.message_characters)
        scheduled = evolve(scheduled, token_id=actor.token_id)
        await schedule.save(scheduled)
        await tell(uow, schedule, scheduled, ScheduledChanged)
        await _wake(uow, scheduled)
    return ScheduledView.of(scheduled)


@frozen
class CancelScheduled(Command[ScheduledView]):
    """Do not send it after all."""

    scheduled_id: ScheduledId


async def cancel_scheduled(
    command: CancelScheduled, actor: Actor, uow: UnitOfWork, schedule: Schedule
) -> ScheduledView:
    async with uow:
        scheduled = await _own(schedule, actor, command.scheduled_id)
        await schedule.remove(scheduled)
        await forget_words(uow, scheduled)
        await uow.record(_inbox(scheduled), ScheduledCancelled(scheduled.id, scheduled.workspace_id))
    return ScheduledView.of(scheduled)


@frozen
class SendScheduled(Command[bool]):
    """Send a message whose time has come, once; whether it was. What its author may not say any more stays undone."""

    scheduled_id: ScheduledId


async def send_scheduled(
    command: SendScheduled, call: Call, uow: UnitOfWork, schedule: Schedule, reader: ScheduleReader, users: Users,
    tokens: AccessTokens, saying: Saying, standings: RoomStandings, policy: Policy, clock: Clock,
) -> bool:  # fmt: skip
    waiting, wanted = await reader.waiting(command.scheduled_id), None
    if waiting is not None and beyond_words(waiting.content, None, [], None):
        here = saying.in_room(waiting.room_id, waiting.author_id)
        wanted = await saying.wanted(waiting.content, None, [], None, here)
    async with uow:
        scheduled, now = await schedule.held(command.scheduled_id), clock.now()
        if waiting is None or scheduled is None or not scheduled.due(now):
            return False  # cancelled, moved, or done before
        if scheduled.content != waiting.content:
            raise Raced("It is to be said in other words since.")
        author = Actor(scheduled.author_id)
        uow.act_for(scheduled.author_id)
        call.acted_for = scheduled.author_id
        try:
            user = await users.get(scheduled.author_id)  # a host's own users are unknown here
            if user is not None and user.state is not UserState.ACTIVE:
                raise Forbidden("This account is suspended.", code="suspended")
            await _check_token(tokens, scheduled, now)
            room = (await access_room_to_send(standings, policy, author, scheduled.room_id)).room
        except DomainError as error:
            if error.retryable:
                raise
            await schedule.save(scheduled.undone(error.code))
            await uow.record(_inbox(scheduled), ScheduledFailed(scheduled.id, scheduled.workspace_id, error.code))
            return False
        message_id, text = MessageId(scheduled.id), MessageType.TEXT
        besides = await saying.besides(room, author, wanted) if wanted is not None else PLAIN
        draft = Draft(message_id, room, scheduled.author_id, text, scheduled.content, now, besides=besides)
        await saying.say(uow, draft)
        await schedule.remove(scheduled)
        await forget_words(uow, scheduled)
        sent = ScheduledSent(scheduled.id, scheduled.workspace_id, scheduled.room_id, message_id)
        await uow.record(_inbox(scheduled), sent)
    return True


async def _check_token(tokens: AccessTokens, scheduled: Scheduled, now: datetime) -> None:
    """What a token scheduled is not said when that is over."""
    if scheduled.token_id is not None:
        token = await tokens.get(scheduled.token_id)
        if token is None or not token.usable(now):
            raise Forbidden("The token that scheduled this is over.", code="token_ended")


def _inbox(scheduled: Scheduled) -> Stream:
    return Stream.of_user(scheduled.author_id)


async def _own(schedule: Schedule, actor: Actor, scheduled_id: ScheduledId) -> Scheduled:
    actor.check_known()
    scheduled = await schedule.held(scheduled_id)
    if scheduled is None or scheduled.author_id != actor.user_id:
        raise NotFound(MISSING)
    return scheduled


async def _wake(uow: UnitOfWork, scheduled: Scheduled) -> None:
    data = {"scheduled_id": str(scheduled.id)}
    await uow.schedule(f"scheduled:{scheduled.id}", scheduled.send_at, "send_scheduled", data)
