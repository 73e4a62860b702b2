"""What a transaction says to other instances: that it has a key in hand, and what all of them must learn of."""

from collections.abc import Sequence

from ...application.kernel.uow import Kept, Key, LoggedEvent
from ...domain.kernel.errors import Raced
from .db import Db
from .loader import load
from .recorder import SQL as KERNEL
from .recorder import in_hand

SQL = load("postgres")


async def take(db: Db, key: Key) -> None:
    """Keep other instances off a key, and see that none has used it since it was looked up."""
    named = {"actor": key.actor, "use_case": key.use_case, "key": key.key}
    if not await db.value(SQL.hold_key, what="\n".join(named.values())):
        raise in_hand()
    if await db.row(KERNEL.kept, Kept, **named) is not None:
        raise Raced("Another instance was faster.")


async def note(db: Db, events: Sequence[LoggedEvent]) -> None:
    """Tell the other instances what they must learn of, last of all: units that do so wait for each other."""
    if events:
        await db.run(
            SQL.notice,
            count=len(events),
            owner_ids=[e.stream.owner for e in events],
            topics=[str(e.stream.topic) for e in events],
            stream_offsets=[e.offset for e in events],
        )
