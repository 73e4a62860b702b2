"""The file of a SQLite store, and what can be wrong with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.sqlite_file import PRAGMAS, StoreBroken, StoreFile, StoreInUse
from parlour.testing.contracts.support import a_stream
from tests.adapters.ordinary import a_folder, ordinary_user
from tests.house import MEANS, sqlite_house

HOLD = """
import sys, time
from parlour.adapters.sql.sqlite_file import StoreFile
file = StoreFile(sys.argv[1])
file.say("/tmp/the.socket")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "parlour.db"


def _hold(path: Path) -> "subprocess.Popen[str]":
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


async def test_a_second_server_on_one_file_is_refused_and_told_who_has_it(path: Path) -> None:
    async with sqlite_house(path):
        with pytest.raises(StoreInUse, match=f"in use by process {os.getpid()}"):
            open_sqlite(str(path), MEANS)
    async with sqlite_house(path):
        pass


def test_a_lock_ends_with_its_holder_however_it_ends(path: Path) -> None:
    process = _hold(path)
    with pytest.raises(StoreInUse) as caught:
        StoreFile(str(path))
    assert str(process.pid) in str(caught.value)
    assert caught.value.socket == "/tmp/the.socket"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    StoreFile(str(path)).release()


def test_a_file_has_one_lock_whatever_it_is_called(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = StoreFile(str(path))
    other = path.with_name("other.db")
    other.symlink_to(path)
    monkeypatch.chdir(path.parent)
    for name in (str(other), path.name, f"../{path.parent.name}/{path.name}"):
        with pytest.raises(StoreInUse):
            StoreFile(name)
    file.release()


def test_a_lock_file_with_nonsense_in_it_is_a_lock_file(path: Path) -> None:
    lock = path.with_name(path.name + ".lock")
    for nonsense in (b"\xff\x00", b"[1, 2]", b"", b"9" * 10_000):
        lock.write_bytes(nonsense)
        StoreFile(str(path)).release()
    holder = StoreFile(str(path))
    lock.write_bytes(b"\xff\x00")
    with pytest.raises(StoreInUse, match="is in use:"):
        StoreFile(str(path))
    holder.release()


@pytest.mark.parametrize("content", [b"this is no database, " * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreBroken, match="cannot be used as a database"):
        open_sqlite(str(path), MEANS)
    assert path.read_bytes() == content
    path.unlink()
    StoreFile(str(path)).release()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreBroken):
        open_sqlite(str(tmp_path), MEANS)


def test_a_file_in_the_place_of_the_folder(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StoreBroken, match="cannot be written"):
        open_sqlite(str(path / "parlour.db"), MEANS)


async def test_a_folder_that_cannot_be_written() -> None:
    with a_folder() as folder:
        folder.chmod(0o555)
        with ordinary_user(), pytest.raises(StoreBroken, match="cannot be written"):
            open_sqlite(str(folder / "parlour.db"), MEANS)


async def test_a_database_that_cannot_be_written() -> None:
    with a_folder() as folder:
        path = folder / "parlour.db"
        async with sqlite_house(path) as house:
            await house.note(a_stream(), "a")
        path.chmod(0o444)
        path.with_name("parlour.db.lock").chmod(0o666)
        with ordinary_user(), pytest.raises(StoreBroken, match="cannot be used as a database"):
            open_sqlite(str(path), MEANS)


async def test_what_was_kept_is_there_when_it_is_opened_again(path: Path) -> None:
    stream = a_stream()
    async with sqlite_house(path) as house:
        await house.note(stream, "a")
        async with house.store.snapshot() as snapshot:
            head = await house.stream_log(snapshot).head(stream)
    async with sqlite_house(path) as house:
        assert await house.noted(stream) == ["a"]
        async with house.store.snapshot() as snapshot:
            assert await house.stream_log(snapshot).head(stream) == head, (
                "the epoch changed though nothing was restored"
            )


async def test_in_memory_is_a_file_that_is_gone_afterwards() -> None:
    store = open_sqlite(":memory:", MEANS)
    path, stream = store.file.path, a_stream()
    assert path.exists()
    assert store.writer.execute("pragma journal_mode").fetchone() == ("wal",)
    await store.close()
    assert not path.parent.exists()
    async with sqlite_house() as house, sqlite_house() as other:
        await house.note(stream, "a")
        assert await other.noted(stream) == []


async def test_every_commit_is_waited_for_until_it_is_on_disk(path: Path) -> None:
    assert "PRAGMA synchronous=FULL" in PRAGMAS
    store = open_sqlite(str(path), MEANS)
    assert store.writer.execute("pragma synchronous").fetchone() == (2,)
    assert store.writer.execute("pragma foreign_keys").fetchone() == (1,)
    await store.close()


async def test_nobody_else_reads_a_new_database(path: Path) -> None:
    async with sqlite_house(path) as house:
        await house.note(a_stream(), "a")
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0, f"{file.name} can be read by others"
