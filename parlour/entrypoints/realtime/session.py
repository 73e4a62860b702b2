"""The protocol of `/ws` without any input or output: frames in, things to do out. No socket, no asyncio, no clock."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from ...domain.kernel.errors import DomainError, Invalid, Unauthenticated
from .asking import asked, bad, known_only, text_of
from .effects import BAD_FRAME, NO_HEARTBEAT, NOT_SIGNED_IN, Authenticate, Close, Effect, Refuse, Send


@frozen
class Timing:
    """The time limits of a connection, in seconds."""

    heartbeat: float = 25.0
    answer: float = 10.0
    first_frame: float = 10.0


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
            return [Refuse(None, bad("", "type", "A frame is an object.")), Close(BAD_FRAME, "not an object")]
        given = frame.get("id")
        id_ = given if isinstance(given, str) and len(given) <= 128 else None
        try:
            if given is not None and id_ is None:
                raise bad("/id", "type", "An id is a text of at most 128 characters.")
            return self._frame(frame, id_)
        except DomainError as error:
            return [Refuse(id_, error)]

    def _frame(self, frame: dict[str, Any], id_: str | None) -> list[Effect]:
        kind = frame.get("type")
        if kind in {"ping", "pong"}:
            known_only(frame, set())
        if kind == "ping":
            return [Send({"type": "pong"})]
        if kind == "pong":
            self._pinged_at = None
            return []
        if kind == "authenticate":
            known_only(frame, {"token"})
            return [Authenticate(id_, text_of(frame, "token"), self.known)]
        if not self.known:
            return [Refuse(id_, Unauthenticated("Say who you are first.")), Close(NOT_SIGNED_IN, "not signed in")]
        return [asked(frame, id_)]

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
