"""The code blocks of a document, and what its marks say of them.

A mark is an HTML comment on the line before a block: `<!-- output -->` what the block before prints (`…` stands for
anything), `<!-- file: name.py -->` saved under this name, to be run by a later block, `<!-- alone -->` a program that runs
where only parlour's core is installed, `<!-- part -->` a piece of a program: it runs with `chat`, `ada`, … at hand. What
cannot be run says so in words that readers see: `*Not run by the tests: why.*` on a line before the block.
"""

import re
from pathlib import Path

from attrs import field, frozen

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\s*$")
_MARK = re.compile(r"^<!-- (output|alone|part|file: (?P<file>[\w./]+)) -->$")
_NOT_RUN = re.compile(r"^\*Not run by the tests: .+\.\*$")

RUN = {"sh", "python"}
DATA = {"json", "toml", "text", "diff", "sql"}


@frozen
class Block:
    """A block: where it stands, its language, its text, and its mark."""

    document: str
    line: int
    language: str
    text: str = field(repr=False)
    mark: str = ""
    file: str | None = None

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"


def documents() -> list[str]:
    """Everything that people read, by its path from the root; what is made by a tool aside."""
    names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(str(p.relative_to(ROOT)) for p in _in_docs())]
    return [name for name in names if (ROOT / name).exists()]


def _in_docs() -> list[Path]:
    made_elsewhere = {"features.md", "access.md", "robustness.md"}
    return [p for p in (ROOT / "docs").rglob("*.md") if p.name not in made_elsewhere]


def blocks(document: str) -> list[Block]:
    lines = (ROOT / document).read_text().splitlines()
    found: list[Block] = []
    n = 0
    while n < len(lines):
        fence = _FENCE.match(lines[n])
        if fence is None:
            n += 1
            continue
        end = lines.index("```", n + 1)
        mark, file = _mark(lines, n)
        found.append(Block(document, n + 1, fence[1], "\n".join(lines[n + 1 : end]), mark, file))
        n = end + 1
    return found


def _mark(lines: list[str], n: int) -> tuple[str, str | None]:
    before = [line for line in lines[max(0, n - 3) : n] if line.strip()][-1:]
    if not before:
        return "", None
    if _NOT_RUN.match(before[0]):
        return "not run", None
    match = _MARK.match(before[0])
    return (match[1].split(":")[0], match["file"]) if match else ("", None)


def matches(wanted: str, said: str) -> bool:
    """Whether what was printed is what the document says; `…` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in wanted.strip().split("…"))
    return re.fullmatch(pattern, said.strip(), re.DOTALL) is not None
