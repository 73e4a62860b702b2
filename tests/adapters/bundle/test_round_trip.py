"""Export, import, export again: the same bytes, and the same house."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parlour
from parlour.adapters.sql.bundle import export, read
from parlour.adapters.sql.bundle.export import SqlBundles
from parlour.adapters.sql.bundle.load import read_in
from parlour.adapters.sql.bundle.read import checked
from parlour.adapters.sql.bundle.values import KINDS
from parlour.adapters.sql.db import Db, Fetched
from parlour.adapters.sql.doctor import SqlDerived
from parlour.adapters.sql.loader import Query
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.adapters.sql.streams import SqlRelay, SqlStreamLog
from parlour.application.kernel.uow import LoggedEvent
from parlour.domain.kernel.ids import RoomId
from parlour.domain.kernel.streams import Position, Stream
from parlour.testing.contracts.support import Noted, a_stream
from parlour.testing.flagship import play
from parlour.testing.scripts import Step, scripts
from tests.house import MEANS, house_on

from .stores import NAMES, Parts, a_bundle, an_empty_store, an_instance, moved, opened_and_written, written

pytestmark = pytest.mark.row("OP8")


async def test_a_world_with_something_in_every_table_comes_back_to_the_byte(tmp_path: Path) -> None:
    data = await a_bundle(tmp_path / "a.jsonl")
    parts = Parts.of(data)
    assert [opening["table"] for opening, rows in parts.tables if not rows] == [], "a table that nothing was tried with"
    assert await moved(tmp_path / "a.jsonl") == data
    assert parts.sealed() == data, "the tools of these tests write another format"


async def test_the_same_bytes_however_large_the_pages_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = await a_bundle(tmp_path / "a.jsonl")
    for most in (1, 2, 3):
        monkeypatch.setattr(export, "PAGE", most)
        monkeypatch.setattr(read, "BATCH", most)
        assert await moved(tmp_path / "a.jsonl") == data


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(scripts())
async def test_whatever_people_did_comes_back_to_the_byte(
    tmp_path_factory: pytest.TempPathFactory, script: list[Step]
) -> None:
    target = tmp_path_factory.mktemp("bundle") / "a.jsonl"
    await play(opened_and_written(target), script)
    assert await moved(target) == target.read_bytes()


async def test_a_change_anywhere_shows(tmp_path: Path) -> None:
    """The control of all the above: two stores that differ in one flag differ in their bytes."""
    data = await a_bundle(tmp_path / "a.jsonl")
    async with an_empty_store() as store:
        await read_in(checked(tmp_path / "a.jsonl"), store)
        assert await written(store, tmp_path / "b.jsonl") == data
        assert await SqlRelay(store).pass_over(1) == 1
        assert await written(store, tmp_path / "b.jsonl") != data


async def _waiting(store: SqliteStore) -> dict[Stream, list[LoggedEvent]]:
    found = defaultdict(list)
    for event in await SqlRelay(store).waiting(10_000):
        found[event.stream].append(event)
    return found


async def test_what_waits_for_the_relay_still_does_in_the_order_of_each_stream(tmp_path: Path) -> None:
    streams = sorted((a_stream() for _ in range(3)), key=lambda s: str(s.topic), reverse=True)
    async with an_empty_store() as store, an_empty_store() as other:
        house = house_on(store)
        for number in range(12):
            await house.note(streams[number % 3], f"{number}", f"{number}, again")
        await SqlRelay(store).pass_over(7)
        await written(store, tmp_path / "a.jsonl")
        await read_in(checked(tmp_path / "a.jsonl"), other)
        before, after = await _waiting(store), await _waiting(other)
        assert before == after
        assert sum(map(len, after.values())) == 24 - 7
        assert [await house_on(other).noted(s) for s in streams] == [await house.noted(s) for s in streams]


async def test_life_goes_on_where_it_was(tmp_path: Path) -> None:
    """Heads, numbers, members and passwords are there, and positions are good."""
    data = await a_bundle(tmp_path / "a.jsonl")
    parts = Parts.of(data)
    async with an_empty_store(tmp_path / "b.db") as store:
        await read_in(checked(tmp_path / "a.jsonl"), store)
    async with an_instance(str(tmp_path / "b.db")) as instance:
        assert instance.store.epoch == parts.header["epoch"]
        ada = instance.chat.actor((await instance.chat.execute(parlour.FindUser("ada"), instance.chat.system)).id)
        for _, room_id, *_ in parts.rows("rooms"):
            last = max(row[2] for row in parts.rows("log") if row[1] == f"room:{room_id}")
            sent = await instance.chat.execute(parlour.SendMessage(RoomId(UUID(room_id)), "on"), ada)
            assert sent.offset == last + 1
        async with instance.store.snapshot() as snapshot:
            db: Any = snapshot
            assert await SqlDerived(db).drift() == []


class Busy(Db):
    """A database on which something happens before every read, for some time: a copy that saw it all would never end."""

    def __init__(self, under: Db, store: SqliteStore) -> None:
        self._under, self._house, self._stream, self._left = under, house_on(store), a_stream(), 40

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched:
        self._left -= 1
        if self._left > 0:
            await self._house.note(self._stream, query.name)
        return await self._under.fetch(query, given)


async def _drift_of_copy(bundle: Path) -> int:
    async with an_empty_store() as store:
        await read_in(checked(bundle), store)
        async with store.snapshot() as snapshot:
            return len(await SqlDerived(snapshot).drift())


async def test_a_copy_is_of_one_moment_while_the_store_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    async with an_empty_store() as store:
        await house_on(store).note(a_stream(), "one", "two", "three")
        async with store.snapshot(slow=True) as snapshot:
            await SqlBundles(Busy(snapshot, store)).write(str(tmp_path / "a.jsonl"), force=False)
        assert await _drift_of_copy(tmp_path / "a.jsonl") == 0
        torn = store.unit()  # the control: not opened, it reads what is committed each time
        await SqlBundles(Busy(torn, store)).write(str(tmp_path / "b.jsonl"), force=False)
        assert await _drift_of_copy(tmp_path / "b.jsonl") > 0


@pytest.mark.parametrize("new_epochs, good", [(False, True), (True, False)])
async def test_positions_are_good_after_import_and_end_with_a_restore(
    tmp_path: Path, new_epochs: bool, good: bool
) -> None:
    stream, empty = a_stream(), a_stream()
    async with an_empty_store() as store, an_empty_store() as other:
        await house_on(store).note(stream, "one", "two")
        data = await written(store, tmp_path / "a.jsonl")
        async with store.snapshot() as snapshot:
            head = await SqlStreamLog(snapshot, MEANS.codec, store.epoch).head(stream)
        await read_in(checked(tmp_path / "a.jsonl"), other, new_epochs=new_epochs)
        async with other.snapshot() as snapshot:
            log = SqlStreamLog(snapshot, MEANS.codec, other.epoch)
            for last in (head.id, None):
                assert await log.can_resume(stream, Position(head.epoch, head.offset, last)) is good
            assert (await log.head(empty)).epoch == other.epoch
            assert (other.epoch == store.epoch) is good
            assert ((await log.head(stream)).epoch == other.epoch) or good
            texts = [MEANS.codec.decode(e.data, Noted).text for e in await log.after(stream, 0, 9)]
            assert texts == ["one", "two"]
        again = Parts.of(await written(other, tmp_path / "b.jsonl"))
        same = [n for n in NAMES if again.rows(n) == Parts.of(data).rows(n)]
        assert [n for n in NAMES if n not in same] == ([] if good else ["meta", "streams"])


TEXTS = st.text(st.characters(codec="utf-8"))
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
VALUES = {
    "id": st.uuids(),
    "time": st.datetimes(timezones=ZONES).filter(lambda at: 1 < at.year < 9999),
    "flag": st.booleans(),
    "bytes": st.binary(),
    "number": st.integers(-(2**63), 2**63 - 1),
    "text": TEXTS,
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(VALUES)).flatmap(lambda n: st.tuples(st.just(n), VALUES[n])))
def test_every_value_is_read_as_it_was_written(drawn: tuple[str, Any]) -> None:
    kind, value = KINDS[drawn[0]], drawn[1]
    assert kind.read(kind.write(value)) == value


def test_a_value_is_the_same_as_either_engine_gives_it() -> None:
    at = "2026-03-01T12:00:00.000001+00:00"
    assert KINDS["time"].write(at) == KINDS["time"].write(KINDS["time"].read("2026-03-01T12:00:00.000001Z"))
    assert KINDS["flag"].write(1) is KINDS["flag"].write(True)
    assert KINDS["bytes"].write(memoryview(b"\0x")) == KINDS["bytes"].write(b"\0x")


@pytest.mark.parametrize(
    "kind, value",
    [
        ("id", "0190A000-0000-7000-8000-000000000000"), ("id", "0190a000000070008000000000000000"), ("id", 7), ("id", ""),
        ("time", "2026-03-01T12:00:00Z"), ("time", "2026-03-01T12:00:00.000000+00:00"), ("time", None),
        ("time", "2026-13-01T12:00:00.000000Z"), ("time", "2026-03-01T12:00:00.000000Z\n"),
        ("flag", 1), ("flag", "true"), ("bytes", "AA"), ("bytes", "AB=="), ("bytes", "A A="), ("bytes", 1),
        ("number", 2**63), ("number", 1.0), ("number", True), ("number", "1"), ("text", 1), ("text", None),
    ],
)  # fmt: skip
def test_a_value_in_another_spelling_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(ValueError):
        KINDS[kind].read(value)
