"""Reads that must stay fast as tables grow use an index: SQLite is asked how it would go about them."""

from collections.abc import AsyncIterator

import pytest

from parlour.adapters.sql import (
    access_tokens,
    bans,
    besides,
    blocks,
    edits,
    extensions,
    identity,
    letters,
    messages,
    own_rooms,
    presence,
    proofs,
    reactions,
    recorder,
    rooms,
    schedule,
    workspaces,
)
from parlour.adapters.sql.loader import Queries, Query
from parlour.adapters.sql.open import open_sqlite
from parlour.adapters.sql.sqlite import SqliteStore
from tests.house import MEANS

ALL: dict[str, Queries] = {
    "bans": bans.SQL,
    "besides": besides.SQL,
    "blocks": blocks.SQL,
    "edits": edits.SQL,
    "identity": identity.SQL,
    "access_tokens": access_tokens.SQL,
    "extensions": extensions.SQL,
    "letters": letters.SQL,
    "proofs": proofs.SQL,
    "kernel": recorder.SQL,
    "messages": messages.SQL,
    "presence": presence.SQL,
    "reactions": reactions.SQL,
    "own_rooms": own_rooms.SQL,
    "rooms": rooms.SQL,
    "schedule": schedule.SQL,
    "workspaces": workspaces.SQL,
}
# These read all there is, and may: on a timer, once in a process's life, or in a table that is never large.
WHOLE = {
    "kernel.too_many": "every minute or less, one row for a stream",
    "kernel.too_old": "the oldest thousand rows, in their own order",
    "kernel.forget_handled": "every minute or less",
    "messages.number_at": "one row for each halving, which it looks up by the index",
    "identity.any_user": "one row is enough",
    "identity.forget_sessions": "every minute or less",
    "identity.forget_tickets": "every minute or less; tickets live for seconds",
}

CHOSEN = {"SCAN p", "SCAN mine"}
"""What a query chose before, and reads all of then."""


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    store = open_sqlite(":memory:", MEANS)
    yield store
    await store.close()


def _plan(store: SqliteStore, query: Query) -> list[str]:
    names = store.writer.execute("select ''").description
    assert names
    rows = store.writer.execute("explain query plan " + query.sqlite, _Anything()).fetchall()
    return [detail for *_, detail in rows]


class _Anything(dict[str, object]):
    def __missing__(self, name: str) -> object:
        return 1


@pytest.mark.parametrize(
    "name", [f"{where}.{query.name}" for where, queries in ALL.items() for query in queries if query.sqlite]
)
def test_no_query_reads_a_whole_table(store: SqliteStore, name: str) -> None:
    where, _, query = name.partition(".")
    scans = [step for step in _plan(store, getattr(ALL[where], query)) if _reads_all(step)]
    assert bool(scans) <= (name in WHOLE), scans


