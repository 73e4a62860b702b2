"""The only place that knows dependency-injector: what every port is made of, and how a host replaces it."""

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers

from ..adapters.codec.extensions import AnyExtensions, JsonSchemaExtensions
from ..adapters.codec.msgspec_codec import MsgspecCodec
from ..adapters.inprocess.cache import LocalCache
from ..adapters.inprocess.event_bus import LocalEventBus
from ..adapters.inprocess.presence import LocalPresence
from ..adapters.inprocess.rate_limits import LocalRateLimits
from ..adapters.inprocess.signals import LocalSignals
from ..adapters.inprocess.world import Alone, NoTelemetry, RandomIds, SystemClock
from ..adapters.mail.folder import FolderMailer
from ..adapters.security.passwords import Argon2Passwords
from ..adapters.security.tokens import JwtTokens
from ..adapters.sql.access_tokens import SqlAccessTokens
from ..adapters.sql.bans import SqlBans
from ..adapters.sql.blocks import SqlBlocks
from ..adapters.sql.bundle.export import SqlBundles
from ..adapters.sql.doctor import SqlDerived, StoreGuard
from ..adapters.sql.edits import SqlEdits
from ..adapters.sql.expiry import SqlExpiry
from ..adapters.sql.extensions import SqlExtensions
from ..adapters.sql.health import StoreCheck
from ..adapters.sql.identity import SqlSessions, SqlTickets, SqlUsers
from ..adapters.sql.letters import SqlLetters
from ..adapters.sql.messages import SqlMessages
from ..adapters.sql.open import open_sqlite
from ..adapters.sql.own_rooms import SqlOwnRooms
from ..adapters.sql.presence import SqlPresences
from ..adapters.sql.proofs import SqlProofs
from ..adapters.sql.reactions import SqlReactions
from ..adapters.sql.recorder import Means
from ..adapters.sql.rooms import SqlRooms
from ..adapters.sql.schedule import SqlSchedule
from ..adapters.sql.store import SqlStore
from ..adapters.sql.streams import SqlDueTable, SqlKeeping, SqlRelay, SqlStreamLog
from ..adapters.sql.threads import SqlThreadFollowers
from ..adapters.sql.workspaces import SqlInvitations, SqlWorkspaces
from ..application.identity.blocks import BlockReader
from ..application.identity.extensions import ExtensionsSchema
from ..application.identity.views import UserReader
from ..application.kernel import ports
from ..application.kernel.authorizer import BuiltinPolicy, Policy, WithinScopes
from ..application.kernel.bundle import Bundles
from ..application.kernel.doctor import Derived, Guard
from ..application.kernel.mail import Letters, Mailer
from ..application.kernel.retention import Keeping
from ..application.kernel.uow import Store
from ..application.kernel.wiring import Scoped, Shared
from ..application.messages.expiry import Expiry
from ..application.messages.views import (
    EditReader,
    MentionReader,
    MessageLog,
    MessageReader,
    ReactionReader,
    ScheduleReader,
)
from ..application.presence.store import PresenceStore
from ..application.rooms.own import OwnReader
from ..application.rooms.views import RoomReader, RoomStandings
from ..application.workspaces.views import WorkspaceReader, WorkspaceStandings
from ..domain.identity.ports import AccessTokens, Blocks, Extensions, Proofs, Sessions, Tickets, Users
from ..domain.messages.ports import Edits, Messages, Reactions, Schedule, ThreadFollowers
from ..domain.presence.ports import Presences
from ..domain.rooms.ports import Bans, OwnRooms, Rooms
from ..domain.workspaces.ports import Invitations, Workspaces
from .names import names_of


def _rooms(work: Any, store: SqlStore, message_days: int) -> SqlRooms:
    rooms = store.rooms_in(work)
    rooms.instance_days = message_days
    return rooms


def _messages(work: Any, store: SqlStore) -> SqlMessages:
    return store.messages_in(work)


