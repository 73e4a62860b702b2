"""`/ws`: a thin shell round the session, over Falcon's WebSocket."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import falcon
import falcon.asgi

from ...application.kernel.about import PROTOCOL
from ...application.kernel.actor import STRANGER, Actor, Call, Way
from ...application.kernel.resources import Opened
from ...domain.kernel.errors import DomainError, Forbidden, TooMany, Unauthenticated, Unavailable
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Topic
from ..errors import internal, problem
from . import effects as protocol
from .following import Subscriptions, subscribed
from .means import Means, Prove
from .outbound import Outbound
from .session import Session
from .watching import Watching, looking, watching

log = logging.getLogger("parlour.websocket")


LAST_WORDS = {protocol.GOING_AWAY: 2.0, protocol.NOT_SIGNED_IN: 0.5}
"""Seconds for which a socket that is let go of waits for the commands under way, to answer them: signing out is one."""


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
        self._following = Subscriptions(means.hub, means.limits.topics_per_connection, self._subscribed)
        look = looking(means.bus, self._uncounted)
        self._watching = Watching(means.roster, look, self._out.room, self._send, means.clock.now)
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
            self._do(self._session.tick(now, self._following.heads, self._following.seen))

    def close(self, code: int, reason: str, again_in: float | None = None) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._out.wake()

    # Sink

    def show(self, frame: str) -> None:
        if self._closing is None and not self._out.push(frame):
            self._out.drop()
            self.close(protocol.TOO_SLOW, "too slow: come back and resume")

    def whispered(self, frame: str) -> None:
        if self._out.roomy:
            self.show(frame)

    def ended(self, topic: Topic, reason: str) -> None:
        self._following.ended(topic)
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
            self._following.leave()
            self._watching.stop()
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
            case protocol.Watch():
                await self._start(self._watch(effect))
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
        try:
            await self._count("follow")
            await self._following.follow(effect, self.actor, self)
        except DomainError as error:
            self._refuse(effect.id, error)

    def _subscribed(self, wish: protocol.Follow, found: Opened) -> None:
        self._send(subscribed(wish, found))

    def _unfollow(self, id_: str | None, topic: Topic) -> None:
        try:
            self._following.unfollow(topic)
        except DomainError as error:
            return self._refuse(id_, error)
        return self._send({"type": "result", "id": id_, "data": {"ok": True}})

    async def _watch(self, effect: protocol.Watch) -> None:
        if effect.user_ids is None:
            self._watching.stop()
            return self._send({"type": "result", "id": effect.id, "data": {"ok": True}})
        try:
            await self.still_signed_in()
            await self._count("default")  # as asking once would be: what is looked at again is not counted
            views = await self._watching.watch(effect.user_ids)
        except DomainError as error:
            return self._refuse(effect.id, error)
        return self._send(watching(effect.id, views))

    async def _count(self, rate: str) -> None:
        await self._means.bus.counting.take(Call(self.actor, Way.WEBSOCKET, self.id, address=self.address), rate)

    def _uncounted(self) -> Call:
        return Call(self.actor, Way.WEBSOCKET, self.id, address=self.address, counted=False)

    def _send(self, frame: Any) -> None:
        text = self._means.codec.encode(frame).decode()
        if self._closing is not None and self._closing[0] in LAST_WORDS:
            self._out.push(text)
        else:
            self.show(text)

    def _refuse(self, id_: str | None, error: DomainError) -> None:
        self._send({"type": "error", "id": id_, "error": problem(error, self.id)})
