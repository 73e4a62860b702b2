"""What a client's frame asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ...application.presence.queries import WATCHED_AT_MOST
from ...domain.kernel.errors import Fault, Invalid
from ...domain.kernel.event import event_class
from ...domain.kernel.ids import EventId, UserId
from ...domain.kernel.streams import Position, Topic
from .effects import Effect, Follow, Run, Unfollow, Watch

ONLY_AT_MOST = 100
PRESENCE = "presence"
"""The topic that is no stream: who of some people is there."""
UNLOGGED = frozenset({"typing"})
"""What is shown to those who follow a topic and is not in the log."""


class BadFrame(Invalid):
    """A frame that breaks the protocol."""

    default_code = "bad_frame"


def asked(frame: Mapping[str, Any], id_: str | None) -> Effect:
    """What somebody who is known asks for."""
    match frame.get("type"):
        case "command" | "query" as kind:
            known_only(frame, {"name", "data", "key"})
            return Run(id_, kind, text_of(frame, "name"), _object(frame, "data"), _optional(frame, "key"))
        case "text":
            return _said(frame, id_)
        case "typing":
            known_only(frame, {"room_id"})
            return Run(id_, "command", "show_typing", {n: frame[n] for n in ("room_id",) if n in frame}, None)
        case "subscribe" | "unsubscribe" as kind if frame.get("topic") == PRESENCE:
            return _watch(frame, id_, stop=kind == "unsubscribe")
        case "subscribe":
            known_only(frame, {"topic", "epoch", "offset", "last_id", "only"})
            return Follow(id_, topic_of(text_of(frame, "topic")), _position(frame), only_of(frame.get("only")))
        case "unsubscribe":
            known_only(frame, {"topic"})
            return Unfollow(id_, topic_of(text_of(frame, "topic")))
        case _:
            raise bad("/type", "unknown_frame", "There is no such frame.")


def _watch(frame: Mapping[str, Any], id_: str | None, *, stop: bool) -> Watch:
    known_only(frame, {"topic"} if stop else {"topic", "user_ids"})
    if stop:
        return Watch(id_, None)
    return Watch(id_, people_of(frame.get("user_ids")))


def people_of(given: Any) -> tuple[UserId, ...]:
    """Whose presence is to be watched; none twice."""
    if not isinstance(given, list) or not 0 < len(given) <= WATCHED_AT_MOST:
        raise bad("/user_ids", "type", f"Must be a list of 1 to {WATCHED_AT_MOST} ids of users.")
    found: dict[UserId, None] = {}
    for n, user_id in enumerate(given):
        try:
            found[UserId(UUID(user_id))] = None
        except (ValueError, TypeError, AttributeError):
            raise bad(f"/user_ids/{n}", "type", "Must be the id of a user.") from None
    return tuple(found)


def bad(pointer: str, code: str, detail: str) -> BadFrame:
    return BadFrame(Fault(pointer, code, detail), message="The frame is not valid.")


def known_only(frame: Mapping[str, Any], known: set[str]) -> None:
    unknown = [name for name in frame if name not in known | {"type", "id"}]
    if unknown:
        raise BadFrame(*(Fault(f"/{n[:64]}", "unknown_field", "There is no such field.") for n in unknown[:20]))


def text_of(frame: Mapping[str, Any], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise bad(f"/{name}", "type" if name in frame else "required", "Must be a text.")
    return value


def _optional(frame: Mapping[str, Any], name: str) -> str | None:
    if frame.get(name) is None:
        return None
    text = text_of(frame, name)
    if not 0 < len(text) <= 255:
        raise bad(f"/{name}", "length", "Must have 1 to 255 characters.")
    return text


def _object(frame: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = frame.get(name, {})
    if not isinstance(value, dict):
        raise bad(f"/{name}", "type", "Must be an object.")
    return value


def topic_of(text: str, pointer: str = "/topic") -> Topic:
    """The topic that a text names; refused when it names none."""
    topic = Topic.parse(text)
    if topic is None:
        raise bad(pointer, "topic", "Must be like room:<id>, workspace:<id> or user:<id>.")
    return topic


def _position(frame: Mapping[str, Any]) -> Position | None:
    if frame.get("epoch") is None and frame.get("offset") is None:
        return None
    offset = frame.get("offset")
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**62:
        raise bad("/offset", "type", "Must be a whole number, 0 or more.")
    last_id = frame.get("last_id")
    try:
        at = EventId(UUID(last_id)) if last_id is not None else None
    except (ValueError, TypeError, AttributeError):
        raise bad("/last_id", "type", "Must be the id of an event.") from None
    return Position(text_of(frame, "epoch"), offset, at)


def only_of(given: Any) -> frozenset[str] | None:
    """The names of the events that are to be shown; None for all."""
    if given is None:
        return None
    if not isinstance(given, list) or not 0 < len(given) <= ONLY_AT_MOST:
        raise bad("/only", "type", f"Must be a list of 1 to {ONLY_AT_MOST} names of events.")
    for n, name in enumerate(given):
        if not isinstance(name, str) or (event_class(name) is None and name not in UNLOGGED):
            raise bad(f"/only/{n}", "unknown_event", "There is no event of this name.")
    return frozenset(given)


def _said(frame: Mapping[str, Any], id_: str | None) -> Run:
    """`text` is short for sending a message, to a room or to a person."""
    known_only(frame, {"room_id", "to", "content", "key"})
    data = {name: frame[name] for name in ("room_id", "content") if name in frame}
    if "to" not in frame:
        return Run(id_, "command", "send_message", data, _optional(frame, "key"))
    if "room_id" in frame:
        raise bad("/to", "twice", "A text goes to a room or to a person, not both.")
    return Run(id_, "command", "send_direct_message", {**data, "user_id": frame["to"]}, _optional(frame, "key"))
