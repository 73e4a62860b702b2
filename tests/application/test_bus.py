"""The bus: its steps and their order, retries, failures that stay."""

import pytest

from parlour.adapters.inprocess.rate_limits import LocalRateLimits
from parlour.application.kernel.actor import STRANGER, SYSTEM, Allowance, Call, Way
from parlour.application.kernel.limits import Rate, Rates
from parlour.application.kernel.ports import RateLimits
from parlour.domain.kernel.errors import Conflict, Invalid, NotFound, Raced, TooMany, Unauthenticated

from .desk import ALICE, BOB, NOTING, NoteDown, NoteSecretly, Office, office
from .example_module import NOTES, WriteNote

BY_WORD = Rates({"default": Rate("default", 1, 3600, "field:other|word")})


class Keys(LocalRateLimits):
    """Rate limits that tell what they were asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    async def take(self, rate: Rate, who: str) -> Allowance:
        self.seen.append(who)
        return await super().take(rate, who)


BAD = {"word": "", "wrod": 1}


async def test_a_use_case_runs_and_is_kept(desk_office: Office) -> None:
    answer = await desk_office.note("one")
    assert (answer.value.word, answer.value.number, answer.made, answer.replayed) == ("one", 1, True, False)
    assert await desk_office.words() == ["one"]


async def test_typed_and_plain_are_the_same_use_case(desk_office: Office) -> None:
    typed = await desk_office.instance.chat.execute(NoteDown("one"), ALICE)
    plain = await desk_office.note("two")
    assert (typed.number, plain.value.number) == (1, 2)


async def test_found_is_not_made(desk_office: Office) -> None:
    assert (await desk_office.note("one", name="find_note")).made is False


@pytest.mark.parametrize("name", ["no_such", "", "NoteDown", "_note"])
async def test_an_unknown_use_case_is_not_found(desk_office: Office, name: str) -> None:
    with pytest.raises(NotFound) as error:
        await desk_office.ask(name, {})
    assert error.value.code == "unknown_use_case"


async def test_a_query_is_not_run_where_a_command_was_meant(desk_office: Office) -> None:
    bus = desk_office.instance.bus
    assert bus.entry("note_down", Way.HTTP, "command").name == "note_down"
    for name, kind in (("note_down", "query"), ("count_notes", "command")):
        with pytest.raises(NotFound):
            bus.entry(name, Way.HTTP, kind)


@pytest.mark.parametrize("way", [Way.HTTP, Way.WEBSOCKET, Way.LIBRARY, Way.BATCH])
async def test_what_is_the_schedulers_own_is_on_no_way_in(desk_office: Office, way: Way) -> None:
    with pytest.raises(NotFound):
        await desk_office.ask("keep_within_bounds", {}, way=way)
    assert (await desk_office.ask("keep_within_bounds", {}, SYSTEM, Way.SYSTEM)).made


# --- the order of the steps: each refusal comes before the next could ---------------------------------------------------


@pytest.mark.row("AD2")
async def test_the_flag_comes_before_everything(database_url: str) -> None:
    async with office(database_url, modules=[NOTES]) as opened:
        with pytest.raises(NotFound) as error:
            await opened.ask("write_note", {"text": 5}, STRANGER, Way.HTTP)
        assert error.value.code == "feature_disabled"
        with pytest.raises(NotFound):
            await opened.instance.chat.execute(WriteNote(""), ALICE)


async def test_who_acts_comes_before_what_is_sent(desk_office: Office) -> None:
    with pytest.raises(Unauthenticated):
        await desk_office.ask("note_down", BAD, STRANGER)
    assert (await desk_office.ask("note_strangely", {"word": "one"}, STRANGER)).made


async def test_the_rate_limit_comes_before_what_is_sent(database_url: str) -> None:
    async with office(database_url, rates=NOTING) as opened:
        for _ in range(3):
            with pytest.raises(Invalid):
                await opened.ask("note_down", BAD, way=Way.HTTP)
        with pytest.raises(TooMany) as error:
            await opened.ask("note_down", BAD, way=Way.HTTP)
        assert error.value.retry_after > 0
        assert opened.desk.done == []


async def test_what_is_sent_comes_before_the_key(desk_office: Office) -> None:
    await desk_office.note("one", key="k")
    with pytest.raises(Invalid) as error:
        await desk_office.ask("note_down", BAD, key="k")
    assert {(f.pointer, f.code) for f in error.value.faults} == {("/word", "value"), ("/wrod", "unknown_field")}


async def test_the_key_comes_before_the_handler(desk_office: Office) -> None:
    await desk_office.note("one", key="k")
    assert (await desk_office.note("one", key="k")).replayed
    assert desk_office.desk.done == ["one"]


# --- rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [Way.HTTP, Way.WEBSOCKET, Way.BATCH])
async def test_each_user_has_a_limit_of_their_own_from_outside(way: Way, database_url: str) -> None:
    async with office(database_url, rates=NOTING) as opened:
        for n in range(3):
            await opened.ask("note_down", {"word": str(n)}, ALICE, way)
        with pytest.raises(TooMany):
            await opened.ask("note_down", {"word": "3"}, ALICE, way)
        await opened.ask("note_down", {"word": "4"}, BOB, way)
        assert opened.desk.done == ["0", "1", "2", "4"]


async def test_the_host_itself_has_no_limit(database_url: str) -> None:
    async with office(database_url, rates=NOTING) as opened:
        for n in range(9):
            await opened.note(str(n))
        assert len(opened.desk.done) == 9


# --- again, and failing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 4])
async def test_a_raced_use_case_runs_again_until_it_wins(desk_office: Office, times: int) -> None:
    desk_office.desk.failures = [Raced("too late") for _ in range(times)]
    answer = await desk_office.note("one", key="k")
    assert answer.value.number == times + 1
    assert await desk_office.words() == ["one"]


async def test_a_race_that_never_ends_is_told_in_the_end(desk_office: Office) -> None:
    desk_office.desk.failures = [Raced("too late") for _ in range(9)]
    with pytest.raises(Raced) as error:
        await desk_office.note("one", key="k")
    assert error.value.retryable
    assert len(desk_office.desk.done) == 5
    assert await desk_office.words() == []
    desk_office.desk.failures.clear()
    assert not (await desk_office.note("one", key="k")).replayed


@pytest.mark.parametrize("failure", [Conflict("no"), ValueError("a bug")])
async def test_what_fails_leaves_nothing_and_keeps_no_key(desk_office: Office, failure: Exception) -> None:
    desk_office.desk.failures = [failure]
    with pytest.raises(type(failure)):
        await desk_office.note("one", key="k")
    assert await desk_office.words() == []
    assert not (await desk_office.note("two", key="k")).replayed
    assert await desk_office.words() == ["two"]


@pytest.mark.row("ID2")
async def test_a_failure_that_stays_is_committed_and_raised(desk_office: Office) -> None:
    with pytest.raises(Conflict) as error:
        await desk_office.note("one", name="note_and_fail")
    assert error.value.code == "noted_and_failed"
    assert await desk_office.words() == ["one"]


@pytest.mark.parametrize("said", ["straße", "STRASSE", "ｓｔｒａｓｓｅ"])
async def test_what_a_field_says_is_counted_as_it_is_looked_up(said: str, database_url: str) -> None:
    """However a name is written, it is one name; and wherever it stands in a request."""
    async with office(database_url, rates=BY_WORD) as opened:
        call = Call(ALICE, Way.HTTP)
        await opened.instance.bus.call("note_secretly", {}, call, {"word": "strasse"})
        with pytest.raises(TooMany):
            await opened.ask("note_secretly", {"word": said}, way=Way.HTTP)
        with pytest.raises(TooMany):
            await opened.instance.bus.call("note_secretly", {}, call, {"word": said})
        with pytest.raises(TooMany):
            await opened.instance.bus.execute(NoteSecretly(said), call)
        assert (await opened.ask("note_secretly", {"word": "another"}, way=Way.HTTP)).made


async def test_what_is_kept_of_what_a_field_says_is_small_and_nothing_of_what_is_not_valid(database_url: str) -> None:
    keys = Keys()
    async with office(database_url, rates=BY_WORD, given={RateLimits: keys}) as opened:
        for word in ("\ufdfa" * 10, "a", "b"):
            await opened.ask("note_secretly", {"word": word}, way=Way.HTTP)
        with pytest.raises(Invalid):
            await opened.ask("note_secretly", {"word": "\ufdfa" * 300_000}, way=Way.HTTP)
        with pytest.raises(Invalid):
            await opened.ask("note_secretly", {}, way=Way.HTTP)
    assert len(set(keys.seen)) == 3
    assert {len(who) for who in keys.seen} == {32}
