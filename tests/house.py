"""The embedded adapters put together, for the suites to work on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import evolve

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.adapters.inprocess.world import RandomIds, SystemClock
from parlour.adapters.sql.access_tokens import SqlAccessTokens
from parlour.adapters.sql.bans import SqlBans
from parlour.adapters.sql.blocks import SqlBlocks
from parlour.adapters.sql.edits import SqlEdits
from parlour.adapters.sql.expiry import SqlExpiry
from parlour.adapters.sql.extensions import SqlExtensions
from parlour.adapters.sql.identity import SqlSessions, SqlTickets, SqlUsers
from parlour.adapters.sql.letters import SqlLetters
from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.own_rooms import SqlOwnRooms
from parlour.adapters.sql.postgres import PostgresStore
from parlour.adapters.sql.postgres_link import Reach
from parlour.adapters.sql.postgres_open import PostgresDatabase
from parlour.adapters.sql.presence import SqlPresences
from parlour.adapters.sql.proofs import SqlProofs
from parlour.adapters.sql.reactions import SqlReactions
from parlour.adapters.sql.recorder import Means
from parlour.adapters.sql.schedule import SqlSchedule
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.adapters.sql.store import SqlStore
from parlour.adapters.sql.streams import SqlDueTable, SqlKeeping, SqlRelay, SqlStreamLog
from parlour.adapters.sql.threads import SqlThreadFollowers
from parlour.adapters.sql.workspaces import SqlInvitations, SqlWorkspaces
from parlour.testing.contracts import House
from parlour.testing.contracts.support import NOW

MEANS = Means(SystemClock(), RandomIds(), MsgspecCodec())


def house_on(store: SqlStore, **other: Any) -> House:
    """A house on a store, with `other` parts where a test plants a fault."""

    return evolve(
        House(
            store=store,
            clock=MEANS.clock,
            ids=MEANS.ids,
            codec=MEANS.codec,
            relay=SqlRelay(store),
            due_table=SqlDueTable(store),
            stream_log=lambda work: SqlStreamLog(work, MEANS.codec, store.epoch),
            keeping=SqlKeeping,
            expiry=SqlExpiry,
            users=SqlUsers,
            user_reader=SqlUsers,
            people=SqlUsers,
            names=SqlUsers,
            sessions=lambda work: SqlSessions(work, lambda: NOW),
            tickets=SqlTickets,
            proofs=SqlProofs,
            extensions=lambda work: SqlExtensions(work, MEANS.codec),
            letters=lambda work: SqlLetters(work, MEANS.codec),
            access_tokens=lambda work: SqlAccessTokens(work, lambda: NOW),
            workspaces=SqlWorkspaces,
            workspace_standings=SqlWorkspaces,
            workspace_reader=SqlWorkspaces,
            invitations=SqlInvitations,
            rooms=store.rooms_in,
            room_standings=store.rooms_in,
            room_reader=store.rooms_in,
            bans=SqlBans,
            blocks=SqlBlocks,
            block_reader=SqlBlocks,
            own_rooms=SqlOwnRooms,
            own_reader=SqlOwnRooms,
            presences=SqlPresences,
            messages=store.messages_in,
            message_log=store.messages_in,
            message_reader=store.messages_in,
            mention_reader=store.messages_in,
            thread_followers=SqlThreadFollowers,
            reactions=SqlReactions,
            reaction_reader=SqlReactions,
            edits=SqlEdits,
            edit_reader=SqlEdits,
            schedule=SqlSchedule,
            schedule_reader=SqlSchedule,
        ),
        **other,
    )


def postgres_store(url: str, **bounds: Any) -> PostgresStore:
    """A store on a PostgreSQL database, not opened yet."""
    return PostgresStore(PostgresDatabase(Reach(url, **bounds), MEANS, wait=10))


@asynccontextmanager
async def postgres_house(
    url: str, change: Callable[[PostgresStore], None] | None = None, **other: Any
) -> AsyncIterator[House]:
    """A house on a PostgreSQL database; `change` may plant a fault in its store."""
    store = postgres_store(url)
    if change is not None:
        change(store)
    await store.open()
    try:
        yield house_on(store, **other)
    finally:
        async with asyncio.timeout(10):
            await store.close()


@asynccontextmanager
async def sqlite_house(
    path: str | Path = ":memory:", change: Callable[[SqliteStore], None] | None = None, **other: Any
) -> AsyncIterator[House]:
    """A house on a SQLite file of its own; `change` may plant a fault in its store."""
    store = open_sqlite(str(path), MEANS)
    if change is not None:
        change(store)
    try:
        yield house_on(store, **other)
    finally:
        async with asyncio.timeout(10):
            await store.close()


def house_at(url: str) -> AbstractAsyncContextManager[House]:
    """A house on the engine that a database's URL names."""
    file = url.removeprefix("sqlite:///")
    return sqlite_house(file) if file != url else postgres_house(url)
