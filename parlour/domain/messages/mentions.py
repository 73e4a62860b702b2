"""Who is called by what is said: `@username`, and `@room` or `@all` for everybody in the room."""

import re
import unicodedata

from attrs import frozen

from ..kernel.text import folded

EVERYBODY = frozenset({"room", "all"})
MENTIONS_AT_MOST = 50

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_INDENTED = re.compile(r" {4}| {0,3}\t")
_INLINE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_CALL = re.compile(r"(?<![^\W_])(?<![@./:+\-\\])@([^\W_][\w.\-]*)")
_LONGEST = 64


@frozen
class Called:
    """The names that a text calls, folded as usernames are, those that come first at the front."""

    names: tuple[str, ...] = ()
    room: bool = False


NOBODY = Called()


def called_in(content: str) -> Called:
    """Who a text calls. An address (`a@b.org`), and what stands in code, calls nobody; a dot or dash behind a name is the
    sentence's. Of many names the first 50 count, so that a text costs no more look-ups than that."""
    if "@" not in content:
        return NOBODY
    words = unicodedata.normalize("NFKC", _spoken(content))
    found = (match[1].rstrip(".-_") for match in _CALL.finditer(words))
    names = dict.fromkeys(folded(name) for name in found if len(name) <= _LONGEST)
    room = not EVERYBODY.isdisjoint(names)
    return Called(tuple(n for n in names if n not in EVERYBODY)[:MENTIONS_AT_MOST], room)


def _spoken(content: str) -> str:
    """What of a text is no code, as CommonMark (spec 0.31, 4.4, 4.5 and 6.1) tells code: fenced, indented after a blank
    line, or between backticks."""
    spoken, fence, before = list[str](), "", ""
    for line in content.splitlines():
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].startswith(fence) and not line[opened.end() :].strip():
                fence = ""
            continue
        if opened:
            fence, before = opened[1], ""
        elif before.strip() or not _INDENTED.match(line):
            spoken.append(line)
            before = line
    words = "\n".join(spoken)
    return "\n\n".join(_INLINE.sub(" ", part) for part in _PARAGRAPHS.split(words)) if "`" in words else words
