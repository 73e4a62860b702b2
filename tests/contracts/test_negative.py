"""Each promise of the store has a fault that breaks it: planted here, the suite's check turns red."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve

from parlour.adapters.inprocess.event_bus import LocalEventBus
from parlour.adapters.sql.blocks import SqlBlocks
from parlour.adapters.sql.edits import SqlEdits
from parlour.adapters.sql.expiry import SqlExpiry
from parlour.adapters.sql.identity import SqlSessions, SqlTickets, SqlUsers
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.own_rooms import SqlOwnRooms
from parlour.adapters.sql.pages import Listing
from parlour.adapters.sql.presence import SqlPresences
from parlour.adapters.sql.reactions import SqlReactions
from parlour.adapters.sql.recorder import SQL, Recorder
from parlour.adapters.sql.rooms import SqlRooms
from parlour.adapters.sql.sqlite import SqliteStore
from parlour.adapters.sql.sqlite_reads import run
from parlour.adapters.sql.sqlite_unit import SqliteUnit
from parlour.adapters.sql.streams import SqlDueTable, SqlRelay, SqlStreamLog
from parlour.adapters.sql.threads import SqlThreadFollowers
from parlour.adapters.sql.turns import Turns
from parlour.adapters.sql.workspaces import SqlInvitations, SqlWorkspaces
from parlour.application.kernel.actor import Allowance
from parlour.application.kernel.limits import Rate
from parlour.application.rooms.own import UnreadView
from parlour.testing import contracts as c
from parlour.testing.contracts import House
from parlour.testing.contracts.support import NOW
from tests.house import sqlite_house

Check = Callable[[House], Awaitable[None]]
Plant = Callable[[pytest.MonkeyPatch], None]


async def _red(check: Awaitable[None]) -> None:
    """The check fails: by what it asserts, because nothing was refused, or because somebody waits for ever."""
    with pytest.raises((AssertionError, pytest.fail.Exception, ExceptionGroup, TimeoutError)):
        await check


def _answer_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SqliteStore.join_group

    def join_group(store: SqliteStore, unit: SqliteUnit) -> "asyncio.Future[None]":
        right(store, unit)
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answered.set_result(None)
        return answered

    monkeypatch.setattr(SqliteStore, "join_group", join_group)


def _read_on_the_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(self: Any, query: Any, given: Any) -> Any:
        return run(STORES[-1].writer, query, given)

    monkeypatch.setattr("parlour.adapters.sql.sqlite_reads.SqliteSnapshot.fetch", fetch)


def _count_offsets_outside_of_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: dict[Any, int] = {}
    right = Recorder._advance

    async def advance(self: Recorder, stream: Any, pending: Any) -> Any:
        heads[stream] = heads.get(stream, 0) + len(pending)
        where = {"owner_id": stream.owner, "topic": str(stream.topic)}
        row = await self.db.joined(SQL.head, **where)
        behind = heads[stream] - len(pending) - (row["head"] if row else 0)
        if behind:
            skipped = {
                "epoch": self.epoch,
                "events": behind,
                "messages": 0,
                "rights": 0,
                "head_id": self.means.ids.new(),
            }
            await self.db.run(SQL.advance, **where, **skipped)
        return await right(self, stream, pending)

    monkeypatch.setattr(Recorder, "_advance", advance)


def _forget_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    async def remember(self: Any, key: Any, answer: bytes, created: bool) -> None:
        return None

    monkeypatch.setattr(Recorder, "remember", remember)


def _let_a_turn_get_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Turns.__init__
    monkeypatch.setattr(Turns, "__init__", lambda self, refused: right(self, self.give))


def _undo_nothing_of_a_nested_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SqliteUnit._savepoint

    def savepoint(self: SqliteUnit, verb: str) -> None:
        if verb != "ROLLBACK TO" or self._parent is None:
            right(self, verb)

    monkeypatch.setattr(SqliteUnit, "_savepoint", savepoint)


def _tell_observers_later(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SqliteStore._tell
    monkeypatch.setattr(
        SqliteStore, "_tell", lambda self, e: asyncio.get_running_loop().call_later(0.05, right, self, e)
    )


def _tell_observers_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SqliteStore._tell
    monkeypatch.setattr(SqliteStore, "_tell", lambda self, events: right(self, events + events))


def _claim_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def claim(self: SqliteStore, key: Any) -> None:
        return None

    monkeypatch.setattr(SqliteStore, "claim", claim)


STORES: list[SqliteStore] = []

FAULTS: list[tuple[Plant, Check]] = [
    (_answer_before_the_commit, c.StoreContract().test_who_is_answered_finds_it_committed),
    (_read_on_the_writer, c.StoreContract().test_nothing_is_visible_before_the_commit),
    (
        _count_offsets_outside_of_the_transaction,
        c.StoreContract().test_a_unit_that_ended_and_is_not_committed_leaves_nothing,
    ),
    (_tell_observers_later, c.StoreContract().test_observers_hear_each_commit_once_in_order_before_the_answer),
    (_tell_observers_twice, c.StoreContract().test_observers_hear_each_commit_once_in_order_before_the_answer),
    (_undo_nothing_of_a_nested_unit, c.NestedContract().test_one_that_fails_is_undone_alone),
    (_forget_keys, c.KeysContract().test_racing_callers_have_one_effect),
    (_forget_keys, c.KeysContract().test_an_answer_is_kept_under_its_key),
    (_claim_for_many, c.KeysContract().test_a_key_in_flight_is_a_conflict_worth_trying_again),
    (_let_a_turn_get_lost, lambda house: c.CancellationContract().test_at_every_await(house, 1, 0, True)),
]


@pytest.mark.row("MS2", "MS3")
@pytest.mark.parametrize("plant, check", FAULTS, ids=lambda f: getattr(f, "__name__", None))
async def test_a_fault_in_the_store_is_seen(monkeypatch: pytest.MonkeyPatch, plant: Plant, check: Check) -> None:
    monkeypatch.setattr("parlour.testing.contracts.support.SOON", 0.5)
    plant(monkeypatch)
    async with sqlite_house(change=STORES.append) as house:
        await _red(check(house))


def _wrong(kind: type, **methods: Any) -> Any:
    """An adapter with a fault in it."""
    return type(f"Wrong{kind.__name__}", (kind,), methods)


async def _nothing(*_: Any, **__: Any) -> Any:
    return None


async def _everybody(self: Any, asker: Any, user_ids: Any) -> Any:
    return user_ids


async def _yes(*_: Any, **__: Any) -> bool:
    return True


async def _one(*_: Any, **__: Any) -> int:
    return 1


async def _nothing_unread(self: Any, workspace_id: Any, user_id: Any) -> UnreadView:
    return UnreadView(workspace_id, 0, 0)


async def _nobody(*_: Any, **__: Any) -> Any:
    return {}


async def _empty(*_: Any, **__: Any) -> list[Any]:
    return []


async def _none(*_: Any, **__: Any) -> int:
    return 0


async def _as_given(_: Any, given: Any) -> Any:
    return evolve(given, version=given.version + 1)


async def _peek_ticket(self: SqlTickets, digest: bytes, now: Any) -> Any:
    return await self._db.value(SQL.epoch)


def _messages(kind: type) -> Callable[[Any], Any]:
    return lambda work: kind(work, work)


ADAPTERS: list[tuple[dict[str, Any], Check]] = [
    ({"users": _wrong(SqlUsers, save=_as_given)}, c.UsersContract().test_of_racing_changes_one_wins),
    ({"users": _wrong(SqlUsers, add=_nothing)}, c.UsersContract().test_of_racing_sign_ups_one_gets_the_name),
    ({"sessions": lambda w: _wrong(SqlSessions, save=_as_given)(w, lambda: NOW)},
     c.SessionsContract().test_of_racing_renewals_one_wins),
    ({"tickets": _wrong(SqlTickets, take=_peek_ticket)}, c.TicketsContract().test_of_racing_takers_one_gets_the_session),
    ({"workspaces": _wrong(SqlWorkspaces, save=_as_given)}, c.WorkspacesContract().test_of_racing_changes_one_wins),
    ({"workspaces": _wrong(SqlWorkspaces, add_member=_yes)}, c.WorkspacesContract().test_of_racing_joins_one_counts),
    ({"invitations": _wrong(SqlInvitations, use=_yes)}, c.InvitationsContract().test_of_racing_joins_one_gets_the_last_use),
    ({"rooms": _wrong(SqlRooms, save=_as_given)}, c.RoomsContract().test_of_racing_changes_one_wins),
    ({"messages": _messages(_wrong(SqlMessages, save=_as_given))}, c.MessagesContract().test_of_racing_changes_one_wins),
    ({"messages": _messages(_wrong(SqlMessages, pins=_none))},
     c.PinsContract().test_of_those_at_once_no_more_stay_than_may),
    ({"message_log": _messages(_wrong(SqlMessages, first=_nothing))},
     c.MessagesContract().test_a_key_lives_as_long_as_its_message_and_gives_it_as_it_is_now),
    ({"messages": _messages(_wrong(SqlMessages, uncount=_nothing))},
     c.ThreadsContract().test_a_thread_without_replies_is_none_again),
    ({"messages": _messages(_wrong(SqlMessages, uncall=_nothing))},
     c.WaitingContract().test_mentions_are_counted_between_the_mark_and_the_head),
    ({"own_reader": _wrong(SqlOwnRooms, mentions=_one)},
     c.WaitingContract().test_mentions_are_counted_between_the_mark_and_the_head),
    ({"blocks": _wrong(SqlBlocks, add=_nothing)}, c.WaitingContract().test_who_is_blocked_calls_nobody),
    ({"thread_followers": _wrong(SqlThreadFollowers, read=_nothing)},
     c.WaitingContract().test_replies_are_read_up_to_a_mark_that_never_goes_back),
    ({"message_reader": _messages(_wrong(SqlMessages, replies_after=_one))},
     c.WaitingContract().test_replies_are_read_up_to_a_mark_that_never_goes_back),
    ({"thread_followers": _wrong(SqlThreadFollowers, last_reply=_one)},
     c.WaitingContract().test_who_begins_to_follow_has_read_what_was_answered),
    ({"own_reader": _wrong(SqlOwnRooms, unread_in=_nothing_unread)}, c.WaitingContract().test_what_waits_by_room_and_in_all),
    ({"thread_followers": _wrong(SqlThreadFollowers, answered=_nobody)}, c.ThreadsContract().test_who_follows),
    ({"thread_followers": _wrong(SqlThreadFollowers, leave=_nothing)}, c.ThreadsContract().test_who_follows),
    ({"names": _wrong(SqlUsers, called=_nobody)}, c.MentionsContract().test_names_lead_to_people),
    ({"reactions": _wrong(SqlReactions, add=_yes)},
     c.ReactionsContract().test_twice_is_once_and_what_is_not_there_is_not_taken_back),
    ({"edits": _wrong(SqlEdits, clear=_nothing)},
     c.EditsContract().test_what_is_cleared_is_gone_and_the_rest_is_not),
    ({"reactions": _wrong(SqlReactions, clear=_nothing)},
     c.ReactionsContract().test_what_is_cleared_is_gone_and_the_rest_is_not),
    ({"expiry": _wrong(SqlExpiry, let_go=_empty)}, c.ExpiryContract().test_those_who_follow_are_let_go_of_some_at_a_time),
    ({"expiry": _wrong(SqlExpiry, empty_quotes=_empty)},
     c.ExpiryContract().test_quotes_of_what_goes_are_without_words_some_at_a_time),
    ({"expiry": _wrong(SqlExpiry, take=_empty)},
     c.ExpiryContract().test_a_new_room_is_watched_where_a_rule_may_let_its_messages_go),
    ({"expiry": _wrong(SqlExpiry, oldest=_nothing)}, c.ExpiryContract().test_the_oldest_and_no_one_behind_a_younger_one),
    ({"expiry": _wrong(SqlExpiry, remove=_none)},
     c.ExpiryContract().test_a_message_goes_with_all_that_hangs_on_it_and_nothing_else),
    ({"expiry": _wrong(SqlExpiry, instance_changed=_yes)}, c.ExpiryContract().test_the_rule_of_the_instance_is_another_once),
    ({"presences": _wrong(SqlPresences, choose=_yes)},
     c.PresencesContract().test_a_choice_is_kept_and_what_was_kept_already_is_no_change),
    ({"presences": _wrong(SqlPresences, saw=_yes)},
     c.PresencesContract().test_when_somebody_was_seen_is_written_sparingly_and_beside_the_choice),
    ({"presences": _wrong(SqlPresences, known_to=_everybody)},
     c.PresencesContract().test_who_is_in_no_workspace_with_somebody_is_not_known_to_them),
    ({"relay": lambda s: _wrong(SqlRelay, mark=_nothing)(s)}, c.RelayContract().test_what_is_marked_waits_no_more),
    ({"due_table": lambda s: _wrong(SqlDueTable, done=_nothing)(s)},
     c.DueTableContract().test_done_is_forgotten_or_comes_again),
    ({"stream_log": lambda w: _wrong(SqlStreamLog, can_resume=_yes)(w, None, "")},
     c.StreamLogContract().test_where_one_can_resume),
]  # fmt: skip


@pytest.mark.parametrize("parts, check", ADAPTERS, ids=lambda f: next(iter(f)) if isinstance(f, dict) else f.__name__)
async def test_a_fault_in_an_adapter_is_seen(parts: dict[str, Any], check: Check) -> None:
    async with sqlite_house() as house:
        of_store = {n: make(house.store) for n, make in parts.items() if n in {"relay", "due_table"}}
        with pytest.raises(Exception):  # noqa: B017 - a fault shows as it likes, where none would otherwise
            await check(evolve(house, **{**parts, **of_store}))


async def test_a_page_that_skips_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Listing._page

    def skipping(self: Any, found: Any, **ways: Any) -> Any:
        return right(self, evolve(found, rows=found.rows[1:]) if len(found.rows) > 2 else found, **ways)

    monkeypatch.setattr(Listing, "_page", skipping)
    async with sqlite_house() as house:
        await _red(c.HistoryContract().test_pages_survive_what_happens_between_them(house))


async def test_a_bus_that_gives_up_silently_is_seen() -> None:
    class Forgetful(LocalEventBus):
        async def _hand(self, group: str, consumer: Any, event: Any) -> None:
            try:
                await consumer(event)
            except ValueError:
                return

    async with sqlite_house() as house:
        check = c.EventBusContract().test_one_that_fails_is_tried_again_in_its_place
        await _red(check(house, Forgetful(house.relay)))


async def test_limits_that_are_not_atomic_are_seen() -> None:
    class Racy:
        taken = 0

        async def take(self, rate: Rate, who: str) -> Allowance:
            before = self.taken
            await asyncio.sleep(0)
            self.taken = before + 1
            left = rate.count - self.taken
            return Allowance(rate.policy, rate.count, rate.seconds, left, 1.0, 0.0 if left >= 0 else 1.0)

    await _red(c.RateLimitsContract().test_racing_takers_never_exceed_the_limit(Racy()))
