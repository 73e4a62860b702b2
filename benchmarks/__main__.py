"""Take the measures named on the command line, or all, and print how they stand. Exits with 1 when one does not hold."""

import asyncio
import sys

import uvloop

from .bus import a_use_case
from .history import a_page
from .large import large, large_on_postgres
from .measure import Measure, Result
from .postgres import a_page_on_postgres, grouped, grouped_in_one_room, grouped_rate, signing_in
from .presence import presence
from .rights import permission
from .sending import many_senders, many_senders_on_postgres, one_sender
from .store import group_commit
from .unread import listing, listing_on_postgres, marking, marking_on_postgres, unread, unread_on_postgres

MEASURES: dict[str, Measure] = {
    "store": group_commit,
    "history": a_page,
    "bus": a_use_case,
    "sending": many_senders,
    "alone": one_sender,
    "mark-read": marking,
    "unread": unread,
    "rooms": listing,
    "large": large,
    "presence": presence,
    "pg-store": grouped,
    "pg-room": grouped_in_one_room,
    "pg-batch": grouped_rate,
    "pg-sending": many_senders_on_postgres,
    "pg-history": a_page_on_postgres,
    "pg-sign-in": signing_in,
    "pg-mark-read": marking_on_postgres,
    "pg-unread": unread_on_postgres,
    "pg-rooms": listing_on_postgres,
    "pg-large": large_on_postgres,
    "permission": permission,
}


def main() -> int:
    names = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"no measure is called {', '.join(unknown)}; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    for name in names:
        results.append(_run(MEASURES[name]))
        _show(results[-1])
    return 0 if all(result.passed for result in results) else 1


def _run(measure: Measure) -> Result:
    """On the event loop that the server uses."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


def _show(result: Result) -> None:
    state = "pass" if result.passed else "FAIL"
    print(f"{result.name:10} {state}  {result.found}, must be {result.wanted}\n              {result.what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
