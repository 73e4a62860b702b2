"""Messages: what may be said, edits, and tombstones."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict, Invalid
from parlour.domain.messages.message import Message, checked_content
from parlour.testing.entities import messages
from parlour.testing.strategies import NOON
from parlour.testing.text import contents, unfit

LATER = NOON + timedelta(minutes=1)


@pytest.mark.row("MS1")
@given(contents())
def test_words_are_kept_as_written(content: str) -> None:
    assert checked_content(content, 200) == content


@pytest.mark.parametrize("content", ["", " ", "\n\t\n", "\u2003"])
def test_nothing_is_no_message(content: str) -> None:
    with pytest.raises(Invalid):
        checked_content(content, 100)


@given(st.integers(1, 50), st.integers(0, 100))
def test_the_limit_counts_characters(limit: int, more: int) -> None:
    said = "é" * more
    if 1 <= more <= limit:
        assert checked_content(said, limit) == said
    else:
        with pytest.raises(Invalid) as error:
            checked_content(said, limit)
        assert error.value.faults[0].code == "length"


@given(unfit(lines=True))
def test_what_cannot_be_shown_is_refused(content: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_content(content, 1000)
    assert error.value.faults[0].code == "character"


@pytest.mark.row("MS4")
@given(messages(), contents())
def test_an_edit_changes_the_words_and_says_when(message: Message, content: str) -> None:
    edited = message.edited(content, LATER, 1000)
    assert (edited.content, edited.edited_at) == (content, LATER)
    assert (edited.id, edited.offset, edited.number, edited.created_at, edited.author_id) == (
        message.id, message.offset, message.number, message.created_at, message.author_id,
    )  # fmt: skip


@pytest.mark.row("MS4")
@given(messages())
def test_a_tombstone_keeps_the_place_and_not_the_words(message: Message) -> None:
    gone = message.deleted(LATER)
    assert (gone.content, gone.deleted_at) == ("", LATER)
    assert (gone.id, gone.offset, gone.number, gone.author_id) == (
        message.id, message.offset, message.number, message.author_id,
    )  # fmt: skip


@given(messages())
def test_what_was_deleted_stays_deleted(message: Message) -> None:
    gone = message.deleted(LATER)
    for change in (lambda: gone.edited("again", LATER, 100), lambda: gone.deleted(LATER), gone.check_there):
        with pytest.raises(Conflict) as error:
            change()
        assert error.value.code == "message_deleted"


@given(messages())
def test_an_edit_to_nothing_is_refused_and_changes_nothing(message: Message) -> None:
    before = message.content
    with pytest.raises(Invalid):
        message.edited("  ", LATER, 100)
    assert message.content == before
