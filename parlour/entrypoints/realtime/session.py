"""The protocol of `/ws` without any input or output: frames in, things to do out. No socket, no asyncio, no clock."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from ...domain.kernel.errors import DomainError, Fault, Invalid, Unauthenticated
from ...domain.kernel.event import event_class
from ...domain.kernel.ids import EventId
from ...domain.kernel.streams import Position, Topic

GOING_AWAY, BAD_FRAME, NOT_SIGNED_IN, FORBIDDEN = 1001, 4400, 4401, 4403
NO_HEARTBEAT, TOO_SLOW, TOO_LARGE, TOO_MANY = 4408, 4409, 4413, 4429
ONLY_AT_MOST = 100
UNLOGGED = frozenset({"typing"})
"""What is shown to those who follow a topic and is not in the log."""


@frozen
class Send:
    """Send a frame."""

    frame: Mapping[str, Any]


@frozen
class Refuse:
    """Answer a frame with an error."""

    id: str | None
    error: DomainError


@frozen
class Run:
    """Run a use case and answer with its result or error."""

    id: str | None
    kind: str
    name: str
    data: Mapping[str, Any]
    key: str | None


@frozen
class Follow:
    """Follow a topic, from a position if there is one; `only` names the events to be shown, None all."""

    id: str | None
    topic: Topic
    after: Position | None
    only: frozenset[str] | None = None


@frozen
class Unfollow:
    """Stop following a topic."""

    id: str | None
    topic: Topic


@frozen
class Authenticate:
    """Find out whom a token stands for; `renewal` when somebody is known already."""

    id: str | None
    token: str
    renewal: bool


@frozen
class Close:
    """Close the connection."""

    code: int
    reason: str


Effect = Send | Refuse | Run | Follow | Unfollow | Authenticate | Close


@frozen
class Timing:
    """The time limits of a connection, in seconds."""

    heartbeat: float = 25.0
    answer: float = 10.0
    first_frame: float = 10.0


class BadFrame(Invalid):
    """A frame that breaks the protocol."""

    default_code = "bad_frame"


@define
class Session:
    """One connection's side of the protocol. Times are seconds of any clock that does not go back. Over one that leads
    `one_way`, to the client alone, heartbeats have no answer."""

    parse: Callable[[str], Any]
    timing: Timing
    opened_at: float
    one_way: bool = False
    known: bool = False
    expires_at: float | None = None
    not_reading: bool = False  # it is us who keep the client's answers waiting
    _pinged_at: float | None = None
    _beat_at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._beat_at = self.opened_at

    def signed_in(self, expires_at: float | None) -> None:
        """Somebody has proved who they are, until a time."""
        self.known, self.expires_at = True, expires_at

    def received(self, text: str) -> list[Effect]:
        """What to do about a frame of the client."""
        try:
            frame = self.parse(text)
        except Invalid as error:
            return [Refuse(None, error), Close(BAD_FRAME, "not JSON")]
        if not isinstance(frame, dict):
            return [Refuse(None, _bad("", "type", "A frame is an object.")), Close(BAD_FRAME, "not an object")]
        given = frame.get("id")
        id_ = given if isinstance(given, str) and len(given) <= 128 else None
        try:
            if given is not None and id_ is None:
                raise _bad("/id", "type", "An id is a text of at most 128 characters.")
            return self._frame(frame, id_)
        except DomainError as error:
            return [Refuse(id_, error)]

    def _frame(self, frame: dict[str, Any], id_: str | None) -> list[Effect]:
        kind = frame.get("type")
        if kind in {"ping", "pong"}:
            _only(frame, set())
        if kind == "ping":
            return [Send({"type": "pong"})]
        if kind == "pong":
            self._pinged_at = None
            return []
        if kind == "authenticate":
            _only(frame, {"token"})
            return [Authenticate(id_, _text(frame, "token"), self.known)]
        if not self.known:
            return [Refuse(id_, Unauthenticated("Say who you are first.")), Close(NOT_SIGNED_IN, "not signed in")]
        return [_asked(frame, id_)]

    def tick(
        self,
        now: float,
        heads: Callable[[], Mapping[str, int]],
        seen: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
    ) -> list[Effect]:
        """What to do as time goes by: say who you are in time, heartbeats with the heads of the streams, expiry. `seen` are
        the `at` frames of topics of which only some events are shown; they go with the heartbeat."""
        if not self.known:
            late = now - self.opened_at >= self.timing.first_frame
            return [Close(NOT_SIGNED_IN, "nobody said who this is")] if late else []
        if self.expires_at is not None and now >= self.expires_at:
            return [Close(NOT_SIGNED_IN, "token_expired")]
        if self._pinged_at is not None and self.not_reading:
            self._pinged_at = now
        if self._pinged_at is not None and now - self._pinged_at >= self.timing.answer:
            return [Close(NO_HEARTBEAT, "no answer to the heartbeat")]
        if self._pinged_at is None and now - self._beat_at >= self.timing.heartbeat:
            self._beat_at = now
            self._pinged_at = None if self.one_way else now
            return [*map(Send, seen()), Send({"type": "ping", "heads": heads()})]
        return []


def _asked(frame: Mapping[str, Any], id_: str | None) -> Effect:
    """What somebody who is known asks for."""
    match frame.get("type"):
        case "command" | "query" as kind:
            _only(frame, {"name", "data", "key"})
            return Run(id_, kind, _text(frame, "name"), _object(frame, "data"), _optional(frame, "key"))
        case "text":
            return _said(frame, id_)
        case "typing":
            _only(frame, {"room_id"})
            return Run(id_, "command", "show_typing", {n: frame[n] for n in ("room_id",) if n in frame}, None)
        case "subscribe":
            _only(frame, {"topic", "epoch", "offset", "last_id", "only"})
            return Follow(id_, topic_of(_text(frame, "topic")), _position(frame), only_of(frame.get("only")))
        case "unsubscribe":
            _only(frame, {"topic"})
            return Unfollow(id_, topic_of(_text(frame, "topic")))
        case _:
            raise _bad("/type", "unknown_frame", "There is no such frame.")


def _bad(pointer: str, code: str, detail: str) -> BadFrame:
    return BadFrame(Fault(pointer, code, detail), message="The frame is not valid.")


def _only(frame: Mapping[str, Any], known: set[str]) -> None:
    unknown = [name for name in frame if name not in known | {"type", "id"}]
    if unknown:
        raise BadFrame(*(Fault(f"/{n[:64]}", "unknown_field", "There is no such field.") for n in unknown[:20]))


def _text(frame: Mapping[str, Any], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise _bad(f"/{name}", "type" if name in frame else "required", "Must be a text.")
    return value


def _optional(frame: Mapping[str, Any], name: str) -> str | None:
    if frame.get(name) is None:
        return None
    text = _text(frame, name)
    if not 0 < len(text) <= 255:
        raise _bad(f"/{name}", "length", "Must have 1 to 255 characters.")
    return text


def _object(frame: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = frame.get(name, {})
    if not isinstance(value, dict):
        raise _bad(f"/{name}", "type", "Must be an object.")
    return value


def topic_of(text: str, pointer: str = "/topic") -> Topic:
    """The topic that a text names; refused when it names none."""
    topic = Topic.parse(text)
    if topic is None:
        raise _bad(pointer, "topic", "Must be like room:<id>, workspace:<id> or user:<id>.")
    return topic


def _position(frame: Mapping[str, Any]) -> Position | None:
    if frame.get("epoch") is None and frame.get("offset") is None:
        return None
    offset = frame.get("offset")
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**62:
        raise _bad("/offset", "type", "Must be a whole number, 0 or more.")
    last_id = frame.get("last_id")
    try:
        at = EventId(UUID(last_id)) if last_id is not None else None
    except (ValueError, TypeError, AttributeError):
        raise _bad("/last_id", "type", "Must be the id of an event.") from None
    return Position(_text(frame, "epoch"), offset, at)


def only_of(given: Any) -> frozenset[str] | None:
    """The names of the events that are to be shown; None for all."""
    if given is None:
        return None
    if not isinstance(given, list) or not 0 < len(given) <= ONLY_AT_MOST:
        raise _bad("/only", "type", f"Must be a list of 1 to {ONLY_AT_MOST} names of events.")
    for n, name in enumerate(given):
        if not isinstance(name, str) or (event_class(name) is None and name not in UNLOGGED):
            raise _bad(f"/only/{n}", "unknown_event", "There is no event of this name.")
    return frozenset(given)


def _said(frame: Mapping[str, Any], id_: str | None) -> Run:
    """`text` is short for sending a message, to a room or to a person."""
    _only(frame, {"room_id", "to", "content", "key"})
    data = {name: frame[name] for name in ("room_id", "content") if name in frame}
    if "to" not in frame:
        return Run(id_, "command", "send_message", data, _optional(frame, "key"))
    if "room_id" in frame:
        raise _bad("/to", "twice", "A text goes to a room or to a person, not both.")
    return Run(id_, "command", "send_direct_message", {**data, "user_id": frame["to"]}, _optional(frame, "key"))