@pytest.mark.parametrize(
    "query, index",
    [
        (messages.SQL.history_after, "number>?"),
        (messages.SQL.history_before, "number<?"),
        (messages.SQL.by_key, "messages_by_key"),
        (messages.SQL.replies_after, "messages_by_thread"),
        (besides.SQL.last_reply, "messages_by_thread"),
        (besides.SQL.replies_after, "messages_by_thread"),
        (besides.SQL.last_number, "messages_by_thread"),
        (own_rooms.SQL.mentions, "room_id=? AND number>? AND number<?"),
        (own_rooms.SQL.waiting, "room_id=? AND number>?"),
        (own_rooms.SQL.waiting, "messages_by_thread (workspace_id=? AND reply_to=? AND number>?)"),
        (own_rooms.SQL.unread_in, "room_id=? AND number>?"),
        (own_rooms.SQL.threads_in, "messages_by_thread (workspace_id=? AND reply_to=? AND number>?)"),
        (rooms.SQL.fellows, "room_members_by_age"),
        (besides.SQL.followed_after, "room_id=? AND number>?"),
        (edits.SQL.edits_after, "message_id=? AND version>?"),
        (messages.SQL.number_at, "number>? AND number<?"),
        (messages.SQL.pins, "messages_pinned"),
        (messages.SQL.pinned_after, "messages_pinned"),
        (messages.SQL.pinned_before, "messages_pinned"),
        (reactions.SQL.own, "message_id=? AND user_id=?"),
        (reactions.SQL.who_after, "reactions_by_age"),
        (reactions.SQL.who_before, "reactions_by_age"),
        (schedule.SQL.of_author_after, "scheduled_by_author"),
        (schedule.SQL.count, "scheduled_by_author"),
        (schedule.SQL.all_of, "scheduled_by_author"),
        (rooms.SQL.standing, "rooms_by_id"),
        (rooms.SQL.member, "room_id=? AND user_id=?"),
        (rooms.SQL.rooms_of_after, "room_members_by_user"),
        (rooms.SQL.channels_after, "rooms_by_name"),
        (rooms.SQL.channels_before, "rooms_by_name"),
        (rooms.SQL.members_after, "room_members_by_age"),
        (bans.SQL.bans_after, "room_bans_by_age"),
        (blocks.SQL.blocks_after, "blocks_by_age"),
        (blocks.SQL.between, "owner_id=? AND blocked_id=?"),
        (own_rooms.SQL.readers_after, "room_id=? AND user_id>?"),
        (own_rooms.SQL.unread_in, "room_members_by_user"),
        (own_rooms.SQL.unread_rooms_after, "room_members_by_user"),
        (own_rooms.SQL.favourites, "room_members_by_user"),
        (own_rooms.SQL.move_mark, "number<?"),
        (recorder.SQL.after, "topic=? AND stream_offset>?"),
        (recorder.SQL.id_at, "topic=? AND stream_offset=?"),
        (recorder.SQL.kept, "actor=? AND use_case=? AND key=?"),
        (recorder.SQL.waiting, "log_waiting"),
        (recorder.SQL.due_now, "due_by_time"),
        (workspaces.SQL.standing, "workspace_id=? AND user_id=?"),
        (workspaces.SQL.by_digest, "digest=?"),
    ],
    ids=lambda part: part.name if isinstance(part, Query) else None,
)
def test_the_hot_ones_use_the_index_made_for_them(store: SqliteStore, query: Query, index: str) -> None:
    assert any(index in step for step in _plan(store, query)), _plan(store, query)


@pytest.mark.parametrize(
    "query",
    [own_rooms.SQL.readers_after, own_rooms.SQL.unread_rooms_after,
     messages.SQL.history_after, messages.SQL.history_before, messages.SQL.replies_after, besides.SQL.followed_before,
     messages.SQL.pinned_after, reactions.SQL.who_after, recorder.SQL.after, recorder.SQL.waiting,
     rooms.SQL.members_after, bans.SQL.bans_after, blocks.SQL.blocks_after,
     workspaces.SQL.members_after],
    ids=lambda q: q.name,
)  # fmt: skip
def test_pages_are_read_in_order_and_not_sorted(store: SqliteStore, query: Query) -> None:
    assert not [step for step in _plan(store, query) if "TEMP B-TREE" in step]


def test_a_page_of_channels_is_chosen_in_order_and_sorted_only_with_what_is_joined_to_it(store: SqliteStore) -> None:
    plan = _plan(store, rooms.SQL.channels_after)
    assert len([step for step in plan if "TEMP B-TREE" in step]) == 1, plan
    assert "TEMP B-TREE" in plan[-1], "the rooms of the page, when they are chosen"


def test_a_query_without_an_index_is_seen(store: SqliteStore) -> None:
    """The check itself: take an index away, and it turns red."""
    store.writer.execute("drop index rooms_by_id")
    assert [step for step in _plan(store, rooms.SQL.room) if _reads_all(step)]


def _reads_all(step: str) -> bool:
    made = "VIRTUAL TABLE" in step or "CONSTANT ROW" in step
    return step.startswith("SCAN") and not made and step not in CHOSEN
