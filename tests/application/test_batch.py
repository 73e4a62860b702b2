"""Batches: all or nothing with the place of what failed, or each on its own."""

from typing import Any

import pytest

from parlour.application.kernel.actor import STRANGER, Way
from parlour.application.kernel.batch import Batch, BatchItem
from parlour.application.kernel.bus import Answer
from parlour.application.kernel.catalogue import Catalogue
from parlour.application.kernel.uow import Key
from parlour.config.features import CORE
from parlour.domain.kernel.errors import Conflict, DomainError, Invalid, Raced, TooMany, Unauthenticated
from parlour.domain.kernel.streams import Stream

from .desk import ALICE, NOTING, Office, office

CATALOGUE = Catalogue(m.feature for m in CORE)


def item(word: Any, name: str = "note_down", key: str | None = None) -> dict[str, Any]:
    return {"name": name, "data": {"word": word}, **({"key": key} if key else {})}


async def batch(opened: Office, mode: str, *commands: dict[str, Any], **call: Any) -> Answer:
    return await opened.ask("batch", {"mode": mode, "commands": list(commands)}, **call)


def results(answer: Answer) -> list[Any]:
    return [r.data.word if r.error is None else r.error.code for r in answer.value.results]


@pytest.mark.parametrize("mode", ["all", "each"])
async def test_commands_run_in_order(desk_office: Office, mode: str) -> None:
    assert results(await batch(desk_office, mode, item("one"), item("two"), item("three"))) == ["one", "two", "three"]
    assert await desk_office.words() == ["one", "two", "three"]


async def test_all_is_one_unit_with_offsets_in_order(desk_office: Office) -> None:
    await batch(desk_office, "all", item("one"), item("two"))
    events = await desk_office.log(Stream.of_user(ALICE.known))
    assert [e.offset for e in events] == [1, 2]


FAILING: list[tuple[dict[str, Any], str, list[str]]] = [
    (item(""), "invalid", ["/commands/1/data/word"]),
    (item("x", "no_such"), "unknown_use_case", ["/commands/1"]),
    (item("x", "count_notes"), "unknown_use_case", ["/commands/1"]),
    (item("x", "batch"), "unknown_use_case", ["/commands/1"]),
    (item("x", "note_strangely"), "unknown_use_case", ["/commands/1"]),
    (item("x", "note_slowly"), "slow_in_batch", ["/commands/1"]),
    (item("x", "note_and_fail"), "noted_and_failed", ["/commands/1"]),
    ({"name": "note_down", "data": {"wrod": "x"}}, "invalid", ["/commands/1/data/wrod", "/commands/1/data/word"]),
]


@pytest.mark.parametrize("bad, code, places", FAILING, ids=[f"{c}:{p[0]}:{i['name']}" for i, c, p in FAILING])
async def test_all_does_nothing_when_one_fails_and_says_which(
    desk_office: Office, bad: dict[str, Any], code: str, places: list[str]
) -> None:
    with pytest.raises(Invalid) as error:
        await batch(desk_office, "all", item("one"), bad, item("three"))
    assert error.value.code == code
    assert [f.pointer for f in error.value.faults] == places
    assert await desk_office.words() == []
    assert "three" not in desk_office.desk.done


async def test_each_does_what_it_can(desk_office: Office) -> None:
    answer = await batch(desk_office, "each", item("one"), item(""), item("s", "note_slowly"), item("z", "no_such"))
    assert results(answer) == ["one", "invalid", "s", "unknown_use_case"]
    assert answer.value.results[1].error.errors[0].pointer == "/word"
    assert await desk_office.words() == ["one", "s"]


async def test_a_race_inside_runs_the_whole_batch_again(desk_office: Office) -> None:
    desk_office.desk.failures = [Raced("too late")]
    assert results(await batch(desk_office, "all", item("one"), item("two"))) == ["one", "two"]
    assert desk_office.desk.done == ["one", "one", "two"]
    assert await desk_office.words() == ["one", "two"]


