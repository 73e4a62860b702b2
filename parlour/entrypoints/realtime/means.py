"""What connections of every kind are made with."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from attrs import frozen

from ...application.identity.signing import Authenticator, Lifetimes
from ...application.kernel.actor import Actor
from ...application.kernel.bus import Bus
from ...application.kernel.flags import Flags
from ...application.kernel.limits import Limits
from ...application.kernel.ports import Clock, Codec
from ...application.presence.roster import Roster
from .connections import Connections
from .hub import Hub
from .session import Timing

Prove = Callable[[], Coroutine[Any, Any, tuple[Actor, datetime]]]


@frozen
class Means:
    """What a connection needs. `send` is how many seconds a reader that does not read is waited for."""

    bus: Bus
    hub: Hub
    connections: Connections
    roster: Roster
    authenticator: Authenticator
    codec: Codec
    limits: Limits
    flags: Flags
    timing: Timing
    life: Lifetimes
    clock: Clock
    seconds: Callable[[], float]
    outbound_bytes: int
    send: float
