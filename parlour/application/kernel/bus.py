"""The bus: every use case goes through the same steps, here and nowhere else."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from attrs import evolve, frozen

from ...domain.kernel.errors import Conflict, NotFound, Raced, TooMany, Unauthenticated, Unprocessable, invalid
from ...domain.kernel.text import folded, unprintable
from .actor import Call, Way
from .catalogue import Catalogue, Failed, Found, Message, UseCase
from .credentials import Credentials
from .flags import Flags
from .limits import Rates
from .ports import EMPTY, Clock, Codec, RateLimits, Telemetry
from .uow import Hosted, Kept, Key, Keys, Part, Store, Work
from .wiring import Bound, Ports, bind

ATTEMPTS = 5
EVERYWHERE = ("connection", "workspace")  # rates that count whatever is asked for, where they are set
NOTHING: Mapping[type, Any] = MappingProxyType({})


@frozen
class Answer:
    """What a use case answered. `made` is False when a command found what was asked for; `replayed` when the answer is
    the one that was kept under the key."""

    value: Any
    made: bool = True
    replayed: bool = False


class Runner(Protocol):
    """Runs use cases for use cases: what a batch needs."""

    async def call(self, name: str, data: Mapping[str, Any], call: Call) -> Answer:
        """Run a use case by its name, with plain values."""

    async def inside(self, work: Work, name: str, data: Mapping[str, Any], call: Call) -> Answer:
        """Run a command by its name as part of a unit of work."""


class Bus:
    """Carries every use case through: trace, flag, rate limit, decode and validate, key, handler, key's record, commit,
    metrics; and again when another unit was faster."""

    def __init__(
        self,
        catalogue: Catalogue,
        ports: Ports,
        store: Store,
        codec: Codec,
        clock: Clock,
        flags: Flags,
        rates: Rates,
        rate_limits: RateLimits,
        telemetry: Telemetry,
        credentials: Credentials,
        extra: Mapping[type, Any] = NOTHING,
    ) -> None:
        self.catalogue = catalogue
        self._store = store
        self._codec = codec
        self._clock = clock
        self._flags = flags
        self._rates = rates
        self._rate_limits = rate_limits
        self._telemetry = telemetry
        self._credentials = credentials
        known = {**extra, Runner: self}
        self._handlers: dict[str, Bound] = {u.name: bind(u.handler, ports, 1, known) for u in catalogue}

    async def execute(self, message: Message[Any], call: Call) -> Answer:
        """Run the use case of a typed command or query."""
        entry = self.entry(self.catalogue.of(type(message)).name, call.way)
        return await self._through(entry, call, EMPTY, lambda: self._codec.check(message))

    async def call(
        self, name: str, data: Mapping[str, Any], call: Call, texts: Mapping[str, Any] = EMPTY, kind: str | None = None
    ) -> Answer:
        """Run a use case by its name, with plain values; `kind` refuses a query where a command was meant."""
        entry = self.entry(name, call.way, kind)
        return await self._through(entry, call, data, lambda: self._codec.build(entry.input, data, texts))

    async def inside(self, work: Work, name: str, data: Mapping[str, Any], call: Call) -> Answer:
        entry = self.entry(name, call.way)
        if entry.slow:
            raise _slow_in_batch(entry)
        await self._admit(entry, call, data)
        message = self._codec.build(entry.input, data)
        if entry.takes_long(message):
            raise _slow_in_batch(entry)
        return await self._keyed(entry, message, call, work.nested, self._store, attempts=1)

    async def within(self, host: Hosted, message: Message[Any], call: Call) -> Answer:
        """Run the use case of a typed command or query in a transaction of the host's. It is tried once: what the host
        has done with it is the host's to do again."""
        entry = self.entry(self.catalogue.of(type(message)).name, call.way)
        if entry.takes_long(message) or entry.runs is not None:
            why = "takes too long" if entry.takes_long(message) else "runs others on their own"
            raise Conflict(f"{entry.name} {why}, so it cannot be part of a transaction.", code="not_within")
        with self._telemetry.use_case(entry.name, call.request_id):
            await self._admit(entry, call, EMPTY)
            checked = self._codec.check(message)
            async with host.part(call.actor) as part:
                if entry.is_command:
                    return await self._keyed(entry, checked, call, lambda: part, host, attempts=1)
                return Answer(await self._handlers[entry.name](checked, call, part))

    def entry(self, name: str, way: Way, kind: str | None = None) -> UseCase:
        """The use case called `name`, if there is one on this way in."""
        entry = self.catalogue.get(name)
        if entry is None or not entry.on(way) or (kind is not None and entry.kind != kind):
            raise NotFound(f"There is no {kind or 'use case'} called {name!r} here.", code="unknown_use_case")
        return entry

    async def _through(
        self, entry: UseCase, call: Call, data: Mapping[str, Any], made: Callable[[], Message[Any]]
    ) -> Answer:
        with self._telemetry.use_case(entry.name, call.request_id):
            await self._admit(entry, call, data)
            message = made()
            if entry.is_command:
                store = self._store
                return await self._keyed(entry, message, call, lambda: store.unit(call.actor), store, ATTEMPTS)
            try:
                return await self._asked(entry, message, call)
            except Raced:  # the tables were changed under it
                return await self._asked(entry, message, call)

    async def _asked(self, entry: UseCase, message: Message[Any], call: Call) -> Answer:
        async with self._store.snapshot(call.actor, slow=entry.slow) as snapshot:
            return Answer(await self._handlers[entry.name](message, call, snapshot))

    async def _admit(self, entry: UseCase, call: Call, data: Mapping[str, Any]) -> None:
        if not self._flags.on(entry.flag):
            raise NotFound(f"{entry.name} belongs to a module that is off.", code="feature_disabled")
        if not entry.strangers and call.actor.user_id is None and not call.actor.system:
            raise Unauthenticated("Sign in first.")
        if call.actor.token_id is not None:
            call.actor = await self._credentials.again(call.actor)
            if entry.scope is not None:
                call.actor.check_covered(entry.scope)
        if not call.counted or call.way in {Way.LIBRARY, Way.SYSTEM}:
            return
        for name in (*entry.rates, *EVERYWHERE):
            rate = self._rates.by_name.get(name)
            if rate is not None and rate.count and (who := _counted(rate.per, call, data)) is not None:
                call.allowance = allowance = await self._rate_limits.take(rate, who)
                if allowance.retry_after > 0:
                    raise TooMany("Too many requests; wait a little.", retry_after=allowance.retry_after)

    async def _keyed(
        self, entry: UseCase, message: Message[Any], call: Call, begin: Callable[[], Part], keys: Keys, attempts: int
    ) -> Answer:
        key = None
        if call.key is not None and not entry.strangers:
            if (bad := unprintable(call.key, lines=False)) is not None:
                raise invalid("key", "character", f"A key cannot hold the character {bad}.")
            body = hashlib.sha256(self._codec.canonical(message)).digest()
            call.body_hash = body
            if not entry.own_key:
                if not entry.secret and self.catalogue.hides(entry, message):
                    entry = evolve(entry, secret=True)
                key = Key(call.actor.name, entry.name, call.key or "", body, self._clock.now())
        for attempt in range(1, attempts):
            try:
                return await self._once(entry, message, call, begin, keys, key)
            except Raced:
                await asyncio.sleep(0.002 * 2**attempt)
        return await self._once(entry, message, call, begin, keys, key)

    async def _once(
        self, entry: UseCase, message: Message[Any], call: Call, begin: Callable[[], Part], keys: Keys, key: Key | None
    ) -> Answer:
        kept = await keys.claim(key) if key is not None else None
        if key is None:
            return await self._committed(entry, message, call, begin(), None)
        if kept is not None:
            return self._replay(entry, key, kept)
        try:
            return await self._committed(entry, message, call, begin(), key)
        finally:
            keys.release(key)

    def _replay(self, entry: UseCase, key: Key, kept: Kept) -> Answer:
        if kept.body_hash != key.body_hash:
            raise Unprocessable("This key came before with another body.", code="key_reused")
        if entry.secret:
            raise Conflict("This was done before; its answer held secrets and was not kept.", code="already_done")
        return Answer(self._codec.decode(kept.answer, entry.result), kept.created, replayed=True)

    async def _committed(
        self, entry: UseCase, message: Message[Any], call: Call, work: Part, key: Key | None
    ) -> Answer:
        try:
            if key is not None:
                await work.hold(key)
            result = await self._handlers[entry.name](message, call, work)
            if isinstance(result, Failed):
                await work.commit()
                raise result.error
            answer = Answer(result)
            if isinstance(result, Found):
                answer = Answer(result.view, made=False, replayed=entry.own_key and call.key is not None)
            if key is not None:
                await self._remember(entry, work, key, answer)
            await work.commit()
        except BaseException:
            await work.rollback()
            raise
        return answer

    async def _remember(self, entry: UseCase, work: Part, key: Key, answer: Answer) -> None:
        if not work.entered:
            async with work:
                pass
        kept = b"" if entry.secret else self._codec.encode(answer.value)
        await work.remember(key, kept, answer.made)


def _slow_in_batch(entry: UseCase) -> Conflict:
    return Conflict(f"{entry.name} takes too long to be part of one unit of work.", code="slow_in_batch")


def _counted(per: str, call: Call, data: Mapping[str, Any]) -> str | None:
    if per == "user":
        return str(call.actor.user_id) if call.actor.user_id else call.address
    if per == "address":
        return call.address
    if per.startswith("with:"):
        return _counted("user", call, data) if data.get(per.removeprefix("with:")) is not None else None
    if per == "connection":
        return call.request_id if call.way is Way.WEBSOCKET else None
    if per == "workspace":
        return str(call.actor.workspace_id) if call.actor.workspace_id else None
    said = (data.get(name) for name in per.removeprefix("field:").split("|"))
    return next((folded(value) for value in said if isinstance(value, str)), None)