def _store(path: str | None, readers: int, reach: dict[str, Any] | None, means: Means) -> SqlStore:
    """The store that the database's URL names; psycopg is not imported for another."""
    if reach is None:
        return open_sqlite(path or ":memory:", means, readers=readers)
    from ..adapters.sql.postgres import PostgresStore
    from ..adapters.sql.postgres_link import Reach
    from ..adapters.sql.postgres_open import PostgresDatabase

    bounds = dict(reach)
    wait = bounds.pop("wait")
    return PostgresStore(PostgresDatabase(Reach(**bounds), means, wait))


def _mailer(folder: str, smtp: str, sender: str, clock: ports.Clock) -> Mailer:
    if not smtp:
        return FolderMailer(folder, sender, clock)
    from ..adapters.mail.smtp import SmtpMailer

    return SmtpMailer(smtp, sender, clock)


def _extensions_schema(path: str) -> ExtensionsSchema:
    return JsonSchemaExtensions(Path(path)) if path else AnyExtensions()


def _relay(store: SqlStore, grace: float) -> SqlRelay:
    return SqlRelay(store, timedelta(seconds=grace if store.shared else 0))


def _others(store: SqlStore) -> tuple[ports.Leadership, ports.Notices]:
    if not store.shared:
        alone = Alone()
        return alone, alone
    from ..adapters.sql.postgres import PostgresStore
    from ..adapters.sql.postgres_others import PostgresLeadership, PostgresNotices

    assert isinstance(store, PostgresStore), "no other store is shared"
    return PostgresLeadership(store), PostgresNotices(store)


class Container(containers.DeclarativeContainer):
    """One instance of parlour. `values` are plain values made from the settings."""

    values = providers.Configuration()

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    codec = providers.Singleton(MsgspecCodec)
    telemetry = providers.Singleton(NoTelemetry)
    signals = providers.Singleton(LocalSignals)
    presence_store = providers.Singleton(LocalPresence)
    cache = providers.Singleton(LocalCache, clock=providers.Object(time.monotonic))
    rate_limits = providers.Singleton(LocalRateLimits)
    policy = providers.Singleton(WithinScopes, policy=providers.Singleton(BuiltinPolicy))
    passwords = providers.Singleton(Argon2Passwords, together=values.passwords_together, queue=values.passwords_queue)
    tokens = providers.Singleton(JwtTokens, secrets=values.secrets)

    mailer = providers.Singleton(
        _mailer, folder=values.mail.folder, smtp=values.mail.smtp, sender=values.mail.sender, clock=clock
    )

    extensions_schema = providers.Singleton(_extensions_schema, path=values.extensions_schema)

    means = providers.Singleton(Means, clock=clock, ids=ids, codec=codec)
    store = providers.Singleton(
        _store, path=values.sqlite_path, readers=values.database_readers, reach=values.postgres, means=means
    )
    guard = providers.Singleton(StoreGuard, store=store)
    store_check = providers.Singleton(StoreCheck, store=store)
    relay = providers.Singleton(_relay, store=store, grace=values.relay_grace)
    event_bus = providers.Singleton(LocalEventBus, relay=relay)
    others = providers.Singleton(_others, store=store)
    leadership = others.provided[0]
    notices = others.provided[1]
    due_table = providers.Singleton(SqlDueTable, store=store)

    users = providers.Factory(SqlUsers)
    sessions = providers.Factory(SqlSessions, now=clock.provided.now)
    tickets = providers.Factory(SqlTickets)
    blocks = providers.Factory(SqlBlocks)
    access_tokens = providers.Factory(SqlAccessTokens, now=clock.provided.now)
    proofs = providers.Factory(SqlProofs)
    extensions = providers.Factory(SqlExtensions, codec=codec)
    letters = providers.Factory(SqlLetters, codec=codec)
    workspaces = providers.Factory(SqlWorkspaces)
    invitations = providers.Factory(SqlInvitations)
    rooms = providers.Factory(_rooms, store=store, message_days=values.message_days)
    bans = providers.Factory(SqlBans)
    own_rooms = providers.Factory(SqlOwnRooms)
    messages = providers.Factory(_messages, store=store)
    presences = providers.Factory(SqlPresences)
    thread_followers = providers.Factory(SqlThreadFollowers)
    reactions = providers.Factory(SqlReactions)
    edits = providers.Factory(SqlEdits)
    schedule = providers.Factory(SqlSchedule)
    stream_log = providers.Factory(SqlStreamLog, codec=codec, epoch=store.provided.epoch)
    keeping = providers.Factory(SqlKeeping)
    expiry = providers.Factory(SqlExpiry)
    derived = providers.Factory(SqlDerived)
    bundles = providers.Factory(SqlBundles)


