"""`parlour` whose streams break their word: `python -m tests.faults.sabotage_live <name> serve`."""

import asyncio
import sys
from typing import Any

from parlour.config.cli import main
from parlour.domain.kernel.streams import Position
from parlour.entrypoints.realtime import places
from parlour.entrypoints.realtime.connections import Connections
from parlour.entrypoints.realtime.hub import Hub

LATE = 5.0


def never_look_again() -> None:
    """Whoever follows a topic follows it for ever."""

    def nothing(self: Any, whose: Any) -> None:
        pass

    hub: Any = Hub
    connections: Any = Connections
    hub._recheck = connections.recheck_user = nothing


def look_too_late() -> None:
    """Whoever follows a topic is looked at again when seconds have gone by, and so is every session."""
    hub: Any = Hub
    connections: Any = Connections
    recheck, look = hub._look_again, connections.look_again

    async def followers_later(self: Any, followers: Any) -> None:
        await asyncio.sleep(LATE)
        await recheck(self, followers)

    async def session_later(self: Any, connection: Any) -> Any:
        await asyncio.sleep(LATE)
        return await look(self, connection)

    hub._look_again, connections.look_again = followers_later, session_later


def go_on_showing() -> None:
    """Whoever may not follow a topic is told so, and sees what comes all the same."""

    def tell(self: Any, follower: Any, reason: str) -> None:
        follower.sink.ended(follower.topic, reason)

    hub: Any = Hub
    hub._end = tell


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
