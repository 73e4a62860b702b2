"""Topics, and which positions can be resumed from, against a naive model of a log."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.ids import UserId
from parlour.domain.kernel.streams import Head, Position, Stream, Topic, TopicKind, can_resume
from parlour.testing.entities import event_id, heads, positions
from parlour.testing.strategies import ROOMS, USERS, WORKSPACES


def naive(head: Head, after: Position) -> bool:
    """Spelt out over the events themselves: the one at the position is there, the same, and all after it are, too."""
    events = {offset: event_id(offset) for offset in range(head.floor, head.offset + 1)}
    if after.epoch != head.epoch:
        return False
    if after.offset == 0:
        return set(events) == set(range(1, head.offset + 1)) and head.floor == 1
    there = events.get(after.offset)
    return there is not None and after.id in {None, there}


@pytest.mark.row("RT4")
@given(heads(), positions())
def test_a_position_is_trusted_exactly_when_everything_after_it_is_there(head: Head, after: Position) -> None:
    there = event_id(after.offset) if head.floor <= after.offset <= head.offset else None
    assert can_resume(head, after, there) is naive(head, after)


@given(heads())
def test_the_head_itself_can_be_resumed_from_unless_the_stream_is_empty_and_cut(head: Head) -> None:
    assert can_resume(head, head.position, head.id)


@given(heads().filter(lambda h: h.offset > 0))
def test_a_store_restored_from_a_backup_is_noticed(head: Head) -> None:
    assert not can_resume(head, head.position, event_id(head.offset + 1))
    assert not can_resume(evolve(head, epoch="c"), head.position, head.id)
    assert not can_resume(head, evolve(head.position, offset=head.offset + 1), None)


@given(st.sampled_from(TopicKind), st.uuids())
def test_a_topic_is_read_back_from_its_name(kind: TopicKind, key: UserId) -> None:
    assert Topic.parse(str(Topic(kind, key))) == Topic(kind, key)


@pytest.mark.parametrize(
    "text", ["", "room", "room:", "room:x", "cat:" + str(ROOMS[0]), ":", str(ROOMS[0]), "room:\x00"]
)
def test_what_names_no_topic_is_none(text: str) -> None:
    assert Topic.parse(text) is None


@given(st.text(max_size=60))
def test_whatever_is_asked_a_topic_is_a_topic_or_none(text: str) -> None:
    topic = Topic.parse(text)
    assert topic is None or topic.kind in TopicKind


def test_streams_belong_to_their_tenant() -> None:
    room = Stream.of_room(WORKSPACES[0], ROOMS[0])
    assert (room.owner, str(room.topic)) == (WORKSPACES[0], f"room:{ROOMS[0]}")
    assert Stream.of_workspace(WORKSPACES[0]).owner == WORKSPACES[0]
    assert Stream.of_user(USERS[0]).owner == USERS[0]
