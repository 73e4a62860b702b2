"""The flagship property (G2, G4, G5, G11), and planted faults that turn it red."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

import parlour
from parlour.adapters.sql.recorder import Recorder
from parlour.application.messages import commands as messages
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendMessage
from parlour.application.messages.scheduling import CancelScheduled, ChangeScheduled, ScheduleMessage
from parlour.application.rooms.commands import ArchiveRoom
from parlour.application.rooms.members import RemoveMembers
from parlour.application.workspaces.commands import AddWorkspaceMember, RemoveWorkspaceMember
from parlour.domain.kernel.ids import ScheduledId
from parlour.domain.messages.events import MessageDeleted, MessageEdited
from parlour.domain.messages.scheduled_events import (
    MessageScheduled,
    ScheduledCancelled,
    ScheduledChanged,
    ScheduledFailed,
    ScheduledSent,
)
from parlour.domain.rooms.events import MemberJoined, MemberLeft
from parlour.domain.rooms.own_events import ReadMarked
from parlour.entrypoints.library.chat import Chat
from parlour.entrypoints.realtime.followers import Follower
from parlour.entrypoints.realtime.hub import Hub
from parlour.testing.flagship import Stage, play
from parlour.testing.folds import RoomFold, UserFold
from parlour.testing.scheduled_fold import ScheduledFold
from parlour.testing.scripts import (
    KNOWN,
    Act,
    Away,
    Compare,
    Cut,
    Due,
    Follow,
    Resume,
    Retain,
    Step,
    Together,
    acts,
    scripts,
)
from parlour.testing.strategies import NOON, USERS, stand_in

from ..engines import empty, on_sqlite

ROOM, PRIVATE = KNOWN.rooms[0], KNOWN.rooms[2]
SOME = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
SAY = [Act("alice", SendMessage(ROOM, word)) for word in "abc"]


Played = Callable[..., Stage]
EXAMPLES = {"sqlite": 150, "postgres": 30}


@pytest.fixture
def played(engine: str, request: pytest.FixtureRequest) -> Played:
    """Plays a script on an empty store: `played(script, patience=0.3)`."""
    url = "sqlite:///:memory:" if engine == "sqlite" else request.getfixturevalue("emptied_url")

    @asynccontextmanager
    async def opened(path: str, **parts: Any) -> AsyncIterator[Chat]:
        if engine == "postgres":
            empty(*request.getfixturevalue("reused"))
        async with parlour.open(url, **parts) as chat:
            yield chat

    return lambda script, **how: asyncio.run(play(opened, script, **how))


@pytest.mark.row("MS3", "MS4", "RM4", "RT3", "RT4", "WS4")
def test_a_client_that_folds_events_into_its_snapshot_equals_a_fresh_query(played: Played, engine: str) -> None:
    @settings(SOME, max_examples=EXAMPLES[engine])
    @given(scripts())
    def flagship(script: list[Step]) -> None:
        played(script)

    flagship()


TEAM = KNOWN.workspaces[0]
WAITING = tuple(ScheduledId(stand_in(8, n)) for n in range(3))
SCHEDULED = [
    Follow("alice", USERS[0]),
    Follow("bob", USERS[1]),
    Act("alice", ScheduleMessage(ROOM, "in an hour", NOON + timedelta(hours=1))),
    Act("alice", ScheduleMessage(PRIVATE, "in a day", NOON + timedelta(hours=24))),
    Act("alice", ScheduleMessage(ROOM, "not at all", NOON + timedelta(hours=2))),
    Compare(),
    Cut(0),
    Act("alice", ChangeScheduled(WAITING[0], "in other words", None, frozenset({"content"}))),
    Act("alice", CancelScheduled(WAITING[2])),
    Resume(0),
    Compare(),
    Due(),
    Act("bob", ArchiveRoom(PRIVATE)),
    Compare(),
    Due(),
    Due(),
    Compare(),
]
"""Something is said later, and something cannot be."""
BACK = [
    Follow("bob", USERS[1]),
    Act("bob", ScheduleMessage(ROOM, "later", NOON + timedelta(hours=1))),
    Act("alice", RemoveWorkspaceMember(TEAM, USERS[1])),
    Compare(),
    Act("alice", AddWorkspaceMember(TEAM, USERS[1])),
    Compare(),
    Due(),
    Compare(),
]
COMING = [Follow("bob", ROOM), Follow("alice", KNOWN.workspaces[0]), Follow("bob", USERS[1])]


@pytest.mark.row("RT4")
@pytest.mark.parametrize(
    "script",
    [
        SCHEDULED,
        BACK,
        [*COMING, Away([0], SAY, retain=True), Compare()],
        [*COMING, Cut(0), *SAY, Retain(), Resume(0, 3), Resume(0), SAY[0], Compare()],
        [*COMING, Cut(0), Together(SAY), Act("alice", EditMessage(KNOWN.messages[4], "z")), Resume(0), Compare()],
        [*COMING, Away([0], [SAY[0], Act("alice", DeleteMessage(KNOWN.messages[4]))]), Compare()],
        [Follow("bob", PRIVATE), Cut(0), Act("bob", RemoveMembers(PRIVATE, [USERS[0]])), Resume(0), Compare()],
    ],
    ids=["scheduled", "out and in again", "retention", "flapping", "edit", "delete", "removal"],
)
def test_scripts_that_must_work_whatever_chance_brings(played: Played, script: list[Step]) -> None:
    played(script)


def test_a_client_whose_position_is_gone_is_told_and_loads_anew(played: Played) -> None:
    stage = played([Follow("bob", ROOM), Away([0], SAY, retain=True), Compare()])
    (client,) = stage.clients.values()
    assert client.loads == 2


# --- planted faults ---------------------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def hub_that_skips(patch: pytest.MonkeyPatch) -> None:
    def show(self: Follower, offset: int, frame: str) -> bool:
        if offset > self.cursor and not self.over:
            self.cursor = offset
            if offset % 7:
                self.sink.show(frame)
        return True

    patch.setattr(Follower, "show", show)


def hub_that_repeats(patch: pytest.MonkeyPatch) -> None:
    right = Follower.show

    def show(self: Follower, offset: int, frame: str) -> bool:
        if offset == self.cursor + 1 and offset % 7 == 0 and not self.over:
            self.sink.show(frame)
        return right(self, offset, frame)

    patch.setattr(Follower, "show", show)


def hub_that_never_looks_again(patch: pytest.MonkeyPatch) -> None:
    async def look(self: Hub, followers: list[Follower]) -> None: ...

    patch.setattr(Hub, "_look_again", look)


def fold_that_forgets_who_left(patch: pytest.MonkeyPatch) -> None:
    right = RoomFold.apply

    def apply(self: RoomFold, offset: int, event: Any) -> None:
        if not isinstance(event, MemberLeft):
            right(self, offset, event)

    patch.setattr(RoomFold, "apply", apply)


def fold_that_forgets_what_was_read(patch: pytest.MonkeyPatch) -> None:
    right = UserFold.apply

    def apply(self: UserFold, offset: int, event: Any) -> None:
        if not isinstance(event, ReadMarked):
            right(self, offset, event)

    patch.setattr(UserFold, "apply", apply)


def fold_that_forgets(kind: type[Any]) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        right = ScheduledFold.apply

        def apply(self: ScheduledFold, offset: int, event: Any) -> None:
            if type(event) is not kind:
                right(self, offset, event)

        patch.setattr(ScheduledFold, "apply", apply)

    return plant


def recorder_that_forgets(patch: pytest.MonkeyPatch) -> None:
    right = Recorder.place

    def add(self: Recorder, stream: Any, event: Any) -> Any:
        if isinstance(event, MessageDeleted):
            return None

        async def write(place: Any) -> Any:
            return event

        return right(self, stream, write, numbered=False)

    patch.setattr(Recorder, "add", add)


def recorder_that_counts_what_is_no_message(patch: pytest.MonkeyPatch) -> None:
    right = Recorder.place

    def add(self: Recorder, stream: Any, event: Any) -> Any:
        async def write(place: Any) -> Any:
            return event

        return right(self, stream, write, numbered=isinstance(event, MemberJoined))

    patch.setattr(Recorder, "add", add)


def log_that_keeps_old_words(patch: pytest.MonkeyPatch) -> None:
    async def overwrite(*_: Any) -> None: ...

    patch.setattr(messages, "_overwrite", overwrite)


def events_that_tell_other_words(patch: pytest.MonkeyPatch) -> None:
    right = MessageEdited

    def edited(message_id: Any, content: str, at: Any) -> Any:
        return evolve(right(message_id, content, at), content=content + "!")

    patch.setattr(messages, "MessageEdited", edited)


FAULTS: list[Plant] = [
    hub_that_skips,
    hub_that_repeats,
    hub_that_never_looks_again,
    fold_that_forgets_who_left,
    fold_that_forgets_what_was_read,
    recorder_that_forgets,
    recorder_that_counts_what_is_no_message,
    log_that_keeps_old_words,
    events_that_tell_other_words,
]


@on_sqlite
@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(plant: Plant, played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    @seed(1)
    @settings(SOME, max_examples=1000, phases=[Phase.generate])
    @given(scripts())
    def flagship(script: list[Step]) -> None:
        played(script, patience=0.3)

    with pytest.raises((AssertionError, ExceptionGroup)):
        flagship()


@on_sqlite
@pytest.mark.parametrize(
    "kind, script",
    [
        (MessageScheduled, SCHEDULED),
        (ScheduledChanged, SCHEDULED),
        (ScheduledCancelled, SCHEDULED),
        (ScheduledSent, SCHEDULED),
        (ScheduledFailed, SCHEDULED),
        (MessageScheduled, BACK),
    ],
)
def test_an_event_about_what_is_said_later_that_is_forgotten_is_found(
    kind: type[Any], script: list[Step], played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold_that_forgets(kind)(monkeypatch)
    with pytest.raises(AssertionError):
        played(script)


@on_sqlite
def test_what_is_found_shrinks_to_something_readable(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder_that_forgets(monkeypatch)

    def broken(script: list[Step]) -> bool:
        try:
            played([Follow("alice", ROOM), *script])
        except AssertionError:
            return True
        return False

    short = st.lists(acts(), max_size=8)
    (small,) = find(short, broken, settings=settings(SOME, max_examples=300), random=Random(1))
    assert isinstance(small, Act)
    assert isinstance(small.command, DeleteMessage)
