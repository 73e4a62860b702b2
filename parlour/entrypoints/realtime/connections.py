"""All connections of this instance: counted, looked after as time goes by, let go when the server stops."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from ...application.kernel.limits import Limits
from ...application.presence.roster import Roster
from ...domain.kernel.errors import TooMany, Unauthenticated, Unavailable
from ...domain.kernel.ids import UserId
from .effects import GOING_AWAY, NOT_SIGNED_IN
from .hub import Hub
from .traffic import Traffic

log = logging.getLogger("parlour.connections")

JITTER = 10.0
AGAIN = 0.25
"""Seconds until a connection is looked at again that could not be, because the store was away."""


class Connection(Protocol):
    """One open socket, or stream of server-sent events."""

    @property
    def id(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def user_id(self) -> UserId | None: ...

    async def still_signed_in(self) -> None:
        """`Unauthenticated` when the session behind it is over."""

    def show(self, frame: str) -> None:
        """Queue a frame for it. Quick, and never fails."""

    def tick(self, now: float) -> None: ...

    def close(self, code: int, reason: str, again_in: float | None = None) -> None:
        """Send what waits, then close; at once, without waiting. `again_in`: seconds until it should come back."""


class Connections:
    """`LiveConnections`: the sockets here, and through the hub all subscriptions."""

    def __init__(self, hub: Hub, limits: Limits, clock: Callable[[], float], roster: Roster | None = None) -> None:
        self._hub, self._limits, self._clock, self._roster = hub, limits, clock, roster
        self._open: set[Connection] = set()
        self._of_user: dict[UserId, set[Connection]] = {}
        self._per_address: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[bool]] = set()
        self.traffic = Traffic()
        self._times: dict[Connection, tuple[float, float]] = {}
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._open)

    def by_user(self) -> dict[UserId, set[Connection]]:
        """The connections of those who have said who they are."""
        return self._of_user

    def times(self, connection: Connection) -> tuple[float, float]:
        """When a connection was opened, and when it was last heard of."""
        now = self._clock()
        return self._times.get(connection, (now, now))

    def took(self, connection: Connection, size: int) -> None:
        """A frame came by a connection."""
        self.traffic.took(size)
        self._times[connection] = (self.times(connection)[0], self._clock())

    def admit(self, connection: Connection) -> None:
        """Count a new connection; `TooMany` when its address has as many as it may, or the server is stopping."""
        if self._draining:
            raise TooMany("The server is stopping; come back in a moment.", retry_after=1.0, code="stopping")
        if self._per_address[connection.address] >= self._limits.connections_per_address:
            raise TooMany("Too many connections from this address.", retry_after=10.0, code="too_many_connections")
        self._open.add(connection)
        self._per_address[connection.address] += 1
        self._times[connection] = self.times(connection)
        self._empty.clear()

    def signed_in(self, connection: Connection) -> None:
        """Somebody has proved who they are; `TooMany` when they have as many connections as they may already."""
        if connection.user_id is None:
            return
        theirs = self._of_user.setdefault(connection.user_id, set())
        theirs.add(connection)
        if len(theirs) > self._limits.connections_per_user:
            raise TooMany("Too many connections of one user.", retry_after=10.0, code="too_many_connections")
        if self._roster is not None:
            self._roster.came(connection.user_id, connection.id)

    def leave(self, connection: Connection) -> None:
        if connection.user_id is not None and (theirs := self._of_user.get(connection.user_id)) is not None:
            theirs.discard(connection)
            if not theirs:
                del self._of_user[connection.user_id]
            if self._roster is not None:
                self._roster.went(connection.user_id, connection.id)
        if connection in self._open:
            self._open.discard(connection)
            self._times.pop(connection, None)
            self._per_address[connection.address] -= 1
            if not self._per_address[connection.address]:
                del self._per_address[connection.address]
        if not self._open:
            self._empty.set()

    def recheck_user(self, user_id: UserId) -> None:
        self._hub.recheck_user(user_id)
        for connection in tuple(self._of_user.get(user_id, ())):
            task = asyncio.get_running_loop().create_task(self.look_again(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def recheck_topic(self, topic: str) -> None:
        self._hub.recheck_topic(topic)

    async def look_again(self, connection: Connection) -> bool:
        """Close one whose session is over, and say whether it was. While the store is away it stays open, and can do nothing: each command looks at
        the session first."""
        try:
            while connection in self._open:
                try:
                    await connection.still_signed_in()
                    return False
                except Unavailable:
                    await asyncio.sleep(AGAIN)
        except Unauthenticated as error:
            connection.close(NOT_SIGNED_IN, error.code)
            return True
        except Exception:
            log.exception("could not look again at a connection")
            connection.close(GOING_AWAY, "try again")  # nobody stays whose session cannot be looked at
            return True
        return False

    async def pulse(self, every: float = 0.25) -> None:
        """Let every connection look at the time, again and again."""
        while True:
            await asyncio.sleep(every)
            now = self._clock()
            for connection in tuple(self._open):
                connection.tick(now)

    async def drain(self, seconds: float) -> None:
        """Let everybody go: each is told to come back at a moment of its own within ten seconds, and to resume."""
        self._draining = True
        for connection in tuple(self._open):
            wait = random.uniform(0, JITTER)  # noqa: S311 - spreads load, keeps no secret
            connection.close(GOING_AWAY, f"come back in {wait:.1f} s", wait)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()
