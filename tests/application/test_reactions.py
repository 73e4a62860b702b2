"""What follows from events: in the unit, everywhere, and durably."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from parlour.application.identity.commands import SignUp
from parlour.application.kernel.actor import STRANGER
from parlour.application.kernel.catalogue import Feature, durable, everywhere, in_unit
from parlour.application.kernel.uow import LoggedEvent, UnitOfWork
from parlour.application.workspaces.queries import ListWorkspaces
from parlour.config.features import Module
from parlour.domain.kernel.errors import Conflict
from parlour.domain.kernel.streams import Stream

from ..aside import SQL
from .desk import ALICE, Noted, Office, office


@define
class Witness:
    """What the reactions saw; each may be told to fail."""

    in_unit: list[str] = field(factory=list)
    everywhere: list[str] = field(factory=list)
    durable: list[str] = field(factory=list)
    effects: list[str] = field(factory=list)
    refuse: bool = False
    break_down: bool = False
    failures: int = 0
    group: str = "counting"


async def when_noted_check_it(event: Noted, stream: Stream, uow: UnitOfWork, witness: Witness) -> None:
    witness.in_unit.append(f"{event.word} in {stream.topic.kind}")
    if witness.refuse:
        raise Conflict("Not this word.", code="refused_word")


def when_noted_tell_everywhere(event: Noted, logged: LoggedEvent, witness: Witness) -> None:
    witness.everywhere.append(f"{event.word} at {logged.offset}")
    if witness.break_down:
        raise RuntimeError("a reaction that fails")


def when_noted_tell_everywhere_too(event: Noted, logged: LoggedEvent, witness: Witness) -> None:
    witness.everywhere.append("too")


async def when_noted_do_it_for_good(event: Noted, uow: UnitOfWork, witness: Witness) -> None:
    witness.durable.append(event.word)
    if witness.failures:
        witness.failures -= 1
        raise RuntimeError("not now")


REACTING = Feature(
    "reacting",
    reactions=(
        in_unit(Noted, when_noted_check_it),
        everywhere(Noted, when_noted_tell_everywhere),
        everywhere(Noted, when_noted_tell_everywhere_too),
        durable(Noted, when_noted_do_it_for_good),
    ),
)


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
async def reacting(witness: Witness, database_url: str) -> AsyncIterator[Office]:
    """Nothing runs by itself: the relay is stepped."""
    async with office(database_url, modules=[Module(REACTING)], given={Witness: witness}, start=False) as opened:
        yield opened


async def test_in_the_unit_it_runs_at_once(reacting: Office, witness: Witness) -> None:
    await reacting.note("one")
    assert witness.in_unit == ["one in user"]


async def test_in_the_unit_its_refusal_undoes_all(reacting: Office, witness: Witness) -> None:
    witness.refuse = True
    with pytest.raises(Conflict) as error:
        await reacting.note("one")
    assert error.value.code == "refused_word"
    assert await reacting.words() == []
    assert witness.everywhere == []


@pytest.mark.row("WS1", "ID1")
async def test_signing_up_makes_a_personal_workspace(reacting: Office) -> None:
    chat = reacting.instance.chat
    tokens = await chat.execute(SignUp("dora", "dora@example.org", "correct horse"), STRANGER)
    assert tokens.workspace is not None
    assert tokens.workspace.type == "personal"
    mine = await chat.execute(ListWorkspaces(), chat.actor(tokens.user.id))
    assert [w.id for w in mine.items] == [tokens.workspace.id]


async def test_everywhere_it_runs_after_the_commit_and_before_the_answer(reacting: Office, witness: Witness) -> None:
    await reacting.note("one")
    assert witness.everywhere == ["one at 1", "too"]


async def test_one_that_fails_stops_neither_the_others_nor_the_caller(reacting: Office, witness: Witness) -> None:
    witness.break_down = True
    await reacting.note("one")
    assert witness.everywhere == ["one at 1", "too"]
    assert await reacting.words() == ["one"]


async def test_durably_it_runs_once_the_relay_has_handed_it_on(reacting: Office, witness: Witness) -> None:
    await reacting.note("one")
    assert witness.durable == []
    assert await reacting.instance.relay.once() == 1
    assert witness.durable == ["one"]
    assert await reacting.instance.relay.once() == 0


async def test_durably_it_runs_again_when_it_failed(reacting: Office, witness: Witness) -> None:
    witness.failures = 2
    await reacting.note("one")
    await reacting.instance.relay.once()
    assert witness.durable == ["one"] * 3


async def test_what_keeps_failing_is_set_aside_and_holds_nobody_up(reacting: Office, witness: Witness) -> None:
    witness.failures = 5
    await reacting.note("one")
    await reacting.note("two")
    await reacting.instance.relay.once()
    assert witness.durable == ["one"] * 5 + ["two"]
    async with reacting.instance.store.snapshot() as db:
        (dead,) = await db.joins(SQL.dead)
    assert dead["consumer"] == "when_noted_do_it_for_good:test_noted"
    assert "not now" in dead["error"]


async def count_once(opened: Office, witness: Witness, *, remember: bool = True) -> None:
    """A consumer with an effect, which ignores what it has seen by asking in its own unit."""

    async def consume(logged: LoggedEvent) -> None:
        work = opened.instance.store.unit()
        async with work:
            if not remember or await work.first_time(witness.group, logged.id):
                witness.effects.append(opened.instance.codec.parse(logged.data)["word"])
        await work.commit()

    opened.instance.event_bus.subscribe(witness.group, consume)


async def hand_on_twice(opened: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay dies between handing on and marking, and begins again."""
    relay: Any = opened.instance.relay
    with monkeypatch.context() as patch:

        async def dies(events: Any) -> None:
            raise ConnectionError("killed")

        patch.setattr(relay._relay, "mark", dies)
        with pytest.raises(ConnectionError):
            await relay.once()
    await relay.once()


