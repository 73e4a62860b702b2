"""One stream of server-sent events: a thin shell round the session, over the body of an HTTP answer."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import evolve

from ...application.kernel.about import PROTOCOL
from ...application.kernel.actor import STRANGER, Actor, Call, Way
from ...application.kernel.resources import Opened
from ...domain.kernel.errors import DomainError, Unavailable
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Topic
from . import effects as protocol
from . import places
from .asking import PRESENCE
from .effects import Follow
from .following import Subscriptions, subscribed
from .frames import place_of
from .hub import CLOSED, GAP, UNSURE
from .lines import Line, LineSink
from .means import Means, Prove
from .outbound import Outbound
from .session import Session
from .watching import Watching, looking, watching

log = logging.getLogger("parlour.events")

AGAIN = 1.0
"""Seconds after which a browser comes back by itself, until it is told otherwise."""
COMMENT = ":\n\n"
COME_BACK = frozenset({CLOSED, GAP, UNSURE})


class EventStream:
    """One open stream: a `Connection`, and the source of its answer's body."""

    def __init__(
        self,
        means: Means,
        known: Any,
        abort: Callable[[], None],
        lines: Sequence[Line],
        people: Sequence[UserId],
        comment: float,
    ) -> None:
        """`lines` are the topics that are followed, `people` those whose presence is watched."""
        self._means, self._abort, self._people = means, abort, people
        self.id, self.address = uuid.uuid4().hex, str(known.address)
        self.actor: Actor = STRANGER
        timing = evolve(means.timing, heartbeat=comment)
        self._session = Session(means.codec.parse, timing, means.seconds(), one_way=True)
        self._out = Outbound(means.outbound_bytes, means.connections.traffic)
        self._lines = {line.wish.topic: line for line in lines}
        self._topics = list(self._lines)
        self._following = Subscriptions(means.hub, len(lines), self._opened)
        look = looking(means.bus, self._uncounted)
        self._watching = Watching(means.roster, look, self.room, self._say, means.clock.now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: tuple[int, str] | None = None
        self._again_in: float | None = None
        self._leaving: list[str] = []
        self._sending_since: float | None = None
        self._over = False
        self.body = _Body(self)

    @property
    def user_id(self) -> UserId | None:
        return self.actor.user_id

    # Connection

    async def still_signed_in(self) -> None:
        self.actor = await self._means.authenticator.again(self.actor)

    def show(self, frame: str) -> None:
        if self._closing is None:
            self._push_event(frame)

    def tick(self, now: float) -> None:
        if self._sending_since is not None and now - self._sending_since >= self._means.send:
            self._abort()  # nobody reads at the other end
        elif self._closing is None:
            for effect in self._session.tick(now, dict, self._following.seen):
                match effect:
                    case protocol.Send({"type": "at"} as frame):
                        self._tell_at(frame)
                    case protocol.Send():
                        self._push(COMMENT)
                    case protocol.Close(code, reason):
                        self.close(code, reason)

    def close(self, code: int, reason: str, again_in: float | None = None) -> None:
        if self._closing is None:
            self._closing, self._again_in = (code, reason), again_in
            self._out.wake()

    # Opening

    async def open(self, prove: Prove, left: Callable[[], Awaitable[None]]) -> None:
        """Find out who it is and begin to follow; the domain's error when nothing of what was asked for may be followed.
        `left` returns when the client has gone."""
        self._means.connections.admit(self)
        try:
            self.actor, expires_at = await prove()
            self._means.connections.signed_in(self)
            seconds = (expires_at - self._means.clock.now()).total_seconds()
            self._session.signed_in(self._means.seconds() + seconds)
            await self._count()
            self._push(f"retry: {AGAIN * 1000:.0f}\n\n")
            self._say(self._welcome())
            await self._begin()
        except BaseException:
            self.over()
            raise
        self._start(self._watch(left))

    async def _count(self) -> None:
        """Take for each topic before any is followed: all of them are, or the client is told when to come back."""
        call = Call(self.actor, Way.HTTP, self.id, address=self.address)
        for _ in self._lines:
            await self._means.bus.counting.take(call, "follow")
        if self._people:
            await self._means.bus.counting.take(call, "default")

    async def _begin(self) -> None:
        for line in self._lines.values():
            self._start(self._follow(line))
        errors = [await self._watch_people()] if self._people else []
        for line in self._lines.values():
            await line.begun.wait()
            errors.append(line.error)
        for error in errors:
            if error is not None and (all(errors) or isinstance(error, Unavailable)):
                raise error

    async def _watch_people(self) -> DomainError | None:
        try:
            self._say(watching(None, await self._watching.watch(self._people)))
        except DomainError as error:
            self._say({"type": "unsubscribed", "topic": PRESENCE, "reason": error.code})
            return error
        return None

    def _uncounted(self) -> Call:
        return Call(self.actor, Way.HTTP, self.id, address=self.address, counted=False)

    async def _follow(self, line: Line) -> None:
        sink = LineSink(self, line)
        try:
            await self._following.follow(line.wish, self.actor, sink)
        except DomainError as error:
            if line.begun.is_set():
                self.ended(line.wish.topic, UNSURE if isinstance(error, Unavailable) else error.code)
            else:
                line.error = error
                self._say({"type": "unsubscribed", "topic": str(line.wish.topic), "reason": error.code})
        except Exception:
            log.exception("could not follow %s", line.wish.topic)
            line.error = line.error or Unavailable("The topic could not be followed.")
            self.close(protocol.GOING_AWAY, "try again")
        finally:
            line.begun.set()

    def _opened(self, wish: Follow, found: Opened) -> None:
        line, head = self._lines[wish.topic], found.head
        line.epoch = head.epoch
        if not found.recovered:
            line.at(head.offset, head.id)
        self._say(subscribed(wish, found))
        line.begun.set()

    def _welcome(self) -> dict[str, Any]:
        return {
            "type": "welcome",
            "connection_id": self.id,
            "user_id": self.actor.user_id,
            "heartbeat": self._session.timing.heartbeat,
            "protocol": PROTOCOL,
            "limits": self._means.limits,
            "modules": self._means.flags.names(),
        }

    async def _watch(self, left: Callable[[], Awaitable[None]]) -> None:
        await left()
        self.over()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What is shown

    def shown(self, line: Line, frame: str) -> None:
        if self._closing is None:
            line.at(*place_of(frame))
            self._push_event(frame)

    def whispered(self, frame: str) -> None:
        if self._closing is None and self._out.roomy:
            self._push_event(frame)

    def ended(self, topic: Topic, reason: str) -> None:
        self._following.ended(topic)
        self._say({"type": "unsubscribed", "topic": str(topic), "reason": reason})
        if reason in COME_BACK:
            self.close(protocol.GOING_AWAY, reason)
        elif not len(self._following) and not self._watching.on:
            self.close(protocol.FORBIDDEN, reason)

    async def room(self) -> None:
        await self._out.room()

    def _tell_at(self, frame: Any) -> None:
        line = next(line for topic, line in self._lines.items() if str(topic) == frame["topic"])
        if frame["offset"] > line.offset:
            line.at(frame["offset"], None)
        self._say(frame)

    def _say(self, frame: Any) -> None:
        if self._closing is None:
            self._push_event(self._means.codec.encode(frame).decode())

    def _push_event(self, frame: str) -> None:
        here = places.written(self._topics, [line.place for line in self._lines.values()])
        self._push(f"id: {here}\ndata: {frame}\n\n")

    def _push(self, text: str) -> None:
        if not self._out.push(text):
            self._out.drop()
            self.close(protocol.TOO_SLOW, "too slow: come back and resume")

    # The body

    async def next(self) -> bytes:
        """What is to be sent next. Being asked again means that what was handed out before has left."""
        for text in self._leaving:
            self._out.sent(text)
        self._leaving, self._sending_since = [], None
        while True:
            if not self._over:
                await self._out.filled()
            if self._over:
                raise StopAsyncIteration
            self._leaving = self._out.pull()
            self._sending_since = self._means.seconds()
            if self._closing is not None:
                self._over = True
                return ("".join(self._leaving) + self._goodbye(*self._closing)).encode()
            if self._leaving:
                return "".join(self._leaving).encode()

    def _goodbye(self, code: int, reason: str) -> str:
        """The last event has no id of its own: what the client saw last is where it comes back to."""
        again = f"retry: {self._again_in * 1000:.0f}\n" if self._again_in is not None else ""
        frame = self._means.codec.encode({"type": "closed", "code": code, "reason": reason}).decode()
        return f"{again}data: {frame}\n\n"

    def over(self) -> None:
        """Nothing more is sent: forget everything about it."""
        self._over, self._closing = True, self._closing or (1000, "")
        self._following.leave()
        self._watching.stop()
        self._means.connections.leave(self)
        self._out.drop()
        self._out.wake()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()


class _Body:
    """The stream as Falcon wants it: an iterator that it closes, however the answer ends."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        return await self._stream.next()

    async def close(self) -> None:
        self._stream.over()