SHARED: Mapping[type, str] = {
    ports.Clock: "clock",
    ports.Ids: "ids",
    ports.Codec: "codec",
    ports.Telemetry: "telemetry",
    ports.Signals: "signals",
    PresenceStore: "presence_store",
    ports.Cache: "cache",
    ports.RateLimits: "rate_limits",
    ports.Passwords: "passwords",
    ports.Tokens: "tokens",
    ports.EventBus: "event_bus",
    ports.Relay: "relay",
    ports.DueTable: "due_table",
    ports.Leadership: "leadership",
    ports.Notices: "notices",
    Guard: "guard",
    Mailer: "mailer",
    ExtensionsSchema: "extensions_schema",
    Policy: "policy",
    Store: "store",
}

SCOPED: Mapping[type, str] = {
    Users: "users",
    UserReader: "users",
    ports.People: "users",
    ports.Names: "users",
    Sessions: "sessions",
    Tickets: "tickets",
    Blocks: "blocks",
    BlockReader: "blocks",
    AccessTokens: "access_tokens",
    Proofs: "proofs",
    Extensions: "extensions",
    Letters: "letters",
    Workspaces: "workspaces",
    WorkspaceStandings: "workspaces",
    WorkspaceReader: "workspaces",
    Invitations: "invitations",
    Rooms: "rooms",
    Bans: "bans",
    RoomStandings: "rooms",
    RoomReader: "rooms",
    OwnRooms: "own_rooms",
    OwnReader: "own_rooms",
    Messages: "messages",
    MessageLog: "messages",
    MessageReader: "messages",
    Presences: "presences",
    MentionReader: "messages",
    ThreadFollowers: "thread_followers",
    Reactions: "reactions",
    ReactionReader: "reactions",
    Edits: "edits",
    EditReader: "edits",
    Schedule: "schedule",
    ScheduleReader: "schedule",
    ports.StreamLog: "stream_log",
    Keeping: "keeping",
    Expiry: "expiry",
    Derived: "derived",
    Bundles: "bundles",
}


class ContainerPorts:
    """`Ports` of a container. What a host gives stands before parlour's own, also for adapters that need it: an object
    for a shared port, a `Scoped` for one that works in a unit or snapshot."""

    def __init__(self, container: Container, given: Mapping[type, Any]) -> None:
        self._container = container
        self._given: dict[type, Shared | Scoped] = {}
        for port, value in given.items():
            self._given[port] = value if isinstance(value, Scoped) else Shared(value)
            if port in SHARED and not isinstance(value, Scoped):
                getattr(container, SHARED[port]).override(providers.Object(value))
        if ports.People in self._given:
            self._given.setdefault(ports.Names, names_of(self._given[ports.People]))

    def find(self, port: type) -> Shared | Scoped | None:
        if port in self._given:
            return self._given[port]
        if port in SCOPED:
            return Scoped(getattr(self._container, SCOPED[port]))
        if port in SHARED:
            return Shared(getattr(self._container, SHARED[port])())
        return None

    def give_as(self, port: type, value: object) -> None:
        """Provide an object for a port."""
        self._given.setdefault(port, Shared(value))

    def give(self, *values: object) -> None:
        """Provide objects that are made while the instance is composed, by their classes."""
        for value in values:
            self.give_as(type(value), value)
