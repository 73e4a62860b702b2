"""The ids of server-sent events: what was written is read again, and nothing else is."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.ids import EventId
from parlour.domain.kernel.streams import Position, Topic, TopicKind
from parlour.entrypoints.realtime import places
from parlour.entrypoints.realtime.frames import place_of, tag_of

TOPICS = st.lists(st.builds(Topic, st.sampled_from(TopicKind), st.uuids()), min_size=1, max_size=20, unique=True)
POSITIONS = st.builds(
    Position, st.uuids().map(lambda u: u.hex), st.integers(0, 10**18 - 1), st.none() | st.uuids().map(EventId)
)


def place(position: Position | None) -> str:
    return places.UNKNOWN if position is None else places.place(position.epoch, position.offset, position.id)


@given(st.data())
def test_what_was_written_is_read(data: st.DataObject) -> None:
    topics = data.draw(TOPICS)
    known = data.draw(st.lists(st.none() | POSITIONS, min_size=len(topics), max_size=len(topics)))
    text = places.written(topics, [place(p) for p in known])
    assert text.isascii()
    assert text.isprintable()
    assert [places.position(p) for p in places.read(text, topics)] == known
    if len(topics) > 1:
        with pytest.raises(places.NotOurs):
            places.read(text, topics[::-1])


@given(st.text(), TOPICS)
def test_nothing_else_is_read(text: str, topics: list[Topic]) -> None:
    with pytest.raises(places.NotOurs):
        places.read(text, topics)


def test_the_place_of_a_frame_is_where_its_event_stands() -> None:
    topic, id_ = f"room:{UUID(int=1)}", UUID(int=2)
    logged = f'{{"type":"text","topic":"{topic}","offset":7,"id":"{id_}","at":"","data":{{"offset":9,"id":"x"}}}}'
    assert (tag_of(logged), place_of(logged)) == ("text", (7, str(id_)))
