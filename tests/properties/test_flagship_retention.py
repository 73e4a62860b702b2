"""The flagship property where messages go that are older than a rule, and planted faults that turn it red."""

from typing import Any

import pytest

from parlour.adapters.sql.expiry import SqlExpiry
from parlour.application.kernel.catalogue import Command
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.retention import SetRoomRetention
from parlour.application.workspaces.retention import SetWorkspaceRetention
from parlour.domain.rooms.events import HistoryCut
from parlour.testing.folds import RoomFold
from parlour.testing.scripts import KNOWN, Act, Compare, Cut, Expire, Follow, Resume, Step
from parlour.testing.strategies import USERS

from ..engines import on_sqlite
from .test_flagship import ROOM, SAY, Plant, Played, played

__all__ = ["played"]

LONG_AGO: list[Step] = [
    *(Follow("bob", ROOM), Follow("alice", USERS[0]), Follow("bob", KNOWN.workspaces[0])),
    Act("alice", SendMessage(ROOM, "an answer", reply_to=KNOWN.messages[0])),
    Act("bob", SendMessage(ROOM, "another @alice", reply_to=KNOWN.messages[0])),
    Expire(ROOM, 2),
    Act("alice", SendMessage(ROOM, "what a word", quote=KNOWN.messages[0])),
]
RULES: list[Command[Any]] = [SetRoomRetention(ROOM, 1), SetWorkspaceRetention(KNOWN.workspaces[0], None, True)]
EXPIRING: list[Step] = [*LONG_AGO, *(Act("alice", rule) for rule in RULES), Expire(ROOM, 0)]
GONE: dict[str, tuple[int, list[Step]]] = {
    "gone": (3, [*EXPIRING, Compare()]),
    "gone, and said again": (3, [*EXPIRING, *SAY, Compare()]),
    "gone meanwhile": (3, [*EXPIRING[:3], Cut(0), Cut(1), *EXPIRING[3:], *SAY, Resume(0), Resume(1), Compare()]),
    "kept": (0, [*LONG_AGO, Expire(ROOM, 9), Compare()]),
}


@pytest.mark.row("MS8")
@pytest.mark.parametrize("gone_to, script", GONE.values(), ids=GONE)
def test_what_is_older_than_the_rule_is_gone_for_whoever_follows(
    played: Played, gone_to: int, script: list[Step]
) -> None:
    (fold,) = [c.fold for c in played(script).clients.values() if isinstance(c.fold, RoomFold)]
    assert fold.room.gone_to == gone_to


# --- planted faults ---------------------------------------------------------------------------------------------------


def fold_that_keeps_what_is_gone(patch: pytest.MonkeyPatch) -> None:
    right = RoomFold.apply

    def apply(self: RoomFold, offset: int, event: Any) -> None:
        if not isinstance(event, HistoryCut):
            right(self, offset, event)

    patch.setattr(RoomFold, "apply", apply)


def fold_that_keeps_quotes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("parlour.testing.folds.unquoted", lambda message: message)


def expiry_that_tells_no_follower(patch: pytest.MonkeyPatch) -> None:
    right = SqlExpiry.let_go

    async def let_go(self: SqlExpiry, *given: Any) -> list[Any]:
        await right(self, *given)
        return []

    patch.setattr(SqlExpiry, "let_go", let_go)


@on_sqlite
@pytest.mark.parametrize("plant", [fold_that_keeps_what_is_gone, fold_that_keeps_quotes, expiry_that_tells_no_follower])
def test_a_planted_fault_of_retention_is_found(plant: Plant, played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        played([*EXPIRING, Compare()])
