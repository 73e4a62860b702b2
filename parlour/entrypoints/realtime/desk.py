"""The administrators' view of the sockets here: `OpenSockets`."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ...application.identity.sockets import Here, SocketStats
from ...application.kernel.ports import Clock, Codec, Signals
from ...application.kernel.uow import LoggedEvent
from ...domain.kernel.errors import Conflict
from ...domain.kernel.event import Event, event_class
from ...domain.kernel.ids import UserId
from ...domain.messages.events import MessageSent
from .connections import Connection, Connections
from .hub import Hub
from .traffic import memory

CHANNEL = "sockets"


class Desk:
    """`OpenSockets`. Frames go by `Signals`, so that every server that is reached shows them to its own."""

    def __init__(
        self,
        connections: Connections,
        hub: Hub,
        signals: Signals,
        codec: Codec,
        clock: Clock,
        seconds: Callable[[], float],
    ) -> None:
        self._connections, self._hub, self._signals, self._codec = connections, hub, signals, codec
        self._clock, self._seconds = clock, seconds
        self._began = seconds()
        self._messages = 0
        self.serving = False
        signals.listen(CHANNEL, self._told)

    def committed(self, events: Sequence[LoggedEvent]) -> None:
        """Count what was said."""
        self._messages += sum(issubclass(event_class(e.tag) or Event, MessageSent) for e in events)

    def online(self) -> list[Here]:
        self._check()
        now, seconds = self._clock.now(), self._seconds()

        def at(moment: float) -> datetime:
            return now - timedelta(seconds=max(0.0, seconds - moment))

        here = []
        for user_id, theirs in self._connections.by_user().items():
            seen = [self._connections.times(one) for one in theirs]
            first, last = min(came for came, _ in seen), max(heard for _, heard in seen)
            here.append(Here(user_id, len(theirs), at(first), at(last)))
        return sorted(here, key=lambda h: (h.connected_at, h.user_id))

    def stats(self) -> SocketStats:
        self._check()
        traffic = self._connections.traffic
        return SocketStats(
            connections=len(self._connections),
            users=len(self._connections.by_user()),
            rooms=self._hub.topics,
            frames_in=traffic.frames_in,
            frames_out=traffic.frames_out,
            frames_dropped=traffic.frames_dropped,
            bytes_in=traffic.bytes_in,
            bytes_out=traffic.bytes_out,
            messages=self._messages,
            memory=memory(),
            uptime=self._seconds() - self._began,
        )

    def show(self, frame: bytes, user_ids: Sequence[UserId] | None) -> int:
        self._check()
        to = None if user_ids is None else [str(u) for u in user_ids]
        self._signals.publish(CHANNEL, self._codec.encode({"to": to, "frame": frame.decode()}))
        return len(self._meant(None if to is None else set(to)))

    def _meant(self, user_ids: set[str] | None) -> list[Connection]:
        return [
            one
            for user_id, theirs in self._connections.by_user().items()
            if user_ids is None or str(user_id) in user_ids
            for one in theirs
        ]

    def _told(self, payload: bytes) -> None:
        said = self._codec.parse(payload)
        for one in self._meant(None if said["to"] is None else set(said["to"])):
            one.show(said["frame"])

    async def clean_up(self) -> int:
        self._check()
        before = [one for theirs in self._connections.by_user().values() for one in theirs]
        return sum(await asyncio.gather(*(self._connections.look_again(one) for one in before)))

    def _check(self) -> None:
        if not self.serving:
            raise Conflict("This process serves no sockets; ask a server that does, by HTTP.", code="not_serving")
