"""What people type as names and words: cleaned, compared and refused by the same rules everywhere."""

import unicodedata

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

    Control characters (but line breaks and tabs where `lines` are allowed), lone surrogates and characters that are
    never assigned are refused everywhere. In a single line, marks that turn the writing direction are refused too.
    """
    for character in text:
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} and not (lines and character in "\n\r\t"):
            return f"U+{ord(character):04X}"
        if not lines and (category in {"Zl", "Zp"} or unicodedata.bidirectional(character) in _DIRECTION_MARKS):
            return f"U+{ord(character):04X}"
    return None


_DIRECTION_MARKS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
