"""Optional modules by `feature_flags.toml`: off by default, tables when first on, read again without a restart."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from parlour.application.kernel.about import GetConfig
from parlour.config.flags import KNOWN, FlagsError, TomlFlags
from parlour.config.server import make_app
from parlour.config.settings import Settings
from parlour.domain.kernel.errors import NotFound
from parlour.domain.kernel.streams import Stream

from ..aside import SQL
from .desk import ALICE, Office, office
from .example_module import FLAG, NOTES, ListNotes, Note, WriteNote

ON, OFF = f"{FLAG} = true\n", f"{FLAG} = false\n"


async def nothing(flag: str) -> None:
    """No tables are to be made."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feature_flags.toml"
    path.write_text(OFF)
    return path


@pytest.fixture
async def with_notes(file: Path, database_url: str) -> AsyncIterator[Office]:
    async with office(database_url, modules=[NOTES], flags=file, start=False) as opened:
        yield opened


async def tables(opened: Office) -> list[str]:
    async with opened.instance.store.snapshot() as db:
        return [row["name"] for row in await db.joins(SQL.tables)]


@pytest.mark.row("AD2")
async def test_a_module_is_off_unless_it_is_switched_on(with_notes: Office) -> None:
    chat = with_notes.instance.chat
    with pytest.raises(NotFound) as error:
        await chat.execute(WriteNote("milk"), ALICE)
    assert error.value.code == "feature_disabled"
    assert "notes" not in await tables(with_notes)
    assert (await chat.execute(GetConfig(), ALICE)).modules == []


@pytest.mark.row("AD2", "DX1")
async def test_its_tables_are_made_when_it_is_first_on(with_notes: Office, file: Path) -> None:
    chat, flags = with_notes.instance.chat, with_notes.instance.flags
    file.write_text(ON)
    await flags.load()
    assert "notes" in await tables(with_notes)
    assert (await chat.execute(WriteNote("milk"), ALICE)) == Note("milk", 1)
    assert (await chat.execute(GetConfig(), ALICE)).modules == [FLAG]
    file.write_text(OFF)
    await flags.load()
    with pytest.raises(NotFound):
        await chat.execute(ListNotes(), ALICE)
    file.write_text(ON)
    await flags.load()
    assert await chat.execute(ListNotes(), ALICE) == [Note("milk", 1)]


@pytest.mark.row("DX1")
async def test_its_reaction_runs_in_the_unit_while_it_is_on(with_notes: Office, file: Path) -> None:
    file.write_text(ON)
    await with_notes.instance.flags.load()
    await with_notes.instance.chat.execute(WriteNote("milk"), ALICE)
    tags = [e.tag for e in await with_notes.log(Stream.of_user(ALICE.known))]
    assert tags == ["note_written", "note_counted"]


@pytest.mark.row("AD2")
async def test_by_http_it_is_404_until_it_is_on_and_in_no_description(with_notes: Office, file: Path) -> None:
    app: Any = make_app(with_notes.instance, Settings(), "test")
    sign_up = {"username": "dora", "email": "dora@example.org", "password": "correct horse"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        token = (await client.post("/api/signup", json=sign_up)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        off = await client.post("/api/notes", json={"text": "milk"}, headers=headers)
        assert (off.status_code, off.json()["code"]) == (404, "feature_disabled")
        assert "/api/notes" not in (await client.get("/openapi.json")).json()["paths"]
        file.write_text(ON)
        await with_notes.instance.flags.load()
        on = await client.post("/api/notes", json={"text": "milk"}, headers=headers)
        assert (on.status_code, on.json()) == (201, {"text": "milk", "number": 1})
        assert "/api/notes" in (await client.get("/openapi.json")).json()["paths"]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another task does soon."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)


@pytest.mark.row("AD2")
async def test_the_file_is_read_again_when_it_changes(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    flags = TomlFlags(file, {FLAG}, nothing)
    await flags.load()
    caplog.set_level(logging.INFO, "parlour.flags")
    watching = asyncio.create_task(flags.watch(every=0.0))
    try:
        file.write_text(ON)
        await until(lambda: flags.on(FLAG))
        file.write_text("this is [not toml")
        await until(lambda: "cannot be used" in caplog.text)
        assert flags.on(FLAG), "the last good one stays in force"
        file.write_text(OFF + "\n")
        await until(lambda: not flags.on(FLAG))
        file.write_text(ON + "# again")
        await until(lambda: flags.on(FLAG))
        file.unlink()
        await until(lambda: not flags.on(FLAG))
    finally:
        watching.cancel()


async def test_tables_that_cannot_be_made_leave_the_module_off(file: Path) -> None:
    async def fails(flag: str) -> None:
        raise RuntimeError("no room")

    flags = TomlFlags(file, {FLAG}, fails)
    file.write_text(ON)
    with pytest.raises(RuntimeError):
        await flags.load()
    assert not flags.on(FLAG)


WRONG = [
    ("enable_notse = true", "no flag called enable_notse. Did you mean enable_notes?"),
    ("enable_organisations = false", "Did you mean enable_organizations?"),
    ("zzz = true", "Known are: enable_advanced_admin"),
    ("enable_notes = 1", "must be true or false, not 1"),
    ('enable_notes = "yes"', "must be true or false, not 'yes'"),
    ("enable_notes", "feature_flags.toml"),
    ("[enable_notes]\nx = 1", "must be true or false"),
    *((f"{flag} = true", f"no module {module} yet") for flag, module in KNOWN.items()),
]


@pytest.mark.row("AD2")
@pytest.mark.parametrize("text, said", WRONG, ids=[t for t, _ in WRONG])
async def test_a_file_that_cannot_be_used_is_refused_with_the_reason(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(FlagsError) as error:
        await TomlFlags(file, {FLAG}, nothing).load()
    assert said in str(error.value)
    assert str(file) in str(error.value)


async def test_an_instance_does_not_start_on_a_broken_file(file: Path, database_url: str) -> None:
    file.write_text("enable_notse = true")
    with pytest.raises(FlagsError):
        async with office(database_url, modules=[NOTES], flags=file):
            pytest.fail("it started")


async def test_the_known_flags_may_stand_in_the_file_while_off() -> None:
    shipped = Path(__file__).parents[2] / "feature_flags.toml"
    flags = TomlFlags(shipped, set(), nothing)
    await flags.load()
    assert flags.names() == []
    assert all(name in shipped.read_text() for name in KNOWN)
