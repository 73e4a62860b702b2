"""`parlour` whose streams break their word: `python -m tests.faults.sabotage_live <name> serve`."""

import sys
from typing import Any

from parlour.config.cli import main
from parlour.domain.kernel.streams import Position
from parlour.entrypoints.realtime import places
from parlour.entrypoints.realtime.connections import Connections
from parlour.entrypoints.realtime.hub import Hub


def never_look_again() -> None:
    """Whoever follows a topic follows it for ever."""

    def nothing(self: Any, whose: Any) -> None:
        pass

    hub: Any = Hub
    connections: Any = Connections
    hub._recheck = connections.recheck_user = nothing


def resume_too_late() -> None:
    """A stream that is resumed passes over the first event that was missed."""
    position = places.position

    def later(text: str) -> Position | None:
        found = position(text)
        return Position(found.epoch, found.offset + 1) if found is not None else None

    places.position = later


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    sys.argv = ["parlour", *sys.argv[2:]]
    main()
