"""Whom a text calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.identity.user import username_of
from parlour.domain.kernel.text import folded
from parlour.domain.messages.mentions import MENTIONS_AT_MOST, NOBODY, Called, called_in
from parlour.testing.text import contents, usernames

pytestmark = pytest.mark.row("MS4")


@pytest.mark.parametrize(
    "content, names",
    [
        ("@ann", ["ann"]),
        ("hi @ann, @Ben!", ["ann", "ben"]),
        ("(@ann) **@ben** _@cyd_ “@dee”", ["ann", "ben", "cyd", "dee"]),
        ("@ann.", ["ann"]),
        ("@ann.lee-", ["ann.lee"]),
        ("ask @STRASSE and @straße", ["strasse"]),
        ("@Ольга @山田太郎", ["ольга", "山田太郎"]),
        ("\uff20\uff41\uff4e\uff4e", []),
        ("@\uff41\uff4e\uff4e", ["ann"]),
        ("@ann @ann @ANN", ["ann"]),
        ("first\n@ann", ["ann"]),
        ("ann@example.org", []),
        ("https://example.org/@ann", []),
        ("@@ann", []),
        ("@ ann", []),
        ("@", []),
        ("`@ann` and\n```\n@ben\n```\nbut @cyd", ["cyd"]),
        ("`@ann\n@ben` @cyd", ["cyd"]),
        ("`@ann\n\n@ben`", ["ann", "ben"]),
        ("``a ` @ann`` @ben `", ["ben"]),
        ("~~~\n@ann\n~~~\n@ben", ["ben"]),
        ("````\n@ann\n```\n@ben\n````\n@cyd", ["cyd"]),
        ("```\n@ann", []),
        ("see:\n\n    @ann\n    @ben\n@cyd", ["cyd"]),
        ("see:\n    @ann", ["ann"]),
        ("\\@ann", []),
        ("@" + "x" * 65, []),
        ("@" + "x" * 64, ["x" * 64]),
        ("@_ann", []),
    ],
)
def test_names_are_found_where_people_mean_them(content: str, names: list[str]) -> None:
    assert called_in(content) == Called(tuple(names))


@pytest.mark.parametrize("content, names", [("@room", ()), ("@ALL now", ()), ("@all @ann", ("ann",))])
def test_the_room_is_called_by_names_of_its_own(content: str, names: tuple[str, ...]) -> None:
    assert called_in(content) == Called(names, room=True)


@given(usernames(), st.sampled_from(["{}", "hi {}", "{}: hi", "({})", "{}.", "a\n{}\nb"]))
def test_whoever_can_be_called_something_can_be_called(name: str, around: str) -> None:
    called = called_in(around.format("@" + name))
    assert called.room or called.names == (folded(username_of(name)),)


@given(contents())
def test_a_text_without_the_sign_calls_nobody(content: str) -> None:
    assert "@" in content or called_in(content) is NOBODY


@given(st.text("@`a. \n-_", max_size=400))
def test_names_are_few_and_can_be_usernames_whatever_is_said(content: str) -> None:
    for name in called_in(content).names:
        assert name == folded(name)
        assert name[0].isalnum()
        assert name[-1].isalnum()


def test_of_many_names_the_first_count() -> None:
    called = called_in(" ".join(f"@n{n}" for n in range(MENTIONS_AT_MOST + 20)))
    assert called.names == tuple(f"n{n}" for n in range(MENTIONS_AT_MOST))
