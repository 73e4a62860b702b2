"""`/ws`: a thin shell round the session, over Falcon's WebSocket."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any

import falcon
import falcon.asgi
from attrs import frozen

from ...application.identity.signing import Authenticator, Lifetimes
from ...application.kernel.about import PROTOCOL
from ...application.kernel.actor import STRANGER, Actor, Call, Way
from ...application.kernel.bus import Bus
from ...application.kernel.flags import Flags
from ...application.kernel.limits import Limits
from ...application.kernel.ports import Clock, Codec
from ...application.kernel.resources import Opened
from ...domain.kernel.errors import Conflict, DomainError, Forbidden, NotFound, TooMany, Unauthenticated, Unavailable
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Topic
from ..errors import internal, problem
from . import session as protocol
from .connections import Connections
from .hub import Follower, Hub
from .outbound import Outbound
from .session import Session, Timing

log = logging.getLogger("parlour.websocket")


LAST_WORDS = {protocol.GOING_AWAY: 2.0, protocol.NOT_SIGNED_IN: 0.5}
"""Seconds for which a socket that is let go of waits for the commands under way, to answer them: signing out is one."""

Prove = Callable[[], Coroutine[Any, Any, tuple[Actor, datetime]]]


@frozen
class Means:
    """What a socket needs. `send` is how many seconds a reader that does not read is waited for."""

    bus: Bus
    hub: Hub
    connections: Connections
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


class Socket:
    """One open socket: a `Connection`, and the `Sink` of all it follows."""

    def __init__(self, means: Means, ws: falcon.asgi.WebSocket, known: Any, abort: Callable[[], None]) -> None:
        self._means, self._ws, self._abort = means, ws, abort
        self.id, self.address, self.agent = uuid.uuid4().hex, str(known.address), known.agent
        self.actor: Actor = STRANGER
        self._session = Session(means.codec.parse, means.timing, means.seconds())
        self._out = Outbound(means.outbound_bytes, means.connections.traffic)
        self._slots = asyncio.Semaphore(means.limits.commands_in_flight)
        self._asking = asyncio.Lock()  # one at a time: answers can be large, and wait for whoever does not read
        self._following: dict[Topic, Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: tuple[int, str] | None = None
        self._sending_since: float | None = None

    @property
    def user_id(self) -> UserId | None:
        return self.actor.user_id

    # Connection

    async def still_signed_in(self) -> None:
        self.actor = await self._means.authenticator.again(self.actor)

    def tick(self, now: float) -> None:
        if self._sending_since is not None and now - self._sending_since >= self._means.send:
            self._abort()  # nobody reads at the other end
        elif self._closing is None:
            self._do(self._session.tick(now, lambda: self._means.hub.heads(list(self._following))))

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._out.wake()

    # Sink

    def show(self, frame: str) -> None:
        if self._closing is None and not self._out.push(frame):
            self._out.drop()
            self.close(protocol.TOO_SLOW, "too slow: come back and resume")

    def ended(self, topic: Topic, reason: str) -> None:
        self._following.pop(topic, None)
        self._send({"type": "unsubscribed", "topic": str(topic), "reason": reason})

    async def room(self) -> None:
        await self._out.room()

    # Running

    async def run(self, prove: Prove | None) -> None:
        """Serve the socket until it is closed; `prove` says who it is, when the request already said so."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read(prove))
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._closing = self._closing or (1000, "")
            for follower in self._following.values():
                self._means.hub.leave(follower)
            self._out.drop()
            for task in (writer, reader):
                task.cancel()
            await asyncio.gather(writer, reader, *self._tasks, return_exceptions=True)

    async def _read(self, prove: Prove | None) -> None:
        with contextlib.suppress(falcon.WebSocketDisconnected):
            if prove is not None:
                await self._sign_in(None, prove, renewal=False)
            while self._closing is None:
                try:
                    text = await self._ws.receive_text()
                except falcon.errors.PayloadTypeError:
                    self.close(protocol.BAD_FRAME, "frames are text")
                    break
                if len(text) > self._means.limits.frame_bytes or len(text.encode()) > self._means.limits.frame_bytes:
                    self.close(protocol.TOO_LARGE, "frame too large")
                    break
                self._means.connections.took(self, len(text))
                for effect in self._session.received(text):
                    await self._take(effect)
            await asyncio.Event().wait()  # the writer closes

    async def _write(self) -> None:
        """Send what is queued, in order; when it is time, what is left and then the close frame."""
        with contextlib.suppress(falcon.WebSocketDisconnected):
            while self._closing is None:
                await self._out.filled()
                await self._flush()
            await self._finish(*self._closing)

    async def _flush(self) -> None:
        for frame in self._out.pull():
            self._sending_since = self._means.seconds()
            await self._ws.send_text(frame)
            self._out.sent(frame)
        self._sending_since = None

    async def _finish(self, code: int, reason: str) -> None:
        if code in LAST_WORDS and self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS[code])
        await self._flush()
        self._sending_since = self._means.seconds()
        await self._ws.close(code, reason[:120])

    # Effects of the session

    async def _take(self, effect: protocol.Effect) -> None:
        match effect:
            case protocol.Run():
                await self._start(self._run(effect))
            case protocol.Follow():
                await self._start(self._follow(effect))
            case protocol.Authenticate(id_, token, renewal):
                await self._sign_in(id_, lambda: self._means.authenticator.actor(token), renewal=renewal)
            case _:
                self._do([effect])

    def _do(self, effects: list[protocol.Effect]) -> None:
        for effect in effects:
            match effect:
                case protocol.Send(frame):
                    self._send(frame)
                case protocol.Refuse(id_, error):
                    self._refuse(id_, error)
                case protocol.Unfollow(id_, topic):
                    self._unfollow(id_, topic)
                case protocol.Close(code, reason):
                    self.close(code, reason)

    async def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something the client need not wait for. With as many under way as allowed, reading waits."""
        self._session.not_reading = True
        await self._slots.acquire()
        self._session.not_reading = False
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    async def _sign_in(self, id_: str | None, prove: Prove, *, renewal: bool) -> None:
        try:
            actor, expires_at = await prove()
            if renewal and (actor.user_id, actor.token_id) != (self.actor.user_id, self.actor.token_id):
                raise Forbidden("A socket is renewed by whoever opened it.", code="another_user")
            self.actor = actor
            if not renewal:
                self._means.connections.signed_in(self)
        except DomainError as error:
            self._refuse(id_, error)
            if renewal and isinstance(error, Unavailable):
                return None  # the client asks again; until its time is up it is who it was
            codes = {Unauthenticated: protocol.NOT_SIGNED_IN, Forbidden: protocol.FORBIDDEN, TooMany: protocol.TOO_MANY}
            return self.close(codes.get(type(error), protocol.GOING_AWAY), error.code)
        left = (expires_at - self._means.clock.now()).total_seconds()
        self._session.signed_in(self._means.seconds() + left)
        self._send({"type": "result", "id": id_, "data": {"ok": True}} if renewal else self._welcome())
        return None

    def _welcome(self) -> dict[str, Any]:
        return {
            "type": "welcome",
            "connection_id": self.id,
            "user_id": self.actor.user_id,
            "heartbeat": self._means.timing.heartbeat,
            "protocol": PROTOCOL,
            "limits": self._means.limits,
            "modules": self._means.flags.names(),
        }

    async def _run(self, effect: protocol.Run) -> None:
        async def work() -> Any:
            await self.still_signed_in()
            call = Call(self.actor, Way.WEBSOCKET, self.id, effect.key, b"", self.address, self.agent)
            answer = await self._means.bus.call(effect.name, effect.data, call, kind=effect.kind)
            return answer.value

        if effect.kind == "query":
            async with self._asking:
                return await self._answer(effect.id, work)
        return await self._answer(effect.id, work)

    async def _answer(self, id_: str | None, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        try:
            await self._out.room()  # who asks and does not read gets nothing done
            data = await work()
            await self._out.room()
            self._send({"type": "result", "id": id_, "data": data})
        except DomainError as error:
            self._refuse(id_, error)
            if isinstance(error, Unauthenticated):
                self.close(protocol.NOT_SIGNED_IN, error.code)
        except Exception:
            log.exception("a command failed", extra={"request_id": self.id})
            self._send({"type": "error", "id": id_, "error": internal(self.id)})

    async def _follow(self, effect: protocol.Follow) -> None:
        topic = effect.topic
        try:
            if topic in self._following:
                raise Conflict("This socket follows the topic already.", code="already_following")
            if len(self._following) >= self._means.limits.topics_per_connection:
                raise TooMany("A socket follows no more topics than this.", retry_after=1.0, code="too_many_topics")
            follower = self._following[topic] = self._means.hub.join(topic, self.actor, self)
            try:
                await self._means.hub.open(follower, effect.after, partial(self._subscribed, effect))
            except BaseException:
                if self._following.get(topic) is follower:
                    del self._following[topic]
                raise
        except DomainError as error:
            self._refuse(effect.id, error)

    def _subscribed(self, effect: protocol.Follow, found: Opened) -> None:
        head = found.head
        said = {"type": "subscribed", "id": effect.id, "topic": str(effect.topic), "epoch": head.epoch}
        self._send({**said, "offset": head.offset, "last_id": head.id, "recovered": found.recovered})

    def _unfollow(self, id_: str | None, topic: Topic) -> None:
        if topic not in self._following:
            return self._refuse(id_, NotFound("This socket does not follow the topic.", code="not_following"))
        self._means.hub.leave(self._following.pop(topic))
        self._send({"type": "result", "id": id_, "data": {"ok": True}})
        return None

    def _send(self, frame: Any) -> None:
        text = self._means.codec.encode(frame).decode()
        if self._closing is not None and self._closing[0] in LAST_WORDS:
            self._out.push(text)
        else:
            self.show(text)

    def _refuse(self, id_: str | None, error: DomainError) -> None:
        self._send({"type": "error", "id": id_, "error": problem(error, self.id)})
