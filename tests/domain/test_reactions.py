"""Reactions to a message, against a plain dictionary of who said what."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict
from parlour.domain.messages.message import Message
from parlour.domain.messages.reactions import with_reaction, without_reaction
from parlour.testing.entities import messages
from parlour.testing.strategies import NOON

pytestmark = pytest.mark.row("MS4")

MOST = 4
acts = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("👍🌴🎉🚀🍕🐍"), st.booleans()), max_size=40)


@given(messages(), acts)
def test_counts_are_those_of_who_reacted_in_the_order_in_which_emoji_came(
    message: Message, acts: list[tuple[str, str, bool]]
) -> None:
    said: dict[str, set[str]] = {}
    for who, emoji, adding in acts:
        there = who in said.get(emoji, set())
        if adding and not there:
            if emoji not in said and len(said) == MOST:
                with pytest.raises(Conflict) as error:
                    with_reaction(message, emoji, MOST)
                assert error.value.code == "too_many_reactions"
                continue
            message = with_reaction(message, emoji, MOST)
            said.setdefault(emoji, set()).add(who)
        elif not adding and there:
            message = without_reaction(message, emoji)
            said[emoji].remove(who)
            if not said[emoji]:
                del said[emoji]
        assert [(r.emoji, r.count) for r in message.reactions] == [(e, len(people)) for e, people in said.items()]


@given(messages())
def test_a_deleted_message_has_none_and_takes_none(message: Message) -> None:
    gone = with_reaction(message, "👍", MOST).deleted(NOON + timedelta(minutes=1))
    assert gone.reactions == ()
    for change in (lambda: with_reaction(gone, "👍", MOST), lambda: without_reaction(gone, "👍")):
        with pytest.raises(Conflict) as error:
            change()
        assert error.value.code == "message_deleted"


@given(messages())
def test_an_edit_keeps_them(message: Message) -> None:
    reacted = with_reaction(message, "👍", MOST)
    assert reacted.edited("other words", NOON, 100).reactions == reacted.reactions
