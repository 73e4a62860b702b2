"""Every command of the catalogue has a generator, and what it draws is accepted by the codec."""

from typing import Any

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.application.kernel.catalogue import Catalogue, Command, Feature, use_case
from parlour.config.features import CORE
from parlour.testing.strategies import COMMANDS, commands
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
