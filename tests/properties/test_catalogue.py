"""Every command of the catalogue has a generator, and what it draws is accepted by the codec; every event is folded."""

from typing import Any

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.application.identity.views import MeView
from parlour.application.kernel.catalogue import Catalogue, Command, Feature, use_case
from parlour.application.kernel.page import PositionView
from parlour.config.features import CORE
from parlour.domain.identity.events import EmailProven
from parlour.domain.identity.user import UserState
from parlour.domain.kernel.event import Event, event_class, event_classes
from parlour.testing.folds import UserFold
from parlour.testing.strategies import COMMANDS, NOON, USERS, commands
from parlour.testing.unfolded import NOT_FOLDED, unfolded
from parlour.testing.unscripted import NOT_GENERATED

CODEC = MsgspecCodec()
FEATURES = [module.feature for module in CORE]


def without_generator(features: list[Feature]) -> list[str]:
    entries = [u for u in Catalogue(features) if u.is_command]
    return [u.name for u in entries if u.input not in COMMANDS and u.name not in NOT_GENERATED]


@frozen
class RingTheBell(Command[bool]):
    """A command that nobody wrote a generator for."""


async def ring_the_bell(command: RingTheBell) -> bool:
    return True


def test_every_command_has_a_generator_or_a_reason_not_to() -> None:
    assert without_generator(FEATURES) == []


def test_a_command_without_a_generator_is_found() -> None:
    assert without_generator([*FEATURES, Feature("bells", use_cases=(use_case(ring_the_bell),))]) == ["ring_the_bell"]


def test_reasons_are_given_for_commands_that_exist() -> None:
    catalogue = Catalogue(FEATURES)
    assert all(catalogue.get(name) is not None and reason for name, reason in NOT_GENERATED.items())
    assert not any(catalogue.of(kind).name in NOT_GENERATED for kind in COMMANDS)


@pytest.mark.row("DX7")
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(commands())
def test_what_the_generators_draw_is_well_formed_and_survives_the_wire(command: Command[Any]) -> None:
    checked = CODEC.check(command)
    assert checked == command
    sent = CODEC.parse(CODEC.encode(command))
    fields = sent.pop("fields", None)
    if fields is not None:
        sent = {name: value for name, value in sent.items() if name in set(fields)}
    assert CODEC.build(type(command), sent) == command


def own_events() -> list[type[Event]]:
    """The events of parlour itself, not those that other tests make."""
    return [kind for kind in event_classes() if kind.__module__.startswith("parlour.domain.")]


def test_every_event_is_folded_or_there_is_a_reason_not_to() -> None:
    assert unfolded(own_events()) == sorted(NOT_FOLDED)
    assert all(event_class(name) is not None and reason for name, reason in NOT_FOLDED.items())


def test_an_event_that_is_not_folded_is_found() -> None:
    class BellRang(Event):
        tag, revision = "bell_rang", 1

    assert unfolded([BellRang, EmailProven]) == ["bell_rang"]


def test_an_address_that_is_proven_is_so_in_the_profile() -> None:
    me = MeView(
        USERS[0], "ann", "Ann", None, UserState.ACTIVE, None, NOON, NOON, "ann@example.org", email_proven=False,
        permissions=[], workspace_id=None,
    )  # fmt: skip
    fold = UserFold(PositionView("epoch", 1), me, {}, set())
    fold.apply(2, EmailProven(USERS[0]))
    assert fold.me is not None
    assert fold.me.email_proven
