"""Checks the links of the documentation that point into the repository: the file is there, and the heading too.

`python tools/links.py [FOLDER]`; links to other sites are not looked at.
"""

import re
import sys
import unicodedata
from pathlib import Path

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "examples/**/*.md", "deploy/**/*.md")

FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
INLINE = re.compile(
    r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"
)
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
TAG = re.compile(r"<(?:a|img)\s[^>]*?(?:href|src)=\"([^\"]*)\"")
ANCHOR = re.compile(r"<[a-z0-9]+\s[^>]*?(?:id|name)=\"([^\"]*)\"")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def prose(text: str) -> list[tuple[int, str]]:
    """The lines with their numbers, without those of code blocks."""
    lines, fence = [], ""
    for number, line in enumerate(text.splitlines(), 1):
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        elif not fence:
            lines.append((number, line))
    return lines


def slug(heading: str) -> str:
    """The anchor that a heading gets: as GitHub makes it."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[`*]|<[^>]+>", "", text).strip().lower()
    kept = (c for c in text if c in " -_" or unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Mn")
    return "".join(kept).replace(" ", "-")


def anchors(text: str) -> set[str]:
    found: set[str] = set()
    for _, line in prose(text):
        found.update(ANCHOR.findall(line))
        if heading := HEADING.match(line):
            first = name = slug(heading[1])
            count = 0
            while name in found:
                count += 1
                name = f"{first}-{count}"
            found.add(name)
    return found


def links(text: str) -> list[tuple[int, str]]:
    found = []
    for number, line in prose(text):
        plain = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        found += [(number, target) for pattern in (INLINE, REFERENCE, TAG) for target in pattern.findall(plain)]
    return found


def complaint(root: Path, document: Path, target: str) -> str:
    """What is wrong with a link of a document; empty if nothing is, or if it leads elsewhere."""
    if not target or ELSEWHERE.match(target):
        return "" if target else "leads nowhere"
    name, _, anchor = target.partition("#")
    path = ((root / name.lstrip("/")) if name.startswith("/") else document.parent / name) if name else document
    if not path.resolve().is_relative_to(root.resolve()):
        return "leads out of the repository"
    if not path.exists():
        return "there is no such file"
    if anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8")):
        return "there is no such heading"
    return ""


def check(root: Path) -> tuple[int, list[str]]:
    """How many links there are, and what is wrong with them."""
    count, wrong = 0, []
    for document in sorted({path for pattern in DOCUMENTS for path in root.glob(pattern)}):
        for number, target in links(document.read_text(encoding="utf-8")):
            count += 1
            if said := complaint(root, document, target):
                wrong.append(f"{document.relative_to(root)}:{number}: {target}: {said}")
    return count, wrong


def main() -> int:
    count, wrong = check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"links: {count} looked at, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
