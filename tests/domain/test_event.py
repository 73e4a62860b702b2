"""The registry of events: names are never taken twice, older revisions are lifted step by step."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
from attrs import frozen

from parlour.domain.kernel.event import Event, event, event_class, lifted
from parlour.domain.rooms.events import RoomCreated

Lift = Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]


@event("test_moved", revision=3)
@frozen
class Moved(Event):
    """In revision 1 it had a `place`, in 2 a `room`; today it says from where as well."""

    room: str
    before: str | None

    lift: ClassVar[Lift] = {
        1: lambda old: {"room": old["place"]},
        2: lambda old: {**old, "before": None},
    }


def test_an_event_is_known_by_its_name() -> None:
    assert event_class("test_moved") is Moved
    assert event_class("room_created") is RoomCreated
    assert event_class("never_heard_of") is None
    assert (Moved.tag, Moved.revision) == ("test_moved", 3)


@pytest.mark.parametrize(
    "revision, data",
    [
        (1, {"place": "hall"}),
        (2, {"room": "hall"}),
        (3, {"room": "hall", "before": None}),
    ],
)
def test_every_older_revision_is_lifted_to_todays(revision: int, data: dict[str, Any]) -> None:
    assert lifted(Moved, revision, data) == {"room": "hall", "before": None}


def test_a_revision_from_the_future_is_left_as_it_is() -> None:
    assert lifted(Moved, 4, {"new": 1}) == {"new": 1}


def test_a_name_that_is_taken_fails_at_import() -> None:
    with pytest.raises(TypeError, match=r"'test_moved' of .*Other is taken by Moved"):

        @event("test_moved")
        @frozen
        class Other(Event): ...

    assert event_class("test_moved") is Moved


def test_the_same_class_may_be_imported_again() -> None:
    assert event("test_moved", revision=3)(Moved) is Moved


def test_a_revision_without_a_way_up_fails_at_import() -> None:
    with pytest.raises(TypeError, match=r"cannot lift revisions \[1, 3\]"):

        @event("test_hasty", revision=4)
        @frozen
        class Hasty(Event):
            lift: ClassVar[Lift] = {2: dict}

    assert event_class("test_hasty") is None
