"""What people type as names and words: cleaned, compared and refused by the same rules everywhere."""

import re
import unicodedata

from .errors import invalid

NAME_CHARACTERS = 255

_LOOK_ALIKES = str.maketrans(
    {
        # Letters of Cyrillic and Greek, and digits, that are read as Latin ones (after Unicode TR39's confusables).
        **dict(zip("авеѕіјкӏморсԁтухһԛԝѡү", "abesijklmopcdtyxhqwwy", strict=True)),
        **dict(zip("αβγεικνορτυχω", "abyeikvoptuxw", strict=True)),
        **dict(zip("01|", "oll", strict=True)),
        "ı": "i",
        "ɑ": "a",
        "ɡ": "g",
        "ⅼ": "l",
    }
)


def folded(name: str) -> str:
    """The key by which names are compared and sorted: compatibility-composed (NFKC) and case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def skeleton(name: str) -> str:
    """What a name looks like: two names with the same skeleton are taken for one another by people."""
    plain = "".join(c for c in unicodedata.normalize("NFD", folded(name)) if not unicodedata.combining(c))
    return plain.translate(_LOOK_ALIKES).replace("rn", "m").replace("vv", "w")


def unprintable(text: str, *, lines: bool) -> str | None:
    """The first character that text must not hold, as `U+XXXX`; None when all are fine.

    Control characters (but line breaks and tabs where `lines` are allowed) and lone surrogates are refused everywhere. In
    a single line, other line separators and marks that turn the writing direction are refused too.
    """
    found = (_NOT_IN_TEXT if lines else _NOT_IN_A_LINE).search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def blank(text: str) -> bool:
    """Whether there is nothing in a text that anybody could see."""
    return not text.strip() or (not text.isascii() and all(map(_unseen, text)))


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in _WITHOUT_SHAPE or character in _FILLERS


def checked_name(name: str, field: str = "name") -> str:
    """A name of 1 to 255 printable characters, not blank."""
    if blank(name) or len(name) > NAME_CHARACTERS:
        raise invalid(field, "length", f"A name has 1 to {NAME_CHARACTERS} characters and is not blank.")
    if (bad := unprintable(name, lines=False)) is not None:
        raise invalid(field, "character", f"A name cannot hold the character {bad}.")
    return name


_WITHOUT_SHAPE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs without a shape, as Unicode's Default_Ignorable_Code_Point and the empty braille pattern have it."""

_CONTROLS, _BREAKS, _SURROGATES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f", r"\t\n\r\u2028\u2029", r"\ud800-\udfff"
_DIRECTION_MARKS = r"\u202a-\u202e\u2066-\u2069"
_NOT_IN_TEXT = re.compile(f"[{_CONTROLS}{_SURROGATES}]")
_NOT_IN_A_LINE = re.compile(f"[{_CONTROLS}{_BREAKS}{_SURROGATES}{_DIRECTION_MARKS}]")
