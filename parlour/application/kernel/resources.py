"""Things that rights are about: their facts, and who may follow them."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ...domain.kernel.errors import Forbidden, NotFound, Unauthenticated
from ...domain.kernel.ids import UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Head, Position, Stream, Topic
from .actor import Actor
from .authorizer import Facts, InstanceFacts, Policy, require
from .catalogue import Catalogue, ResourceKind
from .credentials import Credentials
from .ports import StreamLog
from .uow import LoggedEvent, Store
from .wiring import Bound, Ports, Scoped, bind

MISSING = "There is no such topic, or it is not for you."


@frozen
class Opened:
    """A topic that may be followed: where it stands, and whether what came after the given position is all there."""

    stream: Stream
    head: Head
    recovered: bool


class Resources:
    """The facts of every kind of thing, gathered from the features."""

    def __init__(self, catalogue: Catalogue, ports: Ports) -> None:
        kinds = [kind for feature in catalogue.features for kind in feature.resources]
        self._kinds: Mapping[str, ResourceKind] = {k.kind: k for k in kinds}
        self._facts: dict[str, Bound] = {k.kind: bind(k.facts, ports, 2, {}) for k in kinds}

    def read_permission(self, topic: Topic) -> Permission:
        return self._kinds[topic.kind].read

    async def facts(self, topic: Topic, user_id: UserId, work: Any) -> Facts | None:
        """What the policy decides by, for a user and a thing."""
        found: Facts | None = await self._facts[topic.kind](topic.id, user_id, None, work)
        return found


class Followings:
    """Opening and reading streams for whoever may."""

    def __init__(
        self, store: Store, resources: Resources, policy: Policy, log: Scoped, credentials: Credentials
    ) -> None:
        self._store = store
        self._resources = resources
        self._policy = policy
        self._log = log
        self._credentials = credentials

    async def open(self, topic: Topic, actor: Actor, after: Position | None) -> Opened:
        """The topic's stream, read with the right to it in one moment; `NotFound` or `Forbidden` when there is none,
        `Unauthenticated` when the token that the actor acts by is over."""
        if actor.token_id is not None:
            actor = await self._credentials.again(actor)
        async with self._store.snapshot(actor) as snapshot:
            asker = UserId(topic.id) if actor.system else actor.known
            facts = await self._resources.facts(topic, asker, snapshot)
            if facts is None or isinstance(facts, InstanceFacts):
                raise NotFound(MISSING)
            require(self._policy, actor, self._resources.read_permission(topic), facts, MISSING)
            log: StreamLog = self._log.make(snapshot)
            head = await log.head(facts.stream)
            recovered = after is not None and await log.can_resume(facts.stream, after)
            return Opened(facts.stream, head, recovered)

    async def refusal(self, topic: Topic, actor: Actor) -> str | None:
        """Why the actor may not follow a topic (any more); None when they may."""
        try:
            await self.open(topic, actor, None)
        except (NotFound, Forbidden, Unauthenticated) as error:
            return error.code
        return None

    async def read(self, stream: Stream, after: int, most: int) -> list[LoggedEvent]:
        async with self._store.snapshot() as snapshot:
            log: StreamLog = self._log.make(snapshot)
            return await log.after(stream, after, most)

    async def heads(self, streams: list[Stream]) -> dict[str, int]:
        async with self._store.snapshot() as snapshot:
            log: StreamLog = self._log.make(snapshot)
            return await log.heads(streams)
