"""`parlour` with faults in what people do beside sending: `python -m tests.faults.sabotage_doings <name>+<name> serve`."""

import sys
from typing import Any
from uuid import uuid4

from attrs import evolve

from parlour.adapters.sql.bans import SqlBans
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.own_rooms import SqlOwnRooms
from parlour.adapters.sql.reactions import SqlReactions
from parlour.application.messages import pins, scheduling
from parlour.config.cli import main
from parlour.domain.kernel.ids import MessageId


def react_twice() -> None:
    """Whoever reacts again is counted again."""
    add = SqlReactions.add

    async def again(self: SqlReactions, message: Any, emoji: str, user_id: Any, at: Any) -> bool:
        await add(self, message, emoji, user_id, at)
        return True

    SqlReactions.add = again  # type: ignore[method-assign]


def count_what_was_taken_back() -> None:
    """An answer that was deleted still counts."""

    async def uncount(self: SqlMessages, reply: Any) -> Any:
        return reply.thread

    SqlMessages.uncount = uncount  # type: ignore[method-assign]


def forget_pins() -> None:
    """A pin is acknowledged, and is not there."""
    there: Any = pins
    there.pinned = lambda message, *given: message


def forget_marks() -> None:
    """A read mark is acknowledged, and does not move."""

    async def still(self: SqlOwnRooms, own: Any, number: int) -> Any:
        return own.mark

    SqlOwnRooms.move_mark = still  # type: ignore[method-assign]


def send_later_twice() -> None:
    """What was scheduled is sent, and sent again."""
    append = SqlMessages.append

    async def twice(self: SqlMessages, draft: Any) -> Any:
        if draft.content.startswith("later"):
            await append(self, evolve(draft, id=MessageId(uuid4())))
        return await append(self, draft)

    SqlMessages.append = twice  # type: ignore[method-assign]


def never_send_later() -> None:
    """What was scheduled waits for ever."""

    async def asleep(*_: Any) -> None: ...

    there: Any = scheduling
    there._wake = asleep


def forget_bans() -> None:
    """A ban is acknowledged, and is not there."""

    async def ban(self: SqlBans, ban: Any) -> None: ...

    SqlBans.ban = ban  # type: ignore[method-assign]


if __name__ == "__main__":
    for name in sys.argv[1].split("+"):
        globals()[name]()
    sys.argv = ["parlour", *sys.argv[2:]]
    main()
