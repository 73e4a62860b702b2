"""What a session has its connection do, and the codes that it is closed with."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ...domain.kernel.errors import DomainError
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Position, Topic

GOING_AWAY, BAD_FRAME, NOT_SIGNED_IN, FORBIDDEN = 1001, 4400, 4401, 4403
NO_HEARTBEAT, TOO_SLOW, TOO_LARGE, TOO_MANY = 4408, 4409, 4413, 4429


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
class Watch:
    """Watch the presence of some people, instead of those before; None: of nobody."""

    id: str | None
    user_ids: tuple[UserId, ...] | None


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


Effect = Send | Refuse | Run | Follow | Unfollow | Watch | Authenticate | Close