async def test_an_event_comes_again_after_a_crash_and_has_its_effect_once(
    reacting: Office, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count_once(reacting, witness)
    await reacting.note("one")
    await hand_on_twice(reacting, monkeypatch)
    assert witness.durable == ["one", "one"], "at least once"
    assert witness.effects == ["one"]


async def test_without_asking_it_has_its_effect_twice(
    reacting: Office, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    await count_once(reacting, witness, remember=False)
    await reacting.note("one")
    await hand_on_twice(reacting, monkeypatch)
    assert witness.effects == ["one", "one"]


async def test_what_was_not_handed_on_comes_after_a_restart(witness: Witness, database_url: str) -> None:
    module = Module(REACTING)
    async with office(database_url, modules=[module], given={Witness: witness}, start=False) as first:
        await first.note("one")
    async with office(database_url, modules=[module], given={Witness: witness}, start=False) as second:
        await second.note("two")
        await second.instance.relay.once()
    assert witness.durable == ["one", "two"]


async def test_the_relay_is_woken_by_a_commit(witness: Witness, database_url: str) -> None:
    async with office(database_url, modules=[Module(REACTING)], given={Witness: witness}) as running:
        await running.note("one")
        async with asyncio.timeout(5):
            while witness.durable != ["one"]:
                await asyncio.sleep(0)


@pytest.mark.parametrize("on", [True, False])
async def test_a_module_that_is_off_does_not_react(
    witness: Witness, tmp_path: Path, on: bool, database_url: str
) -> None:
    flags = tmp_path / "flags.toml"
    flags.write_text(f"enable_reacting = {str(on).lower()}")
    module = Module(Feature("reacting", reactions=REACTING.reactions, flag="enable_reacting"))
    async with office(database_url, modules=[module], given={Witness: witness}, flags=flags, start=False) as opened:
        await opened.note("one", actor=ALICE)
        await opened.instance.relay.once()
    seen = [bool(witness.in_unit), bool(witness.everywhere), bool(witness.durable)]
    assert seen == [on, on, on]
