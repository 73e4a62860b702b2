"""Retention of messages: what lets go of those that are older than the rule of their room."""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from ...domain.kernel.ids import RoomId, WorkspaceId
from ...domain.kernel.keeping import in_force
from ...domain.kernel.streams import Stream
from ...domain.messages.events import MessageEdited, MessageSent, QuotesGone, ThreadFollowed
from ...domain.rooms.events import HistoryCut, RoomCreated, RoomRetentionChanged
from ...domain.rooms.keeping import cut
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import Room
from ...domain.workspaces.events import WorkspaceRetentionChanged
from ..kernel.catalogue import Command
from ..kernel.ports import Clock, StreamLog
from ..kernel.retention import CUT, Keeping, Retention
from ..kernel.uow import UnitOfWork
from ..rooms.access import stream_of
from .expiry import Expiry, Oldest, Watched, later_edits

STEP = 500
"""Rows that one step takes away of messages and of what hangs on them."""
QUOTES = 200
"""Messages whose quotes are emptied in one step."""
FOLLOWERS = 200
"""Who is let go of in one step: each is told in a stream of their own."""
ROOMS = 50
"""Rooms that are seen to at a time."""
PAGE = 500
"""Rooms that begin to be watched in one step."""
SEEN_TO = timedelta(minutes=10)
AGAIN = timedelta(hours=1)
"""A room is cut once an hour at most when it has been seen to: not for every message that is a second older."""
SOON = timedelta(seconds=1)
EVERY = 60


@frozen
class Expired:
    """Rooms that are seen to now."""

    rooms: int


@frozen
class ExpireMessages(Command[Expired]):
    """See to the rooms that are due: each by itself, so that no step takes long or holds more than one room."""


async def expire_messages(
    command: ExpireMessages, uow: UnitOfWork, expiry: Expiry, rule: Retention, clock: Clock
) -> Expired:
    now = clock.now()
    async with uow:
        if await expiry.instance_changed(rule.message_days):
            await uow.schedule("watch_rooms", now, "watch_rooms", {})
        due = await expiry.take(now, now + SEEN_TO, ROOMS)
        for room_id in due:
            await uow.schedule(*_cutting(room_id, now))
        if len(due) == ROOMS:
            await uow.schedule("expire_messages:more", now + SOON, "expire_messages", {})
    return Expired(len(due))


@frozen
class WatchRooms(Command[bool]):
    """Look at the rooms of a workspace, or of all, as their rule has changed: some in each step, in the order of their ids.
    Whether there are more."""

    workspace_id: WorkspaceId | None = None
    after_workspace: WorkspaceId | None = None
    after: RoomId | None = None


async def watch_rooms(command: WatchRooms, uow: UnitOfWork, expiry: Expiry, clock: Clock) -> bool:
    where, after = command.workspace_id, None
    if command.after is not None and command.after_workspace is not None:
        after = Watched(command.after_workspace, command.after)
    async with uow:
        last = await expiry.watch_rooms(where, after, clock.now(), PAGE)
        if last is not None:
            await _watch_again(uow, where, last, clock.now())
            await uow.schedule("expire_messages:more", clock.now(), "expire_messages", {})
    return last is not None


@frozen
class CutRoom(Command[int]):
    """Take away the oldest messages of a room that are older than its rule, as many as one step may; how many."""

    room_id: RoomId


async def cut_room(
    command: CutRoom, uow: UnitOfWork, expiry: Expiry, rooms: Rooms, keeping: Keeping, log: StreamLog,
    rule: Retention, clock: Clock,
) -> int:  # fmt: skip
    now = clock.now()
    async with uow:
        found = await expiry.hold(command.room_id)
        if found is None:
            return 0
        room, workspace = found
        days = in_force(room.keep_days, workspace, rule.message_days).days
        if days is None:
            await expiry.unwatch(room)
            return 0
        before = now - timedelta(days=days)
        keys = await keeping.forget_keys(before, CUT)  # answers hold words as well; they are promised for a day
        oldest = await expiry.oldest(room, before, STEP)
        done = await _cut(uow, expiry, rooms, log, room, oldest) if oldest.number else Done(0)
        if done.more or oldest.more or keys == CUT:
            await uow.schedule(*_cutting(room.id, now))
        later = max(now + AGAIN, (oldest.next_at or now) + timedelta(days=days))
        quiet = not (done.more or done.waits or oldest.more or keys == CUT)
        await expiry.watch(room.workspace_id, room.id, later if quiet else now + SEEN_TO)
    return done.messages


