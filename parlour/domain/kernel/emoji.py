"""What is one emoji, and how it is written: what is counted by it needs one spelling."""

import re

from .emoji_data import COLOURED, PEOPLE, PLAIN, REGIONS
from .errors import invalid

JOINER, PICTURE = "\u200d", "\ufe0f"
EMOJI_CHARACTERS = 32
_FLAG_LETTERS = str.maketrans({chr(0x1F1E6 + n): chr(ord("A") + n) for n in range(26)})
_REGIONS = frozenset(REGIONS.split())


def _set(ranges: str) -> str:
    """Ranges of code points, as a set of a regular expression."""
    ends = (one.partition("-") for one in ranges.split())
    return "".join(chr(int(low, 16)) + (f"-{chr(int(high, 16))}" if high else "") for low, _, high in ends)


_ONE = f"(?:[{_set(PEOPLE)}]{PICTURE}?[\U0001f3fb-\U0001f3ff]|[{_set(COLOURED + PLAIN)}]{PICTURE}?)"
_JOINED = re.compile(f"{_ONE}(?:{JOINER}{_ONE}){{0,5}}")
_KEY = re.compile(f"([0-9#*]){PICTURE}?\u20e3")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_PART_OF_A_REGION = re.compile(
    "\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,3}\U000e007f"
)
_WITH_MARK = re.compile(f"([{_set(PLAIN)}]){PICTURE}?(?![\U0001f3fb-\U0001f3ff{PICTURE}])")
_WITHOUT_MARK = re.compile(f"([{_set(COLOURED)}]){PICTURE}|{PICTURE}(?=[\U0001f3fb-\U0001f3ff])")


def checked_emoji(text: str, field: str = "emoji") -> str:
    """One emoji in its full spelling (`❤` becomes `❤️`); anything else is refused.

    By the grammar of Unicode Technical Standard #51, section 1.4.9 (possible emoji), made narrower: a picture, one with a
    colour of skin where it takes one, up to six of these joined, a key, the flag of a region that has one, or of a part of
    one. U+FE0F stands behind every character that would be text without it and has no colour of skin, and nowhere else,
    which is what emoji-test.txt calls fully qualified.
    """
    if len(text) <= EMOJI_CHARACTERS:
        if (key := _KEY.fullmatch(text)) is not None:
            return f"{key[1]}{PICTURE}\u20e3"
        if _PART_OF_A_REGION.fullmatch(text) or (_FLAG.fullmatch(text) and text.translate(_FLAG_LETTERS) in _REGIONS):
            return text
        if _JOINED.fullmatch(text):
            return _WITH_MARK.sub(rf"\1{PICTURE}", _WITHOUT_MARK.sub(r"\1", text))
    raise invalid(field, "emoji", "This is not one emoji.")
