"""What is one emoji: nothing else may be reacted with, and each has one spelling."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.emoji import EMOJI_CHARACTERS, JOINER, PICTURE, checked_emoji
from parlour.domain.kernel.emoji_data import COLOURED, PEOPLE, PLAIN, REGIONS
from parlour.domain.kernel.errors import Invalid
from parlour.testing.text import contents, emoji

pytestmark = pytest.mark.row("MS4")

SKIN = "🏻🏼🏽🏾🏿"


def characters(ranges: str) -> list[str]:
    found = []
    for one in ranges.split():
        low, _, high = one.partition("-")
        found += [chr(c) for c in range(int(low, 16), int(high or low, 16) + 1)]
    return found


WITH_PICTURES, WITH_TEXT, WITH_SKIN = map(characters, (COLOURED, PLAIN, PEOPLE))
one = (
    st.sampled_from(WITH_PICTURES)
    | st.sampled_from(WITH_TEXT)
    | st.builds(lambda c, s: c + s, st.sampled_from(WITH_SKIN), st.sampled_from(SKIN))
)
joined = st.lists(one, min_size=1, max_size=6).map(JOINER.join)


@given(joined | emoji(), st.data())
def test_a_picture_has_one_spelling_wherever_the_mark_was_left_out(text: str, data: st.DataObject) -> None:
    full = checked_emoji(text)
    assert checked_emoji(full) == full
    drawn = "".join(c for c in full if c != PICTURE or data.draw(st.booleans()))
    assert checked_emoji(drawn) == full
    assert len(full) <= EMOJI_CHARACTERS


@pytest.mark.parametrize(
    "given_, full",
    [
        ("👍", "👍"),
        ("👍🏽", "👍🏽"),
        ("❤", "❤️"),
        ("❤️", "❤️"),
        ("☝🏽", "☝🏽"),
        ("☝️🏽", "☝🏽"),
        ("👍️", "👍"),
        ("#️⃣", "#️⃣"),
        ("1⃣", "1️⃣"),
        ("🇩🇪", "🇩🇪"),
        ("🏳‍🌈", "🏳️‍🌈"),
        ("👩🏽‍❤️‍💋‍👨🏿", "👩🏽‍❤️‍💋‍👨🏿"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ],
)
def test_emoji_of_every_sort(given_: str, full: str) -> None:
    assert checked_emoji(given_) == full


NONE = [
    "", " ", "a", "1", "#", "*", "ok", ":)", ":thumbsup:", "é", "中", "👍👍", "👍 ", " 👍", "👍\n", "a👍", "👍a", "🇩", "🇩🇪🇫🇷",
    "🇽🇽", "🏽", "👍🏽🏽", "🌴🏽", PICTURE, JOINER, "👍" + JOINER, JOINER + "👍", "👍" + PICTURE * 2, "\u20e3", "❤\ufe0e", "│", "♩",
    "\x00", "\ud83d", "👍\u0301", "𝕏", JOINER.join(["👩"] * 7), "👍" * 100_000, "a" * 10,
]  # fmt: skip


@pytest.mark.parametrize("text", NONE, ids=lambda t: ascii(t[:8]))
def test_anything_else_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_emoji(text)
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/emoji", "emoji")]


@given(contents() | st.text(max_size=6))
def test_what_is_taken_is_made_of_pictures(text: str) -> None:
    """No letters, no marks of other scripts, no controls, whatever is tried."""
    try:
        full = checked_emoji(text)
    except Invalid:
        return
    letters = {
        c for c in full if unicodedata.category(c)[0] in "LC" and not (c == JOINER or 0xE0020 <= ord(c) <= 0xE007F)
    }
    assert not letters & set(map(chr, range(0x2000)))


def test_the_tables_are_in_order_and_know_no_character_twice() -> None:
    assert not set(WITH_PICTURES) & set(WITH_TEXT)
    assert set(WITH_SKIN) <= set(WITH_PICTURES) | set(WITH_TEXT)
    for table in (WITH_PICTURES, WITH_TEXT, WITH_SKIN):
        assert table == sorted(set(table))
        assert all(ord(c) >= 0xA9 for c in table), "a digit alone is no picture"
    assert len(REGIONS.split()) == len(set(REGIONS.split())) == 259
    names = {unicodedata.name(c, "") for c in WITH_PICTURES}
    assert {"THUMBS UP SIGN", "PALM TREE", "ROCKET"} <= names
