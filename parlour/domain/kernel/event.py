"""Events: what happened, in the past tense. Their names and fields are the wire format; names are never used again."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

E = TypeVar("E", bound="type[Event]")

_BY_NAME: dict[str, "type[Event]"] = {}


class Event:
    """A fact that others may see. Subclasses are frozen attrs classes marked with `@event`."""

    tag: ClassVar[str]
    revision: ClassVar[int]
    rights: ClassVar[bool] = False
    lift: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


def event(tag: str, revision: int = 1, *, rights: bool = False) -> Callable[[E], E]:
    """Give an event its wire name and revision; a name taken already fails at import.

    `rights`: it changes what somebody may do in its stream's thing, so whatever was decided before is decided again.
    An event class of revision N carries `lift`, a function for each older revision that turns its data into that of
    the next one.
    """

    def mark(cls: E) -> E:
        taken = _BY_NAME.get(tag)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"the event name {tag!r} of {cls.__qualname__} is taken by {taken.__qualname__}")
        missing = [n for n in range(1, revision) if n not in cls.lift]
        if missing:
            raise TypeError(f"{cls.__qualname__} is revision {revision} but cannot lift revisions {missing}")
        cls.tag, cls.revision, cls.rights = tag, revision, rights
        _BY_NAME[tag] = cls
        return cls

    return mark


def event_class(tag: str) -> "type[Event] | None":
    """The class of the events called `tag`, or None when no loaded feature knows it."""
    return _BY_NAME.get(tag)


def event_classes() -> "list[type[Event]]":
    """The classes of all events that loaded features know."""
    return list(_BY_NAME.values())


def lifted(cls: type[Event], revision: int, data: dict[str, Any]) -> dict[str, Any]:
    """`data` of an event stored as `revision`, in the shape of today's."""
    while revision < cls.revision:
        data = cls.lift[revision](data)
        revision += 1
    return data
