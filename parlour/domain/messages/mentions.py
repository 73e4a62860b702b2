"""Who is called by what is said: `@username`, and `@room` or `@all` for everybody in the room."""

import re
import unicodedata

from attrs import frozen

from ..kernel.text import folded

EVERYBODY = frozenset({"room", "all"})
MENTIONS_AT_MOST = 50

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_CALL = re.compile(r"(?<![^\W_])(?<![@./:+\-])@([^\W_][\w.\-]*)")
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
    words = unicodedata.normalize("NFKC", _CODE.sub(" ", content) if "`" in content else content)
    found = (match[1].rstrip(".-_") for match in _CALL.finditer(words))
    names = dict.fromkeys(folded(name) for name in found if len(name) <= _LONGEST)
    room = not EVERYBODY.isdisjoint(names)
    return Called(tuple(n for n in names if n not in EVERYBODY)[:MENTIONS_AT_MOST], room)
