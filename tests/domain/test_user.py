"""Usernames, e-mail addresses and passwords."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.identity.user import User, UserState, checked_password, email_of, new_user, username_of
from parlour.domain.kernel.errors import Invalid
from parlour.domain.kernel.text import folded, skeleton
from parlour.testing.entities import users
from parlour.testing.strategies import NOON, USERS
from parlour.testing.text import CONTROLS, DIRECTIONS, HALF_PAIRS, passwords, usernames


def code_of(error: pytest.ExceptionInfo[Invalid]) -> str:
    (fault,) = error.value.faults
    return fault.code


@given(usernames())
def test_a_good_username_is_kept_composed(name: str) -> None:
    kept = username_of(name)
    assert kept == unicodedata.normalize("NFKC", name)
    assert username_of(kept) == kept


@pytest.mark.row("ID1")
@pytest.mark.parametrize(
    "name, code",
    [
        ("a", "length"),
        ("a" * 65, "length"),
        ("ﷺ" * 4, "length"),  # eighteen characters each, once composed
        ("a b", "format"),
        (".ab", "format"),
        ("ab.", "format"),
        ("_ab", "format"),
        ("a@b", "format"),
        ("a/b", "format"),
        ("All", "reserved"),
        ("here", "reserved"),
        ("👍👍", "format"),
        ("a\u200db", "format"),
        ("ab\u200f", "format"),
        *((f"a{c}b", "character") for c in (*CONTROLS, *DIRECTIONS, *HALF_PAIRS)),
    ],
)
def test_a_username_that_breaks_a_rule_is_refused(name: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        username_of(name)
    assert code_of(error) == code
    assert error.value.faults[0].pointer == "/username"


@given(st.text(max_size=80))
def test_whatever_is_taken_keeps_the_rules(text: str) -> None:
    try:
        name = username_of(text)
    except Invalid:
        return
    assert 2 <= len(name) <= 64
    assert name[0].isalnum()
    assert name[-1].isalnum()
    assert all(c.isalnum() or c in "._-" for c in name)


@given(st.text(min_size=0, max_size=140))
def test_a_password_has_8_to_128_bytes(password: str) -> None:
    size = len(password.encode("utf-8", "surrogatepass"))
    half_pair = any("\ud800" <= c <= "\udfff" for c in password)
    if 8 <= size <= 128 and not half_pair:
        assert checked_password(password) == password
    else:
        with pytest.raises(Invalid):
            checked_password(password)


@pytest.mark.row("ID1")
@pytest.mark.parametrize(
    "password, code",
    [
        ("seven77", "length"),
        ("é" * 3, "length"),
        ("x" * 129, "length"),
        ("é" * 65, "length"),
        ("x" * 8 + "\ud800", "character"),
    ],
)
def test_a_password_out_of_bounds_is_refused_at_its_field(password: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_password(password, "new_password")
    assert code_of(error) == code
    assert error.value.faults[0].pointer == "/new_password"


@given(passwords())
def test_generated_passwords_are_within_the_bounds(password: str) -> None:
    assert checked_password(password) == password


@pytest.mark.parametrize("email", ["a@example.org", "first.last+tag@sub.example.co.uk", "ü@exämple.de"])
def test_an_address_is_kept_as_written(email: str) -> None:
    assert email_of(email) == email


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "@example.org", "a@", "a b@example.org", "a..b@example.org", ".a@example.org",
     "a.@example.org", "a@.example.org", "a@example..org", "a@b@example.org", "<a@example.org>", "a@example.o",
     "a@example.org\r\nBcc: all", "a\x00@example.org", "a" * 65 + "@example.org", "a@" + "x" * 250 + ".org"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid):
        email_of(email)


@pytest.mark.row("ID1")
@given(users())
def test_a_new_user_is_active_and_can_be_found_by_their_keys(user: User) -> None:
    assert user.state is UserState.ACTIVE
    assert user.username_key == folded(user.username)
    assert user.username_skeleton == skeleton(user.username)
    assert user.email_key == folded(user.email)
    assert user.name


def test_without_a_name_one_is_called_by_the_username() -> None:
    user = new_user(USERS[0], "ＡＢ", "a@example.org", None, "hash", NOON, admin=False)
    assert (user.username, user.name) == ("AB", "AB")


@pytest.mark.row("ID5")
@given(users(), st.sampled_from(UserState))
def test_a_state_changes_nothing_else_but_the_time(user: User, state: UserState) -> None:
    later = NOON + timedelta(days=1)
    changed = user.with_state(state, later)
    assert (changed.state, changed.updated_at) == (state, later)
    assert changed.with_state(user.state, user.updated_at) == user
