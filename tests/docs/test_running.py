"""The runner of documents itself: what is wrong in a document turns a test red."""

from collections.abc import Callable

import pytest

from tests.engines import on_sqlite
from tests.server import Server

from . import blocks as module
from .blocks import Block, blocks, matches
from .running import run_part, run_shell


def shell(text: str) -> Block:
    return Block("planted.md", 1, "sh", text)


def test_marks(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ROOT", tmp_path)
    text = "<!-- file: a.py -->\n```python\nx\n```\n\n<!-- output -->\n\n```text\ny\n```\n\n*Not run by the tests: why.*\n\n"
    (tmp_path / "a.md").write_text(text + "```sh\nz\n```\n")
    assert [(b.mark, b.file, b.text) for b in blocks("a.md")] == [
        ("file", "a.py", "x"),
        ("output", None, "y"),
        ("not run", None, "z"),
    ]


def test_outputs_are_compared():
    assert matches("a … c\n", "a b c")
    assert not matches("a … c", "a b d")
    assert not matches("a.c", "abc")


@on_sqlite
def test_a_planted_failure_is_seen(make_server: Callable[..., Server]):
    server = make_server()
    assert run_shell([shell("curl -s http://127.0.0.1:8000/health/simple"), shell("echo two")], server) == [
        '{"status":"ok"}',
        "two\n",
    ]
    for planted in ("false", "curl -s --fail http://127.0.0.1:8000/nowhere", "echo $UNSET", "no_such_command | cat"):
        with pytest.raises(AssertionError):
            run_shell([shell(planted)], server)


async def test_a_part_that_fails_is_seen():
    names: dict = {}
    assert await run_part(Block("planted.md", 1, "python", "x = 1\nprint(x)"), names) == "1\n"
    assert names["x"] == 1
    with pytest.raises(ZeroDivisionError):
        await run_part(Block("planted.md", 1, "python", "x / 0"), names)
