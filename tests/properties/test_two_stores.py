"""Two stores on one PostgreSQL, each with what it remembers of rights: neither ever gives an answer that a change which was
acknowledged, by either of them, has made wrong (G6). Against a model of a few sets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import parlour
from parlour.adapters.sql import postgres_group
from parlour.adapters.sql.recorder import Recorder
from parlour.application.kernel.ports import Clock, Passwords, People
from parlour.application.messages import scheduling
from parlour.application.rooms.access import access_room_to_send
from parlour.entrypoints.library.chat import Chat
from parlour.testing.world import QuickPasswords, TickingClock

from .machines import Anybody

pytestmark = [pytest.mark.postgres, pytest.mark.row("RM4", "WS2", "MS1")]
EXAMPLES, STEPS = 10, 20
OWNER, PAIR = "ada", ("dan", "eve")
PEOPLE = ("bob", "cyd", *PAIR)
"""Ada owns workspace and channel and does what is done to others; Dan and Eve have a direct room besides."""
NUMBER = count(1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)
CHANGES = (
    "join", "leave", "kick", "add", "ban", "unban", "mute", "unmute", "raise", "lower", "dismiss", "take in", "appoint",
    "demote", "block", "unblock", "lock", "open", "close", "reopen",
)  # fmt: skip
at, who, what = st.integers(0, 1), st.sampled_from(PEOPLE), st.sampled_from(CHANGES)


@define
class Model:
    """Who is what. A mute and a ban are of a person, whether they are in the channel or not."""

    home: set[str] = field(factory=lambda: set(PEOPLE))
    inside: set[str] = field(factory=lambda: set(PEOPLE))
    muted: set[str] = field(factory=set)
    banned: set[str] = field(factory=set)
    blocking: set[str] = field(factory=set)
    archived: bool = False

    def speaks(self, name: str) -> bool:
        return name in self.home & self.inside and name not in self.muted and not self.archived

    def whispers(self, name: str) -> bool:
        """To the other of the pair."""
        return name in self.home and not self.blocking


class TwoStores(RuleBasedStateMachine):
    """A workspace of this example's own. Every step is done by one of the stores, and what follows is asked of both."""

    def __init__(self, chats: Sequence[Chat], run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__()
        self.chats, self.run, self.model = chats, run, Model()

    @initialize()
    def found(self) -> None:
        number, chat = next(NUMBER), self.chats[0]
        self.actors = {name: chat.actor(parlour.host_id(f"{name} of {number}")) for name in (OWNER, *PEOPLE)}
        self.workspace = self.do(0, OWNER, parlour.CreateWorkspace("Team")).id
        for name in PEOPLE:
            self.do(0, OWNER, parlour.AddWorkspaceMember(self.workspace, self.id(name)))
        public, direct = parlour.RoomKind.PUBLIC_CHANNEL, parlour.RoomKind.DIRECT
        self.room = self.do(0, OWNER, parlour.CreateRoom(public, "square", workspace_id=self.workspace)).id
        self.do(0, OWNER, parlour.AddMembers(self.room, [self.id(name) for name in PEOPLE]))
        asked = parlour.CreateRoom(direct, member_ids=[self.id(PAIR[1])], workspace_id=self.workspace)
        self.direct = self.do(0, PAIR[0], asked).id

    def id(self, name: str) -> parlour.UserId:
        return self.actors[name].known

    def do(self, store: int, name: str, command: Any) -> Any:
        return self.run(self.ask(store, name, command))

    async def ask(self, store: int, name: str, command: Any) -> Any:
        return await self.chats[store].execute(command, self.actors[name])

    @rule(store=at, kind=what, name=who)
    def change(self, store: int, kind: str, name: str) -> None:
        if (found := self._change(kind, name)) is not None:
            by, command = found
            self.do(store, by, command)
            self._changed(kind, name)

    @rule(store=at, kind=what, name=who)
    def change_while_they_talk(self, store: int, kind: str, name: str) -> None:
        """What they say meanwhile may be done or refused; what is remembered of it must do no harm."""
        if (found := self._change(kind, name)) is not None:
            by, command = found
            self.run(self._at_once(store, by, command, name))
            self._changed(kind, name)

    async def _at_once(self, store: int, by: str, command: Any, name: str) -> None:
        async def talk(store: int, room: Any) -> None:
            for _ in range(3):
                try:
                    await self.ask(store, name, parlour.SendMessage(room, "meanwhile"))
                except parlour.DomainError:
                    await asyncio.sleep(0)

        rooms = (self.room, self.direct) if name in PAIR else (self.room,)
        await asyncio.gather(*(talk(n, room) for n in (0, 1) for room in rooms), self._insist(store, by, command))

    async def _insist(self, store: int, by: str, command: Any) -> None:
        while True:
            try:
                await self.ask(store, by, command)
                return
            except parlour.DomainError as error:
                if not error.retryable:
                    raise

    def _change(self, kind: str, name: str) -> tuple[str, Any] | None:
        """By whom and how a change is made; None where it cannot be."""
        m, one, room, home = self.model, self.id(name), self.room, self.workspace
        here = name in m.home and not m.archived
        update, other = parlour.UpdateMember.of, PAIR[name == PAIR[0]]
        moderator, member = parlour.RoomRole.MODERATOR, parlour.RoomRole.MEMBER
        roles = parlour.WorkspaceRole
        possible: dict[str, tuple[bool, str, Any]] = {
            "join": (here and name not in m.banned, name, parlour.JoinRoom(room, "sesame")),
            "leave": (here and name in m.inside, name, parlour.LeaveRoom(room)),
            "kick": (here and name in m.inside, OWNER, parlour.RemoveMembers(room, [one])),
            "add": (here and name not in m.banned, OWNER, parlour.AddMembers(room, [one])),
            "ban": (here, OWNER, parlour.BanMember(room, one)),
            "unban": (here and name in m.banned, OWNER, parlour.UnbanMember(room, one)),
            "mute": (here and name in m.inside, OWNER, update(room_id=room, user_id=one, muted=True)),
            "unmute": (here and name in m.inside, OWNER, update(room_id=room, user_id=one, muted=False)),
            "raise": (here and name in m.inside, OWNER, update(room_id=room, user_id=one, role=moderator)),
            "lower": (here and name in m.inside, OWNER, update(room_id=room, user_id=one, role=member)),
            "dismiss": (here, OWNER, parlour.RemoveWorkspaceMember(home, one)),
            "take in": (not m.archived, OWNER, parlour.AddWorkspaceMember(home, one)),
            "appoint": (here, OWNER, parlour.ChangeWorkspaceRole(home, one, roles.ADMIN)),
            "demote": (here, OWNER, parlour.ChangeWorkspaceRole(home, one, roles.MEMBER)),
            "block": (name in PAIR, name, parlour.BlockUser(self.id(other))),
            "unblock": (name in m.blocking, name, parlour.UnblockUser(self.id(other))),
            "lock": (not m.archived, OWNER, parlour.UpdateRoom.of(room_id=room, password="sesame")),
            "open": (not m.archived, OWNER, parlour.UpdateRoom.of(room_id=room, password=None)),
            "close": (not m.archived, OWNER, parlour.ArchiveRoom(room, True)),
            "reopen": (m.archived, OWNER, parlour.ArchiveRoom(room, False)),
        }
        may, by, command = possible[kind]
        return (by, command) if may else None

    def _changed(self, kind: str, name: str) -> None:
        m = self.model
        match kind:
            case "join" | "add":
                m.inside.add(name)
            case "leave" | "kick":
                m.inside.discard(name)
            case "ban" | "dismiss":
                (m.banned.add if kind == "ban" else m.home.discard)(name)
                m.inside.discard(name)
            case "close" | "reopen":
                m.archived = kind == "close"
            case _:
                sets = {"mute": m.muted, "block": m.blocking, "take in": m.home}
                undone = {"unmute": m.muted, "unblock": m.blocking, "unban": m.banned}
                if kind in sets:
                    sets[kind].add(name)
                if kind in undone:
                    undone[kind].discard(name)

    @invariant()
    def both_know_who_may_say_what(self) -> None:
        if not hasattr(self, "direct"):
            return
        for name in PEOPLE:
            for store in (0, 1):
                if not self.model.speaks(name):  # before a message shows that what is remembered is gone
                    self.check(store, name, parlour.ScheduleMessage(self.room, "hi", FAR), False)
                    self.check(store, name, parlour.ShowTyping(self.room), False)
                self.check(store, name, parlour.SendMessage(self.room, "hi"), self.model.speaks(name))
                if name in PAIR:
                    self.check(store, name, parlour.SendMessage(self.direct, "hi"), self.model.whispers(name))

    def check(self, store: int, name: str, command: Any, expected: bool) -> None:
        code = ""
        try:
            self.do(store, name, command)
        except parlour.DomainError as error:
            code = error.code
        assert (not code) == expected, f"by store {store}: {code or 'done'}: {name}: {command}, and {self.model}"


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[list[Chat]]:
    given: dict[type, Any] = {Clock: TickingClock(), People: Anybody(), Passwords: QuickPasswords()}
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(parlour.open(url, given=given)) for _ in range(2)]


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@contextmanager
def _two(url: str) -> Iterator[tuple[list[Chat], Run]]:
    with asyncio.Runner() as runner:
        opening = _opened(url)
        try:
            yield runner.run(opening.__aenter__()), runner.run
        finally:
            runner.run(opening.__aexit__(None, None, None))


