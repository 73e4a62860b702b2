"""`parlour` that is killed in the middle of letting messages go: `python -m tests.faults.sabotage_retention <name> serve`."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from parlour.adapters.sql.expiry import SqlExpiry
from parlour.adapters.sql.recorder import SQL, Recorder
from parlour.adapters.sql.streams import SqlDueTable
from parlour.config.cli import main

SECOND = 2
"""The step of which it dies: the first has ended well."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(right: Callable[..., Any], counts: Callable[..., bool] = lambda *_: True) -> Callable[..., Any]:
    """A method that does its work, and is killed after it the second time."""
    times = [0]

    async def dying(self: Any, *given: Any) -> Any:
        done = await right(self, *given)
        times[0] += counts(self, *given)
        if times[0] == SECOND:
            _die()
        return done

    return dying


def when_the_events_are_gone() -> None:
    """And the messages are not."""
    Recorder.cut = _dying(Recorder.cut)  # type: ignore[method-assign]


def when_the_messages_are_gone() -> None:
    """And nothing is committed."""
    SqlExpiry.remove = _dying(SqlExpiry.remove)  # type: ignore[method-assign]


def when_all_is_committed() -> None:
    """And the scheduler has not noted that it was done."""
    right, times = SqlDueTable.done, [0]

    async def dying(self: SqlDueTable, due: Any, again_at: Any = None) -> None:
        times[0] += due.name == "cut_room"
        if times[0] == SECOND:
            _die()
        await right(self, due, again_at)

    SqlDueTable.done = dying  # type: ignore[method-assign]


def in_two_parts() -> None:
    """A fault: what was removed is committed before the room says so."""
    right = SqlExpiry.remove

    async def remove(self: Any, *given: Any) -> int:
        removed = await right(self, *given)
        unit = self._db
        if hasattr(unit, "_transaction"):
            await unit._store.link.say(await unit._transaction.begin(), "commit")
        else:
            unit._store.writer.execute("COMMIT")
        _die()
        return removed

    SqlExpiry.remove = remove  # type: ignore[method-assign, assignment]


def words_in_the_log() -> None:
    """A fault: the floor rises, and what is below it stays."""

    async def cut(self: Recorder, stream: Any, floor: int, most: int) -> int:
        await self.db.run(SQL.raise_floor, owner_id=stream.owner, topic=str(stream.topic), floor=floor)
        return 0

    Recorder.cut = cut  # type: ignore[method-assign]


KILLED = (when_the_events_are_gone, when_the_messages_are_gone, when_all_is_committed)
FAULTS = {plant.__name__: plant for plant in (*KILLED, in_two_parts, words_in_the_log)}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.argv = ["parlour", *sys.argv[2:]]
    main()
