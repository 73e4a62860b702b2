"""`docs/robustness.md` names tests that are there: in this folder, or by their path in `tests`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..server import ROOT

FILE = ROOT / "docs" / "robustness.md"
HERE = Path(__file__).parent
NAMED = re.compile(r"`((?:\w+/)*test_\w+\.py)::(test_\w+)`")


def missing(text: str) -> Iterator[str]:
    """Each test that is named and is not there."""
    for file, test in NAMED.findall(text):
        path = (HERE.parent if "/" in file else HERE) / file
        tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
        if not any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == test for n in tree.body):
            yield f"{file}::{test}"


def test_every_test_that_is_named_is_there() -> None:
    assert list(missing(FILE.read_text())) == []


def test_every_row_names_a_test() -> None:
    rows = [r for r in FILE.read_text().splitlines() if r.startswith("| ") and "**" not in r][1:]
    assert [r for r in rows if not NAMED.search(r)] == []
    assert len(rows) > 30


def test_a_test_that_is_not_there_is_seen() -> None:
    assert list(missing("`test_bad_input.py::test_nothing` `test_none.py::test_x` `faults/test_stay.py::test_z`")) == [
        "test_bad_input.py::test_nothing",
        "test_none.py::test_x",
        "faults/test_stay.py::test_z",
    ]
