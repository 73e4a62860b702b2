"""One instance of parlour: everything put together, started and stopped."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..adapters.sql.store import SqlStore
from ..application.identity.bearers import Bearers
from ..application.identity.signing import Authenticator, Lifetimes, SignInRules
from ..application.identity.sockets import OpenSockets
from ..application.kernel import ports
from ..application.kernel.actor import SYSTEM, Call, Way
from ..application.kernel.authorizer import Policy, WithinScopes
from ..application.kernel.bus import Bus
from ..application.kernel.catalogue import Catalogue
from ..application.kernel.flags import Flags
from ..application.kernel.limits import Limits, Rates
from ..application.kernel.links import Links
from ..application.kernel.mail import Letters, PostLoop
from ..application.kernel.reactions import Reactions
from ..application.kernel.resources import Followings, Resources
from ..application.kernel.retention import Retention
from ..application.kernel.upkeep import DurableReactions, NoticeLoop, RelayLoop, SchedulerLoop
from ..application.kernel.wiring import Scoped
from ..application.presence.commands import NoteLastSeen
from ..application.presence.live import Whispers
from ..application.presence.roster import Roster
from ..domain.identity.ports import AccessTokens, Sessions, Tickets, Users
from ..domain.kernel.errors import Unavailable
from ..domain.kernel.ids import UserId
from ..entrypoints.library.chat import Chat
from ..entrypoints.realtime.connections import Connections
from ..entrypoints.realtime.desk import Desk
from ..entrypoints.realtime.hub import Hub
from .container import Container, ContainerPorts
from .features import CORE, Module
from .flags import TomlFlags

log = logging.getLogger("parlour")

OUTAGE = 60.0
"""Seconds without a failure after which the next one is told of: it belongs to another outage."""
AMONG_OTHERS = 0.25
"""Seconds between two looks at what other instances on the same store did."""


@frozen
class Plan:
    """What an instance is made from. `values` are what the container's adapters need, see `container.Container`; `heartbeat` is how
    often, in seconds, an iteration over some events of a topic says how far it has looked."""

    values: Mapping[str, Any]
    modules: Sequence[Module] = CORE
    given: Mapping[type, Any] = field(factory=dict)
    flags_path: Path | None = None
    limits: Limits = field(factory=Limits)
    rates: Rates = field(factory=Rates)
    retention: Retention = field(factory=Retention)
    lifetimes: Lifetimes = field(factory=Lifetimes)
    sign_in: SignInRules = field(factory=SignInRules)
    links: Links = field(factory=Links)
    heartbeat: float = 25.0


class Instance:
    """A composed parlour. Several live side by side in one process, each with a store of its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        container = Container()
        rule: Retention = plan.given.get(Retention, plan.retention)
        container.values.from_dict({**plan.values, "message_days": rule.message_days})
        self.ports = ContainerPorts(container, _with_modules(plan))
        self.clock: ports.Clock = container.clock()
        self.codec: ports.Codec = container.codec()
        self.store: SqlStore = container.store()
        self.passwords = container.passwords()
        self.store_check = container.store_check()
        self.event_bus: ports.EventBus = container.event_bus()
        present = {m.feature.flag for m in plan.modules if m.feature.flag is not None}
        self.flags = TomlFlags(plan.flags_path, present, self._make_tables)
        self._tasks: list[asyncio.Task[None]] = []
        try:
            self._compose(container)
        except BaseException:
            self.store.abandon()
            raise

    def _compose(self, container: Container) -> None:
        plan, store = self.plan, self.store
        self.catalogue = Catalogue(m.feature for m in plan.modules)
        policy: Policy = container.policy()
        self.bearers = Bearers(store, self._scoped(Users), self._scoped(AccessTokens), self.clock)
        self.authenticator = Authenticator(
            store, self._scoped(Users), self._scoped(Sessions), self._scoped(Tickets), container.tokens(), self.clock,
            self.bearers,
        )  # fmt: skip
        self.ports.give(plan.limits, plan.retention, plan.lifetimes, plan.sign_in, plan.links, self.authenticator)
        self.ports.give_as(Flags, self.flags)
        resources = Resources(self.catalogue, self.ports)
        followings = Followings(store, resources, policy, self._scoped(ports.StreamLog), self.authenticator)
        every = AMONG_OTHERS if store.shared else 1.0
        self.hub = Hub(followings, container.signals(), compare_every=every)
        self.roster = Roster(container.presence_store(), container.signals(), self._note_last_seen)
        self.connections = Connections(self.hub, plan.limits, time.monotonic, self.roster)
        self.ports.give_as(ports.LiveConnections, self.connections)
        self.ports.give_as(Whispers, self.hub)
        self.desk = Desk(self.connections, self.hub, container.signals(), self.codec, self.clock, time.monotonic)
        self.ports.give_as(OpenSockets, self.desk)
        self.ports.give(resources, self.roster)
        self.bus = Bus(
            self.catalogue, self.ports, store, self.codec, self.clock, self.flags, plan.rates,
            container.rate_limits(), container.telemetry(), self.authenticator,
        )  # fmt: skip
        reactions = Reactions(self.catalogue, self.ports, self.flags, self.codec)
        self.leadership = container.leadership()
        self.relay = RelayLoop(container.relay(), self.event_bus, self.leadership, every)
        self.scheduler = SchedulerLoop(self.bus, container.due_table(), self.clock, self.codec, self.leadership)
        self.post = PostLoop(self.bus, store, self._scoped(Letters), container.mailer(), self.clock, self.leadership)
        self.notices = NoticeLoop(container.notices(), reactions.everywhere, AMONG_OTHERS)
        DurableReactions(self.catalogue, self.ports, self.event_bus, store, self.codec, self.flags)
        store.react, store.noticed = reactions.in_unit, reactions.noticed
        for observer in (reactions.everywhere, self.hub.committed, self.relay.wake, self.desk.committed):
            store.on_commit(observer)
        self.chat = Chat(
            self.bus, self.hub, self.codec, self.event_bus, store, self.authenticator, plan.heartbeat
        )  # fmt: skip

    async def _note_last_seen(self, user_id: UserId) -> None:
        await self.bus.execute(NoteLastSeen(user_id), Call(SYSTEM, Way.SYSTEM))

    def _scoped(self, port: type) -> Scoped:
        found = self.ports.find(port)
        if not isinstance(found, Scoped):
            raise TypeError(f"{port.__name__} works in a unit of work; give it as Scoped(factory)")
        return found

    async def _make_tables(self, flag: str) -> None:
        for module in self.plan.modules:
            if module.feature.flag == flag and module.migrations is not None:
                await self.store.migrate(module.feature.name, module.migrations)

    async def open(self) -> None:
        """Reach the store, and make the tables of the modules that are always on."""
        await self.store.open()
        for module in self.plan.modules:
            if module.feature.flag is None and module.migrations is not None:
                await self.store.migrate(module.feature.name, module.migrations)
        await self.flags.load()

    async def start(self) -> None:
        """Reach the store, put the flags in force and begin what runs by itself."""
        await self.open()
        upkeep = (
            self.relay.run, self.scheduler.run, self.notices.run, self.flags.watch, self.hub.compare,
            self.connections.pulse, self.bearers.run, self.post.run,
        )  # fmt: skip
        for work in upkeep:
            self._tasks.append(asyncio.create_task(_for_ever(work)))

    async def stop(self) -> None:
        """End what runs by itself and let go of the store; what was acknowledged is on disk."""
        left = set(self._tasks)
        while left:  # a pool that waits by wait_for of Python 3.11 can lose a cancellation: it is told again
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.5)
        await self.roster.close()
        await self.hub.close()
        await self.leadership.close()
        await self.store.close()
        self.passwords.close()


async def _for_ever(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run something until it is cancelled, and again a moment after it failed: a full disk passes, upkeep stays. Of a store
    that is away it is told once."""
    failed = -math.inf
    while True:
        try:
            await work()
        except Unavailable as error:
            if time.monotonic() - failed > OUTAGE:
                log.warning("%s waits for the store: %s", work.__qualname__, error.code)
            failed = time.monotonic()
            await asyncio.sleep(1.0)
        except Exception:
            log.exception("%s failed; it begins again", work)
            await asyncio.sleep(1.0)


def _with_modules(plan: Plan) -> dict[type, Any]:
    given: dict[type, Any] = {}
    for module in plan.modules:
        given.update({port: Scoped(make) for port, make in module.scoped.items()})
    given.update(plan.given)
    if Policy in given:
        given[Policy] = WithinScopes(given[Policy])
    return given