async def test_a_repeated_batch_repeats_nothing(desk_office: Office) -> None:
    first = await batch(desk_office, "all", item("one"), item("two"), key="k")
    again = await batch(desk_office, "all", item("one"), item("two"), key="k")
    assert again.replayed
    assert desk_office.instance.codec.encode(again.value) == desk_office.instance.codec.encode(first.value)
    assert await desk_office.words() == ["one", "two"]


@pytest.mark.parametrize("mode", ["all", "each"])
async def test_keys_of_single_commands_are_kept_with_them(desk_office: Office, mode: str) -> None:
    await batch(desk_office, mode, item("one", key="k"), item("two"))
    assert (await desk_office.note("one", key="k")).replayed
    await batch(desk_office, mode, item("one", key="k"), item("three"))
    assert await desk_office.words() == ["one", "two", "three"]


async def test_what_was_undone_keeps_no_key(desk_office: Office) -> None:
    with pytest.raises(Invalid):
        await batch(desk_office, "all", item("one", key="k"), item(""))
    assert not (await desk_office.note("one", key="k")).replayed


async def test_one_key_twice_in_a_batch_happens_once(desk_office: Office) -> None:
    answer = await batch(desk_office, "each", item("one", key="k"), item("one", key="k"))
    assert results(answer) == ["one", "one"]
    assert await desk_office.words() == ["one"]


async def test_one_key_twice_in_one_unit_is_refused(desk_office: Office) -> None:
    with pytest.raises(Invalid) as error:
        await batch(desk_office, "all", item("one", key="k"), item("two", key="l"), item("one", key="k"))
    assert [f.pointer for f in error.value.faults] == ["/commands/2/key"]
    assert desk_office.desk.done == []


async def test_each_command_counts_towards_its_limit(database_url: str) -> None:
    async with office(database_url, rates=NOTING) as opened:
        words = [item(str(n)) for n in range(4)]
        answer = await batch(opened, "each", *words, way=Way.HTTP)
        assert results(answer) == ["0", "1", "2", "too_many_requests"]
    async with office(database_url, rates=NOTING) as opened:
        with pytest.raises(DomainError) as error:
            await batch(opened, "all", *words, way=Way.HTTP)
        assert error.value.code == TooMany.default_code
        assert await opened.words() == ["0", "1", "2"], "nothing beside those of the first"


@pytest.mark.parametrize("size", [0, 101])
async def test_a_batch_has_1_to_100_commands(desk_office: Office, size: int) -> None:
    with pytest.raises(Invalid) as error:
        await batch(desk_office, "each", *[item("x")] * size)
    assert [f.pointer for f in error.value.faults] == ["/commands"]


async def test_a_stranger_has_no_batches(desk_office: Office) -> None:
    with pytest.raises(Unauthenticated):
        await batch(desk_office, "each", item("one"), actor=STRANGER)


SECRET = sorted(e.name for e in CATALOGUE if e.secret and e.on(Way.BATCH))


@pytest.mark.parametrize("name", SECRET)
async def test_a_batch_hides_what_one_of_its_commands_hides(desk_office: Office, name: str) -> None:
    """Whether a command works is not asked: what a batch runs is known before."""
    batch_entry = desk_office.instance.bus.catalogue.get("batch")
    assert batch_entry is not None
    asked = Batch("each", [BatchItem("note_down"), BatchItem(name)])
    assert desk_office.instance.bus.catalogue.hides(batch_entry, asked)
    assert not desk_office.instance.bus.catalogue.hides(batch_entry, Batch("each", [BatchItem("note_down")]))


@pytest.mark.parametrize("mode", ["all", "each"])
async def test_the_answer_of_a_batch_with_secrets_is_not_kept(desk_office: Office, mode: str) -> None:
    await batch(desk_office, mode, item("one"), item("two", "note_secretly"), key="k")
    with pytest.raises(Conflict) as error:
        await batch(desk_office, mode, item("one"), item("two", "note_secretly"), key="k")
    assert error.value.code == "already_done"
    assert await desk_office.words() == ["one", "two"]
    kept = await desk_office.instance.store.claim(Key(ALICE.name, "batch", "k", b"", desk_office.clock.now()))
    assert kept is not None
    assert kept.answer == b""
