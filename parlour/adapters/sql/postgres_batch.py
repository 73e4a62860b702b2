"""Sending on PostgreSQL: messages that come together are written together, in one transaction for all of them.

Two groups may be under way at once, and have no room in common, so that each room keeps its order. While both are, others
gather; one sender alone waits for nothing. A room that another transaction holds is waited for apart from all others.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from itertools import chain
from typing import Any, Protocol

from ...application.kernel.actor import SYSTEM
from ...domain.kernel.errors import DomainError, Raced, Unavailable
from ...domain.kernel.ids import RoomId, UserId
from .blocks import blocked_in
from .postgres_group import Groups, Held, Sending, answer, write_group
from .postgres_standing import standing_of
from .postgres_transaction import PostgresSnapshot
from .standings import Known, Standings, same_rights

MOST = 400
"""Messages in a group."""
BESIDE = 2
"""Groups that are written at the same time."""
MUCH = 32
"""So many messages that are waiting are shared among the groups that may begin."""
QUEUE = 10_000
"""Messages that may wait; who comes after that is told to come again."""
TRIES = 5
"""How often a message is taken up again because rights in its room change, though not those of its author."""


class Store(Groups, Protocol):
    """The store, as its batch sees it."""

    standings: Standings


class Batch:
    """Writes what is sent, group by group: while the server writes one, the next is made ready, of other rooms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Sending] = []
        self._writing: set[asyncio.Task[None]] = set()
        self._apart: set[asyncio.Task[None]] = set()
        self._taken: Counter[Any] = Counter()
        self._groups: list[list[Sending]] = []

    def send(self, sending: Sending) -> None:
        """Line up a message; its `answer` comes when it is on disk, or is `Raced` when its author's rights have changed."""
        if len(self._waiting) >= QUEUE:
            raise Unavailable("The store has too much to do.", code="store_busy")
        self._waiting.append(sending)
        if sending.topic not in self._taken:
            self._begin()

    async def finish(self) -> None:
        """Wait for what is under way."""
        while under_way := self._writing | self._apart:
            await asyncio.wait(under_way)

    async def settled(self, topic: str, author_id: UserId) -> None:
        """Wait for what somebody has lined up for a room."""

        def theirs(sending: Sending) -> bool:
            return sending.topic == topic and sending.draft.author_id == author_id and not sending.answer.done()

        while under_way := [s.answer for s in chain(self._waiting, *self._groups) if theirs(s)]:
            await asyncio.wait(under_way)

    def _begin(self) -> None:
        if self._waiting and len(self._writing) < BESIDE:
            _start(self._write_all(), self._writing)

    async def _write_all(self) -> None:
        try:
            while group := self._next():
                self._taken.update(_names(group))
                await self._in_hand(group)
        except BaseException:
            waiting, self._waiting = self._waiting, []
            _refuse(waiting, _closed())
            raise
        finally:  # at once, not when the loop comes to it: what is sent from now on begins another
            self._writing.discard(_current())

    def _next(self) -> list[Sending]:
        """The next group: of rooms and keys that nobody has in hand, and no key twice."""
        rooms: dict[str, list[Sending]] = {}
        for sending in self._waiting:
            rooms.setdefault(sending.topic, []).append(sending)
        most = MOST if self._taken or len(self._waiting) < MUCH else -(-len(self._waiting) // BESIDE)
        group, rest, keys = list[Sending](), list[Sending](), set[Any]()
        for topic, of_room in rooms.items():
            if topic in self._taken or len(group) >= most:
                rest += of_room
                continue
            _agree(of_room)
            for sending in of_room:
                key = sending.key
                if len(group) >= MOST or (key is not None and (key in keys or key in self._taken)):
                    rest.append(sending)
                else:
                    group.append(sending)
                    keys.add(key)
        self._waiting = rest
        return group

    async def _in_hand(self, group: list[Sending], *, patient: bool = False) -> None:
        """Write a group whose rooms and keys are taken, and let go of those."""
        self._groups.append(group)
        try:
            late, busy = await self._written(group, patient=patient)
            self._waiting[:0] = await self._still_allowed(late)
            for topic in dict.fromkeys(s.topic for s in busy):
                of_room = [s for s in busy if s.topic == topic]
                self._taken.update(_names(of_room))  # still: what comes meanwhile comes after these
                _start(self._wait_for(of_room), self._apart)
        except BaseException:
            _refuse(group, _closed())
            raise
        finally:
            self._taken -= Counter(_names(group))
            self._groups.remove(group)

    async def _wait_for(self, of_room: list[Sending]) -> None:
        """Write what is for a room that others hold, when they let go of it."""
        await self._in_hand(of_room, patient=True)
        self._begin()

    async def _written(self, group: list[Sending], *, patient: bool) -> tuple[list[Sending], list[Sending]]:
        """Write a group; when anything is wrong with it, each message alone, so that one does no harm to the others. Those
        whose rights are to be looked at again, and those whose room is held."""
        try:
            return await write_group(self._store, group, patient=patient)
        except Exception as error:
            if len(group) == 1 or isinstance(error, Unavailable | Held):
                _refuse(group, error)
                return [], []
        late, busy = list[Sending](), list[Sending]()
        for sending in group:
            behind = next((them for them in (late, busy) if any(s.topic == sending.topic for s in them)), None)
            if behind is not None:
                behind.append(sending)
            else:
                again, held = await self._written([sending], patient=patient)
                late, busy = late + again, busy + held
        return late, busy

    async def _still_allowed(self, late: Iterable[Sending]) -> list[Sending]:
        """Those to be written after all: rights in their room have changed, their author's have not."""
        looked: dict[tuple[RoomId, UserId], Known | None] = {}
        allowed = []
        for sending in late:
            who = (sending.draft.room.id, sending.draft.author_id)
            try:
                if who not in looked:
                    looked[who] = await self._look(*who)
            except DomainError as error:
                answer(sending, error)
                continue
            known = looked[who]
            sending.tries += 1
            if known is None or sending.tries > TRIES or not same_rights(known.standing, sending.known.standing):
                answer(sending, Raced("Somebody's rights have changed meanwhile."))
            elif sending.again is not None:
                answer(sending, sending.reused)
            else:
                sending.known = known
                allowed.append(sending)
        return allowed

    async def _look(self, room_id: RoomId, author_id: UserId) -> Known | None:
        """What somebody is in a room now; None for one of two who do not speak: a block is none of the rights of anybody."""
        self._store.standings.forget(room_id, author_id)
        async with PostgresSnapshot(self._store, SYSTEM) as db:
            known = await standing_of(db, room_id, author_id)
            if known is None or await blocked_in(db, known.standing.room):
                return None
        self._store.standings.keep(room_id, author_id, known)
        return known


def _agree(of_room: Sequence[Sending]) -> None:
    """Let each author's messages rely on what was seen last, so that none of them overtakes another by being found late."""
    if len({s.known.relied for s in of_room}) == 1:
        return
    newest: dict[UserId, Known] = {}
    for sending in of_room:
        known = newest.setdefault(sending.draft.author_id, sending.known)
        if known.relied < sending.known.relied:
            newest[sending.draft.author_id] = sending.known
    for sending in of_room:
        known = newest[sending.draft.author_id]
        if same_rights(known.standing, sending.known.standing):
            sending.known = known


def _names(group: Sequence[Sending]) -> list[Any]:
    """What others may not have in hand meanwhile: rooms and keys."""
    return [s.topic for s in group] + [s.key for s in group if s.key is not None]


def _start(work: Coroutine[Any, Any, None], among: set["asyncio.Task[None]"]) -> None:
    task = asyncio.get_running_loop().create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)


def _current() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None, "it runs in a task of its own"
    return task


def _closed() -> Unavailable:
    return Unavailable("The store is closed.", code="closed")


def _refuse(group: Iterable[Sending], error: BaseException) -> None:
    for sending in group:
        answer(sending, error)
