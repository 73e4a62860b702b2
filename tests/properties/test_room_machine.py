"""A channel with all that keeps order in it, against the plain model; and planted faults that turn it red."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

import parlour
from parlour.application.kernel import authorizer
from parlour.application.rooms import moderation
from parlour.domain.rooms.moderation import RoomBan
from parlour.domain.rooms.room import RoomMember, RoomRole
from parlour.entrypoints.library.chat import Chat
from parlour.testing.room_machine import RoomMachine

from ..engines import empty, on_sqlite

HOUR = timedelta(hours=1)
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


Script = Callable[[RoomMachine], None]


def muted(machine: RoomMachine) -> None:
    machine.join("dan", None)
    machine.mute("cyd", "dan", HOUR)


def muted_for_an_hour(machine: RoomMachine) -> None:
    muted(machine)
    machine.time_passes(2)


def banned(machine: RoomMachine) -> None:
    machine.ban("cyd", "dan", None)
    machine.add("cyd", "dan")


def two_moderators(machine: RoomMachine) -> None:
    for name in ("dan", "eve"):
        machine.join(name, None)
        machine.give_role("cyd", name, RoomRole.MODERATOR)
    machine.mute("dan", "eve", None)


def locked(machine: RoomMachine) -> None:
    machine.lock("cyd", "sesame")


PLANTS: list[tuple[Plant, Script]] = [
    (nobody_is_muted, muted),
    (a_mute_never_ends, muted_for_an_hour),
    (a_ban_is_forgotten_when_members_are_added, banned),
    (equals_moderate_each_other, two_moderators),
    (a_password_is_not_asked_for, locked),
]


def played(kind: Machine, script: Script) -> None:
    machine = kind()
    try:
        machine.found(True)
        script(machine)
        machine.everybody_is_shown_what_is_so()
    finally:
        machine.teardown()


@on_sqlite
@pytest.mark.parametrize("plant, script", PLANTS, ids=lambda part: part.__name__)
def test_a_planted_fault_is_found(
    plant: Plant, script: Script, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(machine, script)
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        played(machine, script)