@frozen
class Done:
    """What a step did: how many messages went, whether more may at once, and whether what the relay has not handed on is
    waited for."""

    messages: int
    more: bool = False
    waits: bool = False


async def _cut(uow: UnitOfWork, expiry: Expiry, rooms: Rooms, log: StreamLog, room: Room, oldest: Oldest) -> Done:
    """First those who follow are let go of and quotes are emptied, then the events go, at last the messages: as much as one
    step may, and what is left is seen to in the next. Killed between two of them, all of it still holds together."""
    stream, number, floor = stream_of(room), oldest.number, oldest.offset + 1
    going = await expiry.going(room, number)
    quoting = await expiry.empty_quotes(room, number, QUOTES)
    if quoting:
        for quoted in quoting:
            await uow.rewrite(stream, quoted.offset, _without_quote)
        await uow.record(stream, QuotesGone(room.id, [q.id for q in quoting]))
    let_go = await expiry.let_go(room, number, FOLLOWERS)
    ids = {g.number: g.id for g in going}
    for follower in let_go:
        if follower.following and follower.number in ids:
            told = ThreadFollowed(ids[follower.number], room.id, room.workspace_id, False)
            await uow.record(Stream.of_user(follower.user_id), told)
    if len(let_go) == FOLLOWERS or len(quoting) == QUOTES:
        return Done(0, more=True)
    gone = await uow.cut(stream, floor, CUT)
    if (await log.head(stream)).floor < floor:
        return Done(0, more=gone > 0, waits=gone == 0)
    for offset in later_edits(going, oldest.offset):
        await uow.rewrite(stream, offset, _without_words)
    removed = await expiry.remove(room, number)
    shorter = await rooms.save(cut(room, number))
    await uow.record(stream, HistoryCut(shorter.id, shorter.gone_to))
    return Done(removed)


def _without_quote(event: MessageSent) -> MessageSent:
    return evolve(event, quote=event.quote.emptied() if event.quote is not None else None)


def _without_words(event: MessageEdited) -> MessageEdited:
    return evolve(event, content=None)


def _cutting(room_id: RoomId, at: datetime) -> tuple[str, datetime, str, dict[str, str]]:
    """The entry of the due table that cuts a room."""
    return f"cut_room:{room_id}", at, "cut_room", {"room_id": str(room_id)}


async def _watch_again(uow: UnitOfWork, workspace_id: WorkspaceId | None, last: Watched, at: datetime) -> None:
    data = {"after_workspace": str(last.workspace_id), "after": str(last.room_id)}
    if workspace_id is None:
        await uow.schedule("watch_rooms", at, "watch_rooms", data)
    else:
        data["workspace_id"] = str(workspace_id)
        await uow.schedule(f"watch_rooms:{workspace_id}", at, "watch_rooms", data)


async def when_room_is_made_watch_it(
    event: RoomCreated, stream: Stream, expiry: Expiry, rule: Retention, clock: Clock
) -> None:
    """Nothing in it is older than a day before then."""
    due_at = clock.now() + timedelta(days=1)
    await expiry.watch_new(event.workspace_id, event.room_id, due_at, rule.message_days)


async def when_rule_of_room_changes_look_at_it(
    event: RoomRetentionChanged, stream: Stream, uow: UnitOfWork, expiry: Expiry, clock: Clock
) -> None:
    await expiry.watch(WorkspaceId(stream.owner), event.room_id, clock.now() + SEEN_TO)
    await uow.schedule(*_cutting(event.room_id, clock.now()))


async def when_rule_of_workspace_changes_look_at_its_rooms(
    event: WorkspaceRetentionChanged, stream: Stream, uow: UnitOfWork, clock: Clock
) -> None:
    key, data = f"watch_rooms:{event.workspace_id}", {"workspace_id": str(event.workspace_id)}
    await uow.schedule(key, clock.now(), "watch_rooms", data)