def test_neither_store_answers_by_rights_that_are_gone(emptied_url: str) -> None:
    some = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    with _two(emptied_url) as (chats, run):
        run_state_machine_as_test(
            lambda: TwoStores(chats, run),  # type: ignore[arg-type]
            settings=settings(some, max_examples=EXAMPLES, stateful_step_count=STEPS),
        )


def versions_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    right = postgres_group.SQL.advance
    asked = "and a.held_version = a.access_version and a.shared_version = a.workspace_version"
    assert asked in right.postgres
    patch.setitem(vars(postgres_group.SQL), "advance", evolve(right, postgres=right.postgres.replace(asked, "")))


def rights_have_no_versions(patch: pytest.MonkeyPatch) -> None:
    right = Recorder.place

    def place(self: Recorder, *given: Any, **more: Any) -> Any:
        return right(self, *given, **{**more, "rights": False})

    patch.setattr(Recorder, "place", place)


def blocks_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(postgres_group, "_pair", lambda sending: {})


def what_is_remembered_is_good_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scheduling, "access_room_to_write", access_room_to_send)


Changes = list[tuple[int, str, str]]
KICKED: Changes = [(0, "kick", "bob")]
BLOCKED: Changes = [(0, "block", "dan")]
PLANTS: list[tuple[Callable[[pytest.MonkeyPatch], None], Changes]] = [
    (versions_are_not_looked_at, KICKED),
    (rights_have_no_versions, KICKED),
    (blocks_are_not_looked_at, BLOCKED),
    (what_is_remembered_is_good_enough, KICKED),
]


def _played(url: str, changes: Changes) -> None:
    with _two(url) as (chats, run):
        machine = TwoStores(chats, run)
        machine.found()
        machine.both_know_who_may_say_what()
        for change in changes:
            machine.change(*change)
            machine.both_know_who_may_say_what()


@pytest.mark.parametrize("plant, changes", PLANTS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    changes: Changes,
    emptied_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _played(emptied_url, changes)
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=r"by store [01]: done"):
        _played(emptied_url, changes)
