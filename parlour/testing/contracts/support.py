"""What the suites work on, and small tools they share."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar
from uuid import uuid4

from attrs import frozen

from ...application.identity.blocks import BlockReader
from ...application.identity.views import UserReader
from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.bus import ATTEMPTS
from ...application.kernel.mail import Letters
from ...application.kernel.ports import Clock, Codec, DueTable, Ids, Names, People, Relay, StreamLog
from ...application.kernel.retention import Keeping
from ...application.kernel.uow import Recorded, Store, Work
from ...application.messages.expiry import Expiry
from ...application.messages.views import (
    EditReader,
    MentionReader,
    MessageLog,
    MessageReader,
    ReactionReader,
    ScheduleReader,
)
from ...application.rooms.own import OwnReader
from ...application.rooms.views import RoomReader, RoomStandings
from ...application.workspaces.views import WorkspaceReader, WorkspaceStandings
from ...domain.identity.ports import AccessTokens, Blocks, Extensions, Proofs, Sessions, Tickets, Users
from ...domain.kernel.errors import Raced
from ...domain.kernel.event import Event, event
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.messages.ports import Edits, Messages, Reactions, Schedule, ThreadFollowers
from ...domain.presence.ports import Presences
from ...domain.rooms.ports import Bans, OwnRooms, Rooms
from ...domain.workspaces.ports import Invitations, Workspaces

T = TypeVar("T")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOON = 5.0


@frozen
class House:
    """A store with everything that works in it. The factories take a unit of work or a snapshot."""

    store: Store
    clock: Clock
    ids: Ids
    codec: Codec
    relay: Relay
    due_table: DueTable
    stream_log: Callable[[Any], StreamLog]
    keeping: Callable[[Any], Keeping]
    expiry: Callable[[Any], Expiry]
    users: Callable[[Any], Users]
    user_reader: Callable[[Any], UserReader]
    people: Callable[[Any], People]
    names: Callable[[Any], Names]
    sessions: Callable[[Any], Sessions]
    tickets: Callable[[Any], Tickets]
    access_tokens: Callable[[Any], AccessTokens]
    proofs: Callable[[Any], Proofs]
    extensions: Callable[[Any], Extensions]
    letters: Callable[[Any], Letters]
    workspaces: Callable[[Any], Workspaces]
    workspace_standings: Callable[[Any], WorkspaceStandings]
    workspace_reader: Callable[[Any], WorkspaceReader]
    invitations: Callable[[Any], Invitations]
    rooms: Callable[[Any], Rooms]
    room_standings: Callable[[Any], RoomStandings]
    room_reader: Callable[[Any], RoomReader]
    bans: Callable[[Any], Bans]
    blocks: Callable[[Any], Blocks]
    block_reader: Callable[[Any], BlockReader]
    own_rooms: Callable[[Any], OwnRooms]
    own_reader: Callable[[Any], OwnReader]
    presences: Callable[[Any], Presences]
    messages: Callable[[Any], Messages]
    message_log: Callable[[Any], MessageLog]
    message_reader: Callable[[Any], MessageReader]
    mention_reader: Callable[[Any], MentionReader]
    thread_followers: Callable[[Any], ThreadFollowers]
    reactions: Callable[[Any], Reactions]
    reaction_reader: Callable[[Any], ReactionReader]
    edits: Callable[[Any], Edits]
    edit_reader: Callable[[Any], EditReader]
    schedule: Callable[[Any], Schedule]
    schedule_reader: Callable[[Any], ScheduleReader]

    async def done(self, work: Callable[[Work], Awaitable[T]], actor_id: UserId | None = None) -> T:
        """Run `work` in a unit of its own, and commit it, as the bus does: again when another unit was faster."""
        for _ in range(ATTEMPTS - 1):
            with suppress(Raced):
                return await self._done(work, actor_id)
        return await self._done(work, actor_id)

    async def _done(self, work: Callable[[Work], Awaitable[T]], actor_id: UserId | None) -> T:
        unit = self.store.unit(Actor(actor_id) if actor_id is not None else SYSTEM)
        try:
            async with unit:
                result = await work(unit)
            await unit.commit()
        except BaseException:
            await unit.rollback()
            raise
        return result

    async def note(self, stream: Stream, *texts: str) -> list[Recorded]:
        """Record an event for each text, in one unit."""

        async def work(unit: Work) -> list[Recorded]:
            return [await unit.record(stream, Noted(text)) for text in texts]

        return await self.done(work)

    async def noted(self, stream: Stream) -> list[str]:
        """What is to be read in a stream now; its offsets are seen to grow by one."""
        async with self.store.snapshot() as snapshot:
            log = self.stream_log(snapshot)
            head, events = await log.head(stream), await log.after(stream, 0, 100_000)
        offsets = [e.offset for e in events]
        assert offsets == list(range(head.floor, head.offset + 1)), "the log has a gap, or does not reach its head"
        assert not events or events[-1].id == head.id, "the head's id is not that of the newest event"
        return [self.codec.decode(e.data, Noted).text for e in events]


@event("contract_noted", revision=2)
@frozen
class Noted(Event):
    """An event of nobody's feature, for trying what happens to events. Revision 1 was not said to be loud."""

    text: str
    loud: bool = False
    lift: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
        1: lambda data: {**data, "loud": data["text"].isupper()}
    }


@frozen
class NotedBefore(Event):
    """`Noted`, as an older version of the program wrote it."""

    text: str
    tag: ClassVar[str] = "contract_noted"
    revision: ClassVar[int] = 1


def a_stream() -> Stream:
    """The stream of some room, empty so far."""
    return Stream.of_room(WorkspaceId(uuid4()), RoomId(uuid4()))


def a_user() -> UserId:
    return UserId(uuid4())


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Cancelled(Generic[T]):
    """A coroutine that is cancelled at its `at`-th suspension: as it begins to wait, or (`woken`) in the very moment in
    which it would go on."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], at: int, *, woken: bool) -> None:
        self._coroutine, self._at, self._woken = coroutine, at, woken
        self.suspensions = 0

    @property
    def reached(self) -> bool:
        return self.suspensions >= self._at

    async def run(self) -> T:
        return await self

    def __await__(self) -> Generator[Any, None, T]:
        running = self._coroutine.__await__()
        step: Callable[[], Any] = partial(running.send, None)
        while True:
            try:
                waited_for = step()
            except StopIteration as end:
                value: T = end.value
                return value
            self.suspensions += 1
            if self.suspensions == self._at:
                self._cancel(waited_for)
            try:
                yield waited_for
                step = partial(running.send, None)
            except BaseException as error:
                step = partial(running.throw, error)

    def _cancel(self, waited_for: "asyncio.Future[Any] | None") -> None:
        task = asyncio.current_task()
        assert task is not None, "runs in a task"
        if self._woken and waited_for is not None:
            waited_for.add_done_callback(lambda _: task.cancel())
        else:
            task.cancel()


async def outcome(task: "asyncio.Task[T]") -> T | BaseException:
    """What a task came to; it must come to something soon."""
    done, _ = await asyncio.wait([task], timeout=SOON)
    assert done, "a task waits for ever"
    if task.cancelled():
        return asyncio.CancelledError()
    return task.exception() or task.result()
