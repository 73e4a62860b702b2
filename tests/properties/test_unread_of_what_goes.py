"""Read marks and what is unread while messages go by retention, against a model that keeps for everybody the set of messages
they have not read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import parlour
from parlour.application.kernel.actor import Actor
from parlour.application.kernel.ports import Clock, Leadership, People
from parlour.application.messages.views import MessageView
from parlour.domain.kernel.ids import MessageId, RoomId, WorkspaceId
from parlour.entrypoints.library.chat import Chat
from parlour.testing.asking import Ask, whole
from parlour.testing.world import UPKEEP, ExpireNow, NoLeader, TickingClock

from .machines import Anybody, run_machine
from .unread_machine import DOCTOR, Look

pytestmark = pytest.mark.row("RM5")
EXAMPLES = {"sqlite": 40, "postgres": 8}
CAST = [f"person {n}" for n in range(4)]
NUMBER = count(1)
CLOCK = TickingClock()
people, where, which = st.sampled_from(CAST), st.integers(0, 1), st.integers(0, 30)


class Reading(RuleBasedStateMachine):
    """Everybody in two public channels of a workspace of this example's own. The first owns them, and stays."""

    def __init__(self, chat: Chat, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__()
        self.chat, self.run = chat, run
        self.actors: dict[str, Actor] = {}
        self.workspace: WorkspaceId
        self.rooms: list[RoomId] = []
        self.said: list[list[MessageView]] = [[], []]
        self.unread: list[dict[str, set[int]]] = [{}, {}]
        self.deleted: set[MessageId] = set()
        self.there: list[list[set[str]]] = [[], []]
        self.gone = [0, 0]

    def do(self, who: str, message: Any) -> Any:
        return self.run(self.chat.execute(message, self.actors[who]))

    @initialize()
    def a_workspace(self) -> None:
        number = next(NUMBER)
        self.actors = {name: self.chat.actor(parlour.host_id(f"{name} of {number}")) for name in CAST}
        self.workspace = self.do(CAST[0], parlour.CreateWorkspace("Team")).id
        for name in CAST[1:]:
            self.do(CAST[0], parlour.AddWorkspaceMember(self.workspace, self.actors[name].known))
        for n in range(2):
            asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, f"room {n}", workspace_id=self.workspace)
            self.rooms.append(self.do(CAST[0], asked).id)
            self.do(CAST[0], parlour.SetRoomRetention(self.rooms[n], 1))
            self.unread[n][CAST[0]] = set()
            for name in CAST[1:-1]:
                self.join(name, n)

    @rule(who=people, n=where)
    def join(self, who: str, n: int) -> None:
        self.do(who, parlour.JoinRoom(self.rooms[n]))
        self.unread[n].setdefault(who, set())

    @rule(who=st.sampled_from(CAST[1:]), n=where)
    def leave(self, who: str, n: int) -> None:
        if self.unread[n].pop(who, None) is not None:
            self.do(who, parlour.LeaveRoom(self.rooms[n]))
            for there in self.there[n]:
                there.discard(who)

    @rule(who=people, n=where, times=st.integers(1, 4))
    def send(self, who: str, n: int, times: int) -> None:
        for _ in range(times if who in self.unread[n] else 0):
            self._sent(n, self.do(who, parlour.SendMessage(self.rooms[n], "hi")))

    def _sent(self, n: int, message: MessageView) -> None:
        self.said[n].append(message)
        self.there[n].append(set(self.unread[n]))
        for unread in self.unread[n].values():
            unread.add(message.number or 0)

    @rule(n=where, at=which)
    def delete(self, n: int, at: int) -> None:
        if self.said[n]:
            message = self.said[n][at % len(self.said[n])]
            if message.id not in self.deleted:
                self.do(CAST[0], parlour.DeleteMessage(message.id))
                self.deleted.add(message.id)

    @rule(who=people, n=where, at=which, by_id=st.booleans())
    def read(self, who: str, n: int, at: int, by_id: bool) -> None:
        if who not in self.unread[n] or not self.said[n]:
            return
        message = self.said[n][at % len(self.said[n])]
        named: dict[str, Any] = {"message_id": message.id} if by_id else {"number": message.number}
        answer = self.do(who, parlour.MarkRead(self.rooms[n], **named))
        self._read(n, who, message.number or 0)
        assert answer.unread == len(self.unread[n][who])

    def _read(self, n: int, who: str, number: int) -> None:
        self.unread[n][who] = {u for u in self.unread[n][who] if u > number}

    @rule(who=people, n=where)
    def read_all(self, who: str, n: int) -> None:
        if who in self.unread[n]:
            assert self.do(who, parlour.MarkRead(self.rooms[n])).unread == 0
            self.unread[n][who] = set()

    @rule(who=people, n=where, at=which)
    def unread_from(self, who: str, n: int, at: int) -> None:
        if who not in self.unread[n] or not self.said[n]:
            return
        number = self.said[n][at % len(self.said[n])].number or 0
        self.do(who, parlour.MarkUnread(self.rooms[n], number))
        self.unread[n][who] |= {m.number or 0 for m in self.said[n] if (m.number or 0) >= number}

    @rule(who=people, n=where)
    def past_the_head(self, who: str, n: int) -> None:
        if who in self.unread[n]:
            for kind in (parlour.MarkRead, parlour.MarkUnread):
                with pytest.raises(parlour.DomainError):
                    self.do(who, kind(self.rooms[n], self.gone[n] + len(self.said[n]) + 1))

    @rule(n=where, hours=st.sampled_from([0, 13, 26]))
    def go(self, n: int, hours: int) -> None:
        """What is older than a day goes, and nobody has it to read any more."""
        CLOCK.advance(timedelta(hours=hours))
        self.run(self.chat.execute(ExpireNow(self.rooms[n]), self.chat.system))
        before = CLOCK.now() - timedelta(days=1)
        old = sum(message.created_at < before for message in self.said[n])
        self.gone[n] += old
        del self.said[n][:old], self.there[n][:old]
        for unread in self.unread[n].values():
            unread.difference_update(range(self.gone[n] + 1))

    @precondition(lambda self: any(self.said))
    @rule(n=where, marks=st.lists(st.tuples(people, which), max_size=6))
    def together(self, n: int, marks: list[tuple[str, int]]) -> None:
        """Several devices mark while somebody sends: the furthest mark of each counts."""
        reading = [
            (who, self.gone[n] + at % len(self.said[n]) + 1)
            for who, at in marks
            if who in self.unread[n] and self.said[n]
        ]

        async def at_once() -> list[Any]:
            asked = [(self.actors[who], parlour.MarkRead(self.rooms[n], number)) for who, number in reading]
            sent = self.chat.execute(parlour.SendMessage(self.rooms[n], "hi"), self.actors[CAST[0]])
            return await asyncio.gather(sent, *(self.chat.execute(command, actor) for actor, command in asked))

        self._sent(n, self.run(at_once())[0])
        for who, number in reading:
            self._read(n, who, number)

    @invariant()
    def everybody_is_shown_what_they_have_not_read(self) -> None:
        for who in self.actors:
            self.run(self._check(who))

    async def _check(self, who: str) -> None:
        expected = {self.rooms[n]: len(u[who]) for n, u in enumerate(self.unread) if who in u}
        ask = Ask(self.chat.execute, self.actors[who])
        listed, _ = await whole(ask, parlour.ListRooms(self.workspace))
        assert {r.id: r.unread for r in listed} == expected
        total = await ask(parlour.GetUnread(self.workspace))
        behind = {room: unread for room, unread in expected.items() if unread}
        assert (total.rooms, total.unread) == (len(behind), sum(behind.values()))
        pages, _ = await whole(ask, parlour.ListUnread(self.workspace, limit=1))
        assert {r.room_id: r.unread for r in pages} == behind
        for n, room_id in enumerate(self.rooms):
            shown = await ask(parlour.GetRoom(room_id))
            assert shown.unread == expected.get(room_id)
            marked = [m for m in self.said[n] if m.number == shown.read_number]
            assert shown.gone_to == self.gone[n]
            if shown.read_number is not None and shown.read_number > shown.gone_to:
                assert shown.read_offset == marked[0].offset

    @invariant()
    def it_is_known_who_has_read_what(self) -> None:
        for n, said in enumerate(self.said):
            for message, there in list(zip(said, self.there[n], strict=True))[-3:]:
                page = self.do(CAST[0], parlour.ListReaders(message.id))
                read = {self.actors[w].known for w in there if message.number not in self.unread[n][w]}
                assert {r.user_id for r in page.items} == read - {message.author_id}

    def teardown(self) -> None:
        assert self.run(self.chat.execute(Look(), self.chat.system)) == []


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Chat]:
    given: dict[type, Any] = {Clock: CLOCK, People: Anybody(), Leadership: NoLeader()}
    async with parlour.open(url, given=given, modules=[DOCTOR, UPKEEP]) as chat:
        yield chat


def _run(url: str, examples: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    run_machine(Reading, _opened(url), examples, phases)


def test_what_is_unread_is_what_was_not_read(engine: str, database_url: str) -> None:
    _run(database_url, EXAMPLES[engine])


def _who_counts_what_is_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("parlour.adapters.sql.own_rooms.unread", lambda head, mark, gone_to: head - mark.number)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("plant", [_who_counts_what_is_gone], ids=lambda p: p.__name__)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], engine: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        _run(database_url, 200, [Phase.generate])
