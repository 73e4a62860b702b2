"""Threads, reactions, pins, edits and deletions in a channel, against a model that keeps what was said in plain lists."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import parlour
from parlour.adapters.sql.edits import SqlEdits
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.reactions import SqlReactions
from parlour.adapters.sql.threads import SqlThreadFollowers
from parlour.application.kernel.ports import Clock, People
from parlour.entrypoints.library.chat import Chat
from parlour.testing.world import TickingClock

from ..engines import on_sqlite
from .conversations import COMES_AND_GOES, EMOJI, OWNER, Talking
from .machines import Anybody, run_machine
from .unread_machine import DOCTOR

pytestmark = pytest.mark.row("MS4")
EXAMPLES = {"sqlite": 30, "postgres": 6}


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Chat]:
    async with parlour.open(url, given={Clock: TickingClock(), People: Anybody()}, modules=[DOCTOR]) as chat:
        yield chat


def _run(url: str, examples: int) -> None:
    run_machine(Talking, _opened(url), examples)


def test_what_was_said_is_shown_as_it_was_left(engine: str, database_url: str) -> None:
    _run(database_url, EXAMPLES[engine])


Plant = Callable[[pytest.MonkeyPatch], None]


def answers_that_were_deleted_count(patch: pytest.MonkeyPatch) -> None:
    async def uncount(self: SqlMessages, deleted: Any) -> Any:
        return deleted.thread

    patch.setattr(SqlMessages, "uncount", uncount)


def whoever_reacts_twice_counts_twice(patch: pytest.MonkeyPatch) -> None:
    right = SqlReactions.add

    async def add(self: SqlReactions, *given: Any) -> bool:
        await right(self, *given)
        return True

    patch.setattr(SqlReactions, "add", add)


def old_words_outlive_a_message(patch: pytest.MonkeyPatch) -> None:
    async def clear(self: SqlEdits, message: Any) -> None: ...

    patch.setattr(SqlEdits, "clear", clear)


def what_is_unpinned_stays_pinned(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("parlour.application.messages.pins.unpinned", lambda message: message)


def who_left_follows_still(patch: pytest.MonkeyPatch) -> None:
    async def leave(self: SqlThreadFollowers, *given: Any) -> None: ...

    patch.setattr(SqlThreadFollowers, "leave", leave)


Script = Callable[[Talking], None]


def an_answer_deleted(talk: Talking) -> None:
    talk.say("bob", "a")
    talk.answer("cyd", 0)
    talk.delete("cyd", 0)


def a_reaction_twice(talk: Talking) -> None:
    talk.say("bob", "a")
    talk.react("cyd", 0, EMOJI[0], remove=False)
    talk.react("cyd", 0, EMOJI[0], remove=False)


def an_edit_deleted(talk: Talking) -> None:
    talk.say("bob", "a")
    talk.edit("bob", 0, "other")
    talk.delete("bob", 0)


def a_pin_taken_out(talk: Talking) -> None:
    talk.say("bob", "a")
    talk.pin(OWNER, 0, unpin=False)
    talk.pin(OWNER, 0, unpin=True)


def one_who_answered_left(talk: Talking) -> None:
    talk.say("bob", "a")
    talk.answer(COMES_AND_GOES, 0)
    talk.come_or_go()


PLANTS: list[tuple[Plant, Script]] = [
    (answers_that_were_deleted_count, an_answer_deleted),
    (whoever_reacts_twice_counts_twice, a_reaction_twice),
    (old_words_outlive_a_message, an_edit_deleted),
    (what_is_unpinned_stays_pinned, a_pin_taken_out),
    (who_left_follows_still, one_who_answered_left),
]


def _played(url: str, script: Script) -> None:
    with asyncio.Runner() as runner:
        opening = _opened(url)
        talk = Talking(runner.run(opening.__aenter__()), runner.run)
        try:
            talk.found()
            script(talk)
            talk.everybody_is_shown_what_is_so()
            talk.whoever_looks_closer_sees_the_same()
            talk.teardown()
        finally:
            runner.run(opening.__aexit__(None, None, None))


@on_sqlite
@pytest.mark.parametrize("plant, script", PLANTS, ids=lambda part: part.__name__)
def test_a_planted_fault_is_found(
    plant: Plant, script: Script, engine: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _played(database_url, script)
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        _played(database_url, script)
