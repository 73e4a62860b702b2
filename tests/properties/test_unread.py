"""Read marks and what is unread, against a model that keeps for everybody the set of messages they have not read."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import Phase

import parlour
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.own_rooms import SqlOwnRooms
from parlour.application.kernel.ports import Clock, People
from parlour.application.messages.saying import Saying
from parlour.application.presence.store import PresenceStore
from parlour.domain.kernel.ids import UserId
from parlour.domain.messages.message import Message
from parlour.domain.rooms.own import OwnRoom, ReadMark
from parlour.entrypoints.library.chat import Chat
from parlour.testing.world import TickingClock

from .machines import Anybody, run_machine
from .unread_machine import DOCTOR, PRESENT, Reading

pytestmark = pytest.mark.row("RM5")
EXAMPLES = {"sqlite": 80, "postgres": 15}


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Chat]:
    given: dict[type, Any] = {Clock: TickingClock(), People: Anybody(), PresenceStore: PRESENT}
    async with parlour.open(url, given=given, modules=[DOCTOR]) as chat:
        yield chat


def _run(url: str, examples: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    run_machine(Reading, _opened(url), examples, phases)


def test_what_is_unread_is_what_was_not_read(engine: str, database_url: str) -> None:
    _run(database_url, EXAMPLES[engine])


def _that_reads_one_more(patch: pytest.MonkeyPatch) -> None:
    right = SqlOwnRooms.move_mark

    async def move_mark(self: SqlOwnRooms, own: OwnRoom, number: int) -> ReadMark:
        return await right(self, own, number + (number == 3))

    patch.setattr(SqlOwnRooms, "move_mark", move_mark)


def _whose_last_mark_counts(patch: pytest.MonkeyPatch) -> None:
    """Going back by reading."""
    patch.setattr("parlour.application.rooms.reading.read_to", lambda mark, head, number: number or head)


def _whose_mentions_stay_when_they_are_gone(patch: pytest.MonkeyPatch) -> None:
    async def uncall(*_: Any) -> None: ...

    patch.setattr(SqlMessages, "uncall", uncall)


def _whose_here_calls_all(patch: pytest.MonkeyPatch) -> None:
    async def online(self: Saying, user_ids: Sequence[UserId]) -> list[UserId]:
        return list(user_ids)

    patch.setattr(Saying, "_online", online)


def _whose_replies_are_all_unread(patch: pytest.MonkeyPatch) -> None:
    right = SqlMessages.replies_after

    async def replies_after(self: SqlMessages, first: Message, number: int, user_id: UserId) -> int:
        return await right(self, first, first.number, user_id)

    patch.setattr(SqlMessages, "replies_after", replies_after)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "plant",
    [
        _that_reads_one_more, _whose_last_mark_counts, _whose_mentions_stay_when_they_are_gone, _whose_here_calls_all,
        _whose_replies_are_all_unread,
    ],
    ids=lambda p: p.__name__,
)  # fmt: skip
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], engine: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        _run(database_url, 2000, [Phase.generate])  # ends with the first that fails
