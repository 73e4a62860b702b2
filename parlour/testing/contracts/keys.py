"""Idempotency keys: a key and its effect exist together or not at all, and however many race, there is one effect."""

import asyncio

import pytest
from attrs import evolve

from ...application.kernel.uow import Kept, Key, Work
from ...domain.kernel.errors import Conflict, Raced
from ...domain.kernel.streams import Stream
from .store import Broken
from .support import NOW, House, Noted, a_stream

KEY = Key("somebody", "note", "a key", b"hash", NOW)


@pytest.mark.row("MS2")
class KeysContract:
    """`Store.claim`, `Store.release` and `Work.remember`. Asks for `house`."""

    async def test_an_answer_is_kept_under_its_key(self, house: House) -> None:
        stream = a_stream()
        assert await _keyed(house, KEY, stream) == "done"
        assert await house.store.claim(KEY) == Kept(b"hash", b"the answer", True)
        assert await house.store.claim(KEY) == Kept(b"hash", b"the answer", True), (
            "what is kept is not in anybody's hands"
        )
        assert await house.noted(stream) == ["effect"]

    async def test_racing_callers_have_one_effect(self, house: House) -> None:
        for round_ in range(10):
            stream, key = a_stream(), evolve(KEY, key=f"round {round_}")
            answers = await asyncio.gather(*(_keyed(house, key, stream, wait=n % 3) for n in range(20)))
            assert answers.count("done") == 1
            assert set(answers) <= {"done", "kept", "key_in_flight"}
            assert await house.noted(stream) == ["effect"]
            assert await _keyed(house, key, stream) == "kept"

    async def test_who_comes_later_gets_what_was_kept(self, house: House) -> None:
        stream = a_stream()
        assert await _keyed(house, KEY, stream) == "done"
        assert await asyncio.gather(*(_keyed(house, KEY, stream) for _ in range(5))) == ["kept"] * 5

    async def test_a_key_in_flight_is_a_conflict_worth_trying_again(self, house: House) -> None:
        assert await house.store.claim(KEY) is None
        with pytest.raises(Conflict) as caught:
            await house.store.claim(KEY)
        assert caught.value.code == "key_in_flight"
        assert caught.value.retryable
        house.store.release(KEY)
        assert await house.store.claim(KEY) is None

    async def test_keys_of_others_are_others(self, house: House) -> None:
        assert await house.store.claim(KEY) is None
        for other in (evolve(KEY, actor="another"), evolve(KEY, use_case="other"), evolve(KEY, key="another")):
            stream = a_stream()
            assert await _keyed(house, other, stream) == "done"
            assert await house.noted(stream) == ["effect"]

    async def test_a_unit_that_fails_keeps_nothing(self, house: House) -> None:
        stream = a_stream()
        with pytest.raises(Broken):
            await _keyed(house, KEY, stream, fail=True)
        assert await house.noted(stream) == []
        assert await _keyed(house, KEY, stream) == "done"

    async def test_a_key_is_not_seen_before_its_effect(self, house: House) -> None:
        stream, unit = a_stream(), house.store.unit()
        async with unit:
            await unit.record(stream, Noted("effect"))
        await unit.remember(KEY, b"the answer", True)
        assert await house.store.claim(KEY) is None, "kept before it was committed"
        house.store.release(KEY)
        await unit.commit()
        assert await house.store.claim(KEY) is not None

    async def test_old_keys_are_forgotten_and_no_others(self, house: House) -> None:
        stream, young = a_stream(), evolve(KEY, key="young", at=NOW.replace(year=2030))
        await _keyed(house, KEY, stream)
        await _keyed(house, young, stream)
        await house.done(lambda unit: house.keeping(unit).forget_keys(NOW.replace(year=2029), 1_000))
        assert await house.store.claim(young) is not None
        assert await house.store.claim(KEY) is None


async def _keyed(house: House, key: Key, stream: Stream, *, wait: int = 0, fail: bool = False) -> str:
    """What the bus does with a key."""
    for _ in range(wait):
        await asyncio.sleep(0)
    try:
        if await house.store.claim(key) is not None:
            return "kept"
    except Conflict as error:
        return error.code
    try:
        await _effect(house, key, stream, fail=fail)
    except Raced:  # used since it was claimed: whoever was faster has kept an answer
        return "kept" if await house.store.claim(key) is not None else "raced"
    finally:
        house.store.release(key)
    return "done"


async def _effect(house: House, key: Key, stream: Stream, *, fail: bool) -> None:
    unit: Work = house.store.unit()
    try:
        await unit.hold(key)
        async with unit:
            await unit.record(stream, Noted("effect"))
            await asyncio.sleep(0)
        await unit.remember(key, b"the answer", True)
        if fail:
            raise Broken
        await unit.commit()
    finally:
        await unit.rollback()
