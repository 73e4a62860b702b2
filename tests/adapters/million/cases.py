"""The reads and writes that must stay fast as the store grows, with real parameters, and what each may look at."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen

from parlour.adapters.sql import (
    besides,
    expiry,
    identity,
    messages,
    own_rooms,
    postgres_group,
    postgres_transaction,
    recorder,
    rooms,
    workspaces,
)
from parlour.adapters.sql.loader import Query

from .ids import HOT, LARGE, LAST, NOW, event, message, room, stream, topic, user

K, M, R, W, U, B, P = (
    recorder.SQL, messages.SQL, rooms.SQL, workspaces.SQL, identity.SQL, postgres_group.SQL, postgres_transaction.SQL
)  # fmt: skip
OWN, E, T = own_rooms.SQL, expiry.SQL, besides.SQL
FIRST = {"key_0": "", "key_1": UUID(int=0), "most": 51}
OLD = NOW - timedelta(days=90)
ROOMS = [room(n) for n in range(1, 52)]
PEOPLE = [user(n) for n in range(1, 101)]


@frozen
class Case:
    """A query, what it is given, and how many rows it may look at on its way to its answer. `whole`: tables that are read
    from end to end, and may be. `pages` that it may read, where rows alone do not tell a good plan from a bad one."""

    name: str
    query: Query
    given: dict[str, Any] = field(repr=False)
    rows: int
    whole: frozenset[str] = frozenset()
    pages: int | None = None

    def __str__(self) -> str:
        return self.name


def _sent_to(ids: range) -> str:
    return json.dumps([
        {"owner_id": str(LARGE), "topic": topic(n), "workspace_topic": f"workspace:{LARGE}", "messages": 1, "head_id": str(event(n)), "access_version": 1,
         "workspace_version": 1} for n in ids
    ])  # fmt: skip


MEMBER = {**HOT, "user_id": user(77)}
MINE = {"workspace_id": LARGE, "user_id": user(1)}
WAITING = {**MINE, "everybody": UUID(int=0)}
LISTED = {**WAITING, "instance_days": 0}
THREAD = {"workspace_id": LARGE, "message_id": message(0)}
PAGED = {"key_0": NOW - timedelta(days=91), "key_1": user(7), "most": 51}
HUNDRED = range(200_000, 200_100)
KEYS = range(0, 200, 2)
READ = {**HOT, "number": 9_000, "created_at": NOW, "author_id": user(5), "most": 51}
BY_ID = {"key_0": UUID(int=0), "most": 51}
GONE = {**HOT, "gone_to": 1_000}
SEEN_TO = {"due_at": NOW, "after": room(100), "most": 500}

CASES = (
    Case("history, newest", M.history_before, {**HOT, "key_0": 2**62, "most": 51}, 51),
    Case("history, back", M.history_before, {**HOT, "key_0": 200_000, "most": 51}, 51),
    Case("history, on", M.history_after, {**HOT, "key_0": 200_000, "most": 51}, 51),
    Case("history, by date", M.number_at, {**HOT, "at": NOW - timedelta(days=45)}, 120, frozenset({"h"})),
    Case("message by id", M.message, {"id": message(5000)}, 1),
    Case("message by key", M.by_key, {"author_id": user(501), "client_key": "key-500"}, 1),
    Case("kept answer", K.kept, {"actor": "user:5", "use_case": "send_message", "key": "key-5"}, 1),
    Case("head", K.head, stream(1), 1),
    Case("heads of many", K.heads, {"topics": [topic(n) for n in range(1, 51)]}, 150),
    Case("resume", K.after, {**stream(1), "stream_offset": 200_000, "most": 500}, 500),
    Case("event id at", K.id_at, {**stream(1), "stream_offset": 200_000}, 1),
    Case("event at", K.event_at, {**stream(1), "stream_offset": 200_000}, 1),
    Case("waiting for the relay", K.waiting, {"most": 500}, 520),
    Case("relayed", K.mark, {
        "owner_ids": [LARGE] * 100, "topics": [topic(1)] * 100, "stream_offsets": list(HUNDRED)}, 400),
    Case("passed over", K.pass_over, {"most": 500, "before": NOW}, 2_000),
    Case("due", K.due_now, {"now": NOW, "most": 100}, 10),
    Case("too many", K.too_many, {"newest": LAST}, 30_000, frozenset({"streams"})),
    Case("too old", K.too_old, {"before": OLD}, 12_000, frozenset({"y"})),  # from its oldest row on
    Case("floor by age", K.floor_by_age, {**stream(1), "before": OLD, "most": 1000}, 2_100),
    Case("lowest waiting", K.lowest_waiting, {**stream(1), "lowest": 100_000, "floor": 101_000}, 1_000),
    Case("cut", K.cut, {**stream(1), "floor": 1_000}, 2_100),
    Case("rooms that are due", E.due_rooms, {"now": NOW, "most": 50}, 60),
    Case("oldest messages", E.oldest, {**GONE, "most": 501}, 501),
    Case("messages that go", E.going, {**GONE, "number": 1_500}, 2_100),
    Case("followers of those that go", E.followers, {**HOT, "number": 1_500, "most": 200}, 400),
    Case("mentions of those that go", E.uncall, {**GONE, "number": 1_500}, 1_000),
    Case("quotes of those that go", E.quoting, {**HOT, "number": 1_500, "most": 200}, 400),
    Case("messages go", E.remove, {**GONE, "number": 1_500}, 1_100),
    Case("rooms of a workspace begin to be watched", E.watch_workspace, {"workspace_id": LARGE, **SEEN_TO}, 1_600),
    Case("all rooms begin to be watched", E.watch_all, {"after_workspace": LARGE, **SEEN_TO}, 1_600),
    Case("what a workspace says", E.workspace_keeping, {"workspace_id": LARGE}, 1),
    Case("room", R.room, {"id": room(7)}, 1),
    Case("member", R.member, MEMBER, 1),
    Case("standing in a room", R.standing, {"room_id": room(1), "user_id": user(77)}, 20),
    Case("standing to send by", R.standing_as_of, {"room_id": room(1), "user_id": user(77)}, 20),
    Case("rooms of a user, on", R.rooms_of_after, {**LISTED, **FIRST}, 7_000),
    Case("rooms of a user, back", R.rooms_of_before, {**LISTED, **FIRST, "key_0": "r2"}, 7_000),
    Case("channels, on", R.channels_after, {**LISTED, "now": NOW, **FIRST}, 1_500),
    Case("channels, back", R.channels_before, {**LISTED, "now": NOW, **FIRST, "key_0": "r7"}, 1_500),
    Case("members of a room, on", R.members_after, {**HOT, **PAGED}, 60),
    Case("members of a room, back", R.members_before, {**HOT, **PAGED, "key_0": NOW}, 60),
    Case("a room with its last message", R.details, {**HOT, "user_id": user(77), "topic": topic(1)}, 5),
    Case("one's own of a room", OWN.standing, {"room_id": room(1), "user_id": user(77), "topic": topic(1)}, 20),
    Case("a read mark", OWN.move_mark, {**MEMBER, "was": 77, "number": 200_000}, 5),
    Case("mentions behind a mark", OWN.mentions, {**WAITING, "room_id": room(1), "number": 1, "head": 400_000}, 700),
    Case("what waits in rooms", OWN.waiting, {**WAITING, "room_ids": ROOMS}, 1_500),
    Case("threads that wait in all", OWN.threads_in, MINE, 8_000),  # 899 of them, in 301 rooms
    Case("threads one follows", T.followed_before, {**MINE, "room_id": room(2), "key_0": 2**62, "most": 51}, 100),
    Case("replies behind a mark", T.replies_after, {**THREAD, "number": 200_000, "user_id": user(1)}, 210),
    Case("the last reply", T.last_number, THREAD, 5),
    Case("a mark in a thread", T.read, {**MINE, "room_id": room(2), "first": 1, "number": 90}, 5),
    Case("who is in a room with somebody", R.fellows, {"room_id": room(1), "user_id": user(77), "most": 1000}, 1_100),
    Case("unread in all", OWN.unread_in, WAITING, 7_000),
    Case("unread by room", OWN.unread_rooms_after, {**MINE, **BY_ID}, 5_500),
    Case("favourites", OWN.favourites, MINE, 700, pages=100),
    Case("who has read a message, on", OWN.readers_after, {**READ, "key_0": UUID(int=0)}, 20_100),  # all its members, hardly one has
    Case("who has read a message, back", OWN.readers_before, {**READ, "key_0": user(9_500)}, 20_100),
    Case("standing in a workspace", W.standing, {"workspace_id": LARGE, "user_id": user(77)}, 20),
    Case("workspaces of a user", W.workspaces_of_after, {"user_id": user(1), **FIRST}, 60),
    Case("members of a workspace, on", W.members_after, {"workspace_id": LARGE, **PAGED}, 60),
    Case("members of a workspace, back", W.members_before, {"workspace_id": LARGE, **PAGED, "key_0": NOW}, 60),
    Case("who is in a workspace", W.in_workspace, {"workspace_id": LARGE, "ids": PEOPLE}, 400),
    Case("people", U.people, {"ids": PEOPLE}, 200),
    Case("notices", P.noticed, {"number": 19_900, "most": 500}, 250),
    Case("keys that came before", B.known, {
        "author_ids": [user(1 + n) for n in KEYS], "keys": [f"key-{n}" for n in KEYS]}, 250),
    Case("places in streams", B.advance, {"rooms": _sent_to(range(1, 60))}, 700),
    Case("a place in a stream", K.advance, {
        **stream(1), "epoch": "e", "events": 1, "messages": 1, "rights": 0, "head_id": event(1)}, 10),
)  # fmt: skip
BY_NAME = {case.name: case for case in CASES}

DROPPED = (
    ("messages_workspace_id_room_id_number_key", "history, back"),
    ("messages_pkey", "message by id"),
    ("messages_by_key", "message by key"),
    ("messages_by_thread", "threads that wait in all"),
    ("mentions_pkey", "mentions behind a mark"),
    ("kept_answers_pkey", "kept answer"),
    ("log_pkey", "resume"),
    ("log_waiting", "waiting for the relay"),
    ("log_by_age", "too old"),
    ("due_by_time", "due"),
    ("rooms_by_id", "room"),
    ("retention_due_by_time", "rooms that are due"),
    ("thread_followers_by_thread", "followers of those that go"),
    ("mentions_by_message", "mentions of those that go"),
    ("messages_quoting", "quotes of those that go"),
    ("rooms_by_name", "channels, on"),
    ("room_members_by_user", "favourites"),
    ("room_members_by_age", "members of a room, on"),
    ("workspace_members_by_user", "workspaces of a user"),
    ("workspace_members_by_age", "members of a workspace, on"),
)
"""An index of PostgreSQL's, and what turns red without it."""
DROPPED_ON_SQLITE = [
    (index, name)
    for index, name in DROPPED
    if index
    in {
        "messages_by_key",
        "log_waiting",
        "due_by_time",
        "rooms_by_id",
        "retention_due_by_time",
        "thread_followers_by_thread",
        "mentions_by_message",
        "messages_quoting",
        "workspace_members_by_user",
        "room_members_by_age",
        "workspace_members_by_age",
    }
]
