"""A channel with all that keeps order in it, against the plain model; and planted faults that turn it red."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import parlour
from parlour.application.kernel import authorizer
from parlour.application.rooms import moderation
from parlour.domain.rooms.moderation import RoomBan
from parlour.domain.rooms.room import RoomMember
from parlour.entrypoints.library.chat import Chat
from parlour.testing.room_machine import RoomMachine

from ..engines import empty, on_sqlite

EXAMPLES = {"sqlite": 40, "postgres": 8}
SOME = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, stateful_step_count=30)

Machine = type[RoomMachine]


@pytest.fixture
def machine(engine: str, request: pytest.FixtureRequest) -> Machine:
    url = ":memory:" if engine == "sqlite" else request.getfixturevalue("emptied_url")

    @asynccontextmanager
    async def opened(given: dict[type, Any]) -> AsyncIterator[Chat]:
        if engine == "postgres":
            empty(*request.getfixturevalue("reused"))
        async with parlour.open(url, given=given) as chat:
            yield chat

    class Here(RoomMachine):
        open_chat = staticmethod(opened)

    return Here


@pytest.mark.row("RM2", "RM4", "DX7")
def test_whatever_is_done_in_a_channel_is_done_exactly_when_it_may_be(machine: Machine, engine: str) -> None:
    run_state_machine_as_test(machine, settings=settings(SOME, max_examples=EXAMPLES[engine]))


Plant = Callable[[pytest.MonkeyPatch], None]


def nobody_is_muted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RoomMember, "silent", lambda self, now: False)


def a_mute_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RoomMember, "silent", lambda self, now: self.muted)


def a_ban_is_forgotten_when_members_are_added(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RoomBan, "holds", lambda self, now: False)


def equals_moderate_each_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moderation, "check_outranks", lambda by, over: None)


def a_password_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    right = authorizer._passing_by

    def passing_by(permission: Any, facts: Any) -> Any:
        return right(permission, evolve(facts, locked=False))

    patch.setattr(authorizer, "_passing_by", passing_by)


PLANTS: list[Plant] = [
    nobody_is_muted,
    a_mute_never_ends,
    a_ban_is_forgotten_when_members_are_added,
    equals_moderate_each_other,
    a_password_is_not_asked_for,
]


@on_sqlite
@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: p.__name__)
def test_a_planted_fault_is_found(plant: Plant, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    some = settings(SOME, max_examples=200, phases=[Phase.generate])
    with pytest.raises((AssertionError, KeyError)):
        run_state_machine_as_test(machine, settings=some)
