"""What people type: which characters are refused, how names are compared, which look alike."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parlour.domain.kernel.text import blank, folded, skeleton, unprintable
from parlour.testing.text import CONTROLS, DIRECTIONS, HALF_PAIRS, LINE_BREAKS, LOOK_ALIKES, names, printable, unfit


def as_shown(character: str) -> str:
    return f"U+{ord(character):04X}"


@pytest.mark.parametrize("character", [*CONTROLS, *HALF_PAIRS], ids=as_shown)
def test_controls_and_half_pairs_are_refused_everywhere(character: str) -> None:
    for lines in (True, False):
        assert unprintable(f"a{character}b", lines=lines) == as_shown(character)


@pytest.mark.parametrize("character", [*DIRECTIONS, "\u2028", "\u2029"], ids=as_shown)
def test_marks_that_turn_the_direction_are_refused_in_one_line_alone(character: str) -> None:
    assert unprintable(f"a{character}b", lines=False) == as_shown(character)
    assert unprintable(f"a{character}b", lines=True) is None


@pytest.mark.parametrize("character", [c for c in LINE_BREAKS if c < "\x80"], ids=as_shown)
def test_line_breaks_and_tabs_are_for_several_lines(character: str) -> None:
    assert unprintable(character, lines=True) is None
    assert unprintable(character, lines=False) == as_shown(character)


@given(unfit())
def test_one_bad_character_spoils_a_name_wherever_it_stands(text: str) -> None:
    assert unprintable(text, lines=False) is not None


@given(st.text(st.characters(categories=["L", "M", "N", "P", "Sm", "Sc", "So"])))
def test_letters_marks_digits_and_signs_of_any_script_are_fine(text: str) -> None:
    assert unprintable(text, lines=False) is None


@given(st.text())
def test_what_is_named_is_the_first_that_is_refused(text: str) -> None:
    bad = unprintable(text, lines=True)
    if bad is not None:
        at = text.index(chr(int(bad.removeprefix("U+"), 16)))
        assert unprintable(text[:at], lines=True) is None


@given(names())
@example("İstanbul")
@example("ẞ")
@example("ΑΣ")
def test_folding_is_stable_and_knows_no_case(name: str) -> None:
    key = folded(name)
    assert folded(key) == key
    assert folded(unicodedata.normalize("NFD", name)) == key
    assert folded(unicodedata.normalize("NFKC", name)) == key


@pytest.mark.parametrize("one, other", [("Straße", "STRASSE"), ("ﬁn", "FIN"), ("ＡＢ", "ab"), ("Zoë", "ZOE\u0308")])
def test_folding_takes_for_the_same_what_people_write_in_different_ways(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@given(st.characters(categories=["Lu", "Ll"]))
def test_case_never_tells_two_names_apart(letter: str) -> None:
    assert folded(letter) == folded(letter.casefold())


@pytest.mark.row("ID1")
@pytest.mark.parametrize("one, other", LOOK_ALIKES)
def test_look_alikes_have_one_skeleton(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize("one, other", [("anna", "anne"), ("bob", "rob"), ("a.b", "ab"), ("山田", "山口")])
def test_what_looks_different_has_another_skeleton(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(printable())
def test_a_skeleton_does_not_depend_on_case_or_composition(name: str) -> None:
    assert skeleton(name) == skeleton(unicodedata.normalize("NFD", name)) == skeleton(folded(name))


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\u200b", "\u3164\u2800", "\u2060 \ufeff", "\u00a0"])
def test_what_nobody_sees_is_blank(text: str) -> None:
    assert blank(text)


@pytest.mark.parametrize("text", ["a", ".", "\u200ba", "👍", "\u0301", "\ue000", "한"])
def test_what_somebody_sees_is_not(text: str) -> None:
    assert not blank(text)
