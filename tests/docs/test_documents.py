"""Every command and snippet of the documents is run, and prints what they say."""

import json
import re
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import parlour
from parlour.config.features import CORE
from tests.architecture.test_footprint import bare_environment  # noqa: F401 - a fixture
from tests.engines import on_sqlite
from tests.server import Server

from .blocks import DATA, ROOT, RUN, Block, blocks, documents, matches
from .running import people, run_part, run_program, run_shell

EVERY = [block for document in documents() for block in blocks(document)]
MAKES = {"make run", "make test", "make check", "make bench", "make rows", "make format", "make help", "make setup"}


def commands(block: Block) -> set[str]:
    """The lines of a shell block, without comments."""
    return {line.split("#")[0].strip() for line in block.text.splitlines()} - {""}


def of_make(block: Block) -> bool:
    """Blocks of `make` alone are run by `test_make`."""
    return block.language == "sh" and all(line.startswith("make ") for line in commands(block))


def of(document: str) -> list[Block]:
    return [b for b in EVERY if b.document == document and b.mark != "not run" and not of_make(b)]


def check_outputs(document: str, said: dict[int, str]) -> None:
    """What the document says that these blocks print is what they printed."""
    for before, block in pairwise(of(document)):
        if block.mark == "output" and before.line in said:
            assert matches(block.text, said[before.line]), f"{block.place}: printed was\n{said[before.line]}"


@pytest.mark.parametrize("block", EVERY, ids=lambda b: b.place)
def test_every_block_is_run_or_is_data(block: Block):
    assert block.language in RUN | DATA, "sh and python are run, json and toml are read, text is neither"
    if block.language == "json":
        json.loads(block.text)
    if block.language == "toml":
        tomllib.loads(block.text)
    if block.mark == "output":
        listed = of(block.document)
        assert listed[listed.index(block) - 1].language in RUN, "the output of nothing that is run"
    if of_make(block):
        assert commands(block) <= MAKES, "tests/docs/test_make.py runs these"


@pytest.mark.row("DX6")
@pytest.mark.parametrize("document", [d for d in documents() if any(b.language == "sh" for b in of(d))])
@on_sqlite
def test_commands(document: str, make_server: Callable[..., Server]):
    server = make_server()
    for block in of(document):
        if block.file is not None:
            (server.folder / block.file).write_text(block.text.replace(":8000", f":{server.port}"))
    steps = [b for b in of(document) if b.language == "sh"]
    check_outputs(document, dict(zip([b.line for b in steps], run_shell(steps, server), strict=True)))


@pytest.mark.row("DX6")
@pytest.mark.parametrize("document", [d for d in documents() if any(b.mark == "part" for b in of(d))])
async def test_parts_of_programs(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    said = {}
    async with parlour.open("chat.db") as chat:
        names = await people(chat)
        for block in of(document):
            if block.mark == "part":
                said[block.line] = await run_part(block, names)
    check_outputs(document, said)


PROGRAMS = [b for b in EVERY if b.language == "python" and b.mark in {"", "output"} and b.file is None]
ALONE = [b for b in EVERY if b.mark == "alone"]


@pytest.mark.row("DX6")
@pytest.mark.parametrize("block", PROGRAMS, ids=lambda b: b.place)
def test_programs(block: Block, tmp_path: Path):
    check_outputs(block.document, {block.line: run_program(block.text, tmp_path)})


@pytest.mark.row("DX1", "DX6")
@pytest.mark.parametrize("block", ALONE, ids=lambda b: b.place)
def test_programs_that_need_the_core_alone(block: Block, tmp_path: Path, bare_environment: Path):  # noqa: F811
    check_outputs(block.document, {block.line: run_program(block.text, tmp_path, bare_environment)})


def test_files_are_run():
    """A file that a document has one save is used by one of its commands."""
    for block in EVERY:
        if block.file is not None:
            later = [b.text for b in of(block.document) if b.language == "sh" and b.line > block.line]
            assert any(block.file in text for text in later), f"{block.place}: nothing runs {block.file}"


def test_the_data_model_names_every_table_and_every_event():
    said = (ROOT / "docs/data-model.md").read_text()
    store = ROOT / "parlour/adapters/sql"
    sql = "".join(p.read_text() for p in [*store.rglob("migrations/core/*.sql"), store / "queries/migrations.sql"])
    tables = re.findall(r"^create table (?:if not exists )?(\w+)\b(?! partition of)", sql, re.MULTILINE)
    domain = "".join(p.read_text() for p in (ROOT / "parlour/domain").rglob("events.py"))
    events = re.findall(r"^@event\(\"(\w+)\"", domain, re.MULTILINE)
    assert len(tables) > 10
    assert len(events) > 20
    assert [name for name in (*tables, *events) if f"`{name}`" not in said] == []


def test_the_route_table_names_every_path():
    """Paths are shortened by … where a line goes on below one that it names."""
    said = (ROOT / "docs/http.md").read_text()
    paths = {route.path for module in CORE for route in module.routes if not route.path.startswith("/api/chat")}
    rest = {path for path in paths if f"`{path}`" not in said and f"`{path}?" not in said}
    assert [path for path in rest if not any(f"`…{path[n:]}`" in said for n in range(4, len(path)))] == []
