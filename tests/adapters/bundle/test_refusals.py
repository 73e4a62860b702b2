"""A bundle that is not right, or a store that is not empty: refused with a reason, and nothing is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlour.adapters.sql.bundle.lines import BundleRefused
from parlour.adapters.sql.bundle.load import read_in
from parlour.adapters.sql.bundle.read import Bundle, checked
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.domain.kernel.errors import Conflict, Unavailable
from parlour.testing.contracts.support import a_stream
from tests.house import house_on

from .stores import Parts, a_bundle, an_empty_store, written

pytestmark = pytest.mark.row("OP8")

Damage = Callable[[Parts], object]


def _swap(parts: Parts) -> None:
    parts.rows("log").reverse()


def _hide(parts: Parts) -> None:
    opening, rows = parts.table("users")
    opening["columns"].pop()
    for row in rows:
        row.pop()


def _grow(parts: Parts) -> None:
    opening, rows = parts.table("users")
    opening["columns"].append(["shoe_size", "number"])
    for row in rows:
        row.append(42)


SEEN_AT_ONCE: dict[str, tuple[Damage, str]] = {
    "newer_format": (lambda p: p.header.update(version=2), "newer version: format 2"),
    "newer_schema": (lambda p: p.header.update(schema={"core": 999}), "newer version: .*core 999"),
    "older_format": (lambda p: p.header.update(version=0), "not known here"),
    "another_module": (lambda p: p.header["schema"].update(shop=1), "core, shop is not known"),
    "no_schema": (lambda p: p.header.pop("schema"), "does not say"),
    "odd_version": (lambda p: p.header.update(version="1"), "does not say"),
    "another_program": (lambda p: p.header.update(format="tar"), "not a bundle"),
    "unknown_table": (lambda p: p.tables[3][0].update(table="pets"), "there is the table 'pets'"),
    "missing_table": (lambda p: p.tables.pop(4), "'tickets' was expected"),
    "table_twice": (lambda p: p.tables.insert(3, p.tables[2]), "there is the table 'users'"),
    "unknown_column": (_grow, "columns of users are not"),
    "missing_column": (_hide, "columns of users are not"),
    "renamed_column": (lambda p: p.table("log")[0]["columns"][0].__setitem__(0, "x"), "columns of log are not"),
    "another_kind": (lambda p: p.table("log")[0]["columns"][0].__setitem__(1, "text"), "columns of log are not"),
    "short_row": (lambda p: p.rows("users")[0].pop(), "a row of users has"),
    "long_row": (lambda p: p.rows("users")[0].append(None), "a row of users has"),
    "null": (lambda p: p.put("users", "username", None), "users.username is not right"),
    "odd_time": (lambda p: p.put("users", "created_at", "yesterday"), "users.created_at is not right"),
    "odd_id": (lambda p: p.put("log", "id", "x"), "log.id is not right"),
    "odd_flag": (lambda p: p.put("log", "published", 1), "log.published is not right"),
    "odd_bytes": (lambda p: p.put("tickets", "digest", "?"), "tickets.digest is not right"),
    "odd_number": (lambda p: p.put("log", "revision", "1"), "log.revision is not right"),
    "huge_number": (lambda p: p.put("log", "revision", 2**64), "log.revision is not right"),
    "odd_text": (lambda p: p.put("users", "name", ["x"]), "users.name is not right"),
    "out_of_order": (_swap, "not in the order of their keys"),
    "row_twice": (lambda p: p.rows("users").insert(0, p.rows("users")[0]), "one is there twice"),
}

SEEN_BY_THE_STORE: dict[str, tuple[Damage, str]] = {
    "same_name": (lambda p: p.put("users", "username_key", "bob"), "Rows of users contradict"),
    "no_such_room": (lambda p: p.rows("rooms").pop(), "contradict each other, or rows they refer to"),
    "no_epoch": (lambda p: p.rows("meta").clear(), "does not say which epoch"),
}


@pytest.fixture
async def good(tmp_path: Path) -> bytes:
    return await a_bundle(tmp_path / "good.jsonl")


async def _refused(path: Path, data: bytes, match: str, *, by_store: bool = False) -> None:
    """The bundle is refused; what an empty store exports is the same before and after."""
    path.write_bytes(data)
    async with an_empty_store() as store:
        before = await written(store, path.with_name("before.jsonl"))
        with pytest.raises(BundleRefused, match=match):
            bundle = checked(path)
            assert by_store, "it was let through to the store"
            await read_in(bundle, store)
        assert await written(store, path.with_name("after.jsonl")) == before


@pytest.mark.parametrize("name", SEEN_AT_ONCE)
async def test_what_is_not_right_is_refused_before_the_store_is_asked(tmp_path: Path, good: bytes, name: str) -> None:
    damage, match = SEEN_AT_ONCE[name]
    parts = Parts.of(good)
    damage(parts)
    await _refused(tmp_path / "bad.jsonl", parts.sealed(), match)


@pytest.mark.parametrize("name", SEEN_BY_THE_STORE)
async def test_what_contradicts_itself_is_refused_by_the_store_as_a_whole(
    tmp_path: Path, good: bytes, name: str
) -> None:
    damage, match = SEEN_BY_THE_STORE[name]
    parts = Parts.of(good)
    damage(parts)
    await _refused(tmp_path / "bad.jsonl", parts.sealed(), match, by_store=True)


async def test_it_is_the_damage_that_is_refused(tmp_path: Path, good: bytes) -> None:
    """The control: sealed again without any damage, it is read in."""
    path = tmp_path / "whole.jsonl"
    path.write_bytes(Parts.of(good).sealed())
    async with an_empty_store() as store:
        await read_in(checked(path), store)
        assert await written(store, path) == good


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_a_changed_byte_anywhere_is_seen(tmp_path: Path, good: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(1, 255))
    (tmp_path / "bad.jsonl").write_bytes(good[:place] + bytes([good[place] ^ other]) + good[place + 1 :])
    with pytest.raises(BundleRefused):
        checked(tmp_path / "bad.jsonl")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_a_bundle_cut_anywhere_is_seen(tmp_path: Path, good: bytes, data: st.DataObject) -> None:
    (tmp_path / "bad.jsonl").write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(BundleRefused):
        checked(tmp_path / "bad.jsonl")


async def test_cut_in_half_or_between_lines_it_says_so(tmp_path: Path, good: bytes) -> None:
    await _refused(tmp_path / "bad.jsonl", good[: len(good) // 2], "it was cut short")
    await _refused(tmp_path / "bad.jsonl", b"".join(good.splitlines(keepends=True)[:-1]), "it was cut short")
    await _refused(tmp_path / "bad.jsonl", b"", "it was cut short")


@pytest.mark.parametrize(
    "change, match",
    [
        (lambda d: d + b"\n", "behind the end"),
        (lambda d: d + d, "behind the end"),
        (lambda d: d.replace(b'"rows":1,', b'"rows":2,', 1), "meta has 1 rows, but should have 2"),
        (lambda d: d.replace(b"hello", b"hullo", 1), "checksum of messages is not right"),
        (lambda d: d.replace(b'"epoch":"', b'"epoch":"f', 1), "checksum of the whole is not right"),
        (lambda d: d.replace(b"\n[", b"\n\xff[", 1), "does not end|not JSON"),
        (lambda d: d.replace(b"\n[", b"\n" + b"[" * 100_000, 1), "not JSON"),
        (lambda d: d.replace(b"hello", b"\\ud800", 1), "not JSON|checksum"),
        (lambda d: b"[1]\n", "not a bundle"),
        (lambda d: b"SQLite format 3\0\n", "not a bundle"),
    ],
)
async def test_other_damage_says_what_it_is(
    tmp_path: Path, good: bytes, change: Callable[[bytes], bytes], match: str
) -> None:
    changed = change(good)
    assert changed != good, "nothing was damaged"
    await _refused(tmp_path / "bad.jsonl", changed, match)


async def _filled(store: SqliteStore) -> None:
    await house_on(store).note(a_stream(), "somebody was here")


async def test_a_store_that_is_not_empty_is_left_alone(tmp_path: Path, good: bytes) -> None:
    async with an_empty_store() as store:
        await _filled(store)
        before = await written(store, tmp_path / "before.jsonl")
        with pytest.raises(Conflict, match="not empty: there is something in streams"):
            await read_in(checked(tmp_path / "good.jsonl"), store)
        assert await written(store, tmp_path / "after.jsonl") == before
        await _filled(store)  # and it works


async def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(good)
    bundle = checked(path)
    parts = Parts.of(good)
    parts.put("users", "name", "Eve")
    path.write_bytes(parts.sealed())
    async with an_empty_store() as store:
        before = await written(store, tmp_path / "before.jsonl")
        with pytest.raises(BundleRefused, match="changed while it was read"):
            await read_in(bundle, store)
        assert await written(store, tmp_path / "after.jsonl") == before
        await read_in(checked(path), store)  # the control: as a bundle of its own it is good


async def test_an_import_that_breaks_off_leaves_nothing(
    tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with an_empty_store() as store:
        before = await written(store, tmp_path / "before.jsonl")

        def broken(self: Bundle) -> object:
            yield from list(batches(self))[:-2]
            raise Unavailable("The disk is gone.")

        batches = Bundle.batches
        monkeypatch.setattr(Bundle, "batches", broken)
        with pytest.raises(Unavailable):
            await read_in(checked(tmp_path / "good.jsonl"), store)
        assert await written(store, tmp_path / "after.jsonl") == before


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere", Path("/dev/null")):
        with pytest.raises(BundleRefused, match="is not a file"):
            checked(path)
