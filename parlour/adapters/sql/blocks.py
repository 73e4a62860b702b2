"""Who blocks whom, in SQL."""

from collections.abc import Sequence
from uuid import UUID

import attrs

from ...application.identity.blocks import Listed
from ...application.kernel.page import Page
from ...domain.identity.blocks import Block
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import UserId
from ...domain.rooms.room import Room, pair_of
from .db import Db, Fetched
from .loader import load
from .pages import BEGINNING, NOBODY, listing

SQL = load("blocks")


def _listed(found: Fetched) -> list[Listed]:
    return found.of(Listed, block=found.of(Block))


LISTED = listing(SQL, "blocks", ("blocked_at", "blocked_id"), (BEGINNING, NOBODY), _listed)


def pair_named(one: UserId | str, other: UserId | str) -> str:
    """What whoever decides by two people not blocking each other is among, and whoever makes one block the other is alone
    at."""
    return "blocks between " + " and ".join(sorted((str(one), str(other))))


async def blocked_in(db: Db, room: Room) -> bool:
    """Whether one of the two in a direct room blocks the other; where it is not so, it stays so until the unit has ended."""
    return room.direct_key is not None and await SqlBlocks(db).between(*pair_of(room.direct_key))


async def check_unblocked(db: Db, room: Room) -> None:
    """Look again, before something is said by a standing that was remembered: a block changes no version of any rights."""
    if await blocked_in(db, room):
        raise Raced("One of the two has blocked the other meanwhile.")


class SqlBlocks:
    """`Blocks` and `BlockReader` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, block: Block) -> None:
        await self._db.alone(pair_named(block.owner_id, block.blocked_id))
        await self._db.run(SQL.add, **attrs.asdict(block))

    async def remove(self, block: Block) -> None:
        await self._db.run(SQL.remove, owner_id=block.owner_id, blocked_id=block.blocked_id)

    async def get(self, owner_id: UserId, blocked_id: UserId) -> Block | None:
        return await self._db.row(SQL.block, Block, owner_id=owner_id, blocked_id=blocked_id)

    async def count(self, owner_id: UserId) -> int:
        return int(await self._db.value(SQL.count_of, owner_id=owner_id))

    async def between(self, one: UserId, other: UserId) -> bool:
        await self._db.widen(one, other)
        await self._db.among(pair_named(one, other))
        return await self._db.value(SQL.between, one=one, other=other) is not None

    async def blocked_by(self, user_ids: Sequence[UserId], author_id: UserId) -> set[UserId]:
        await self._db.widen(*user_ids)
        found = await self._db.values(SQL.blocked_by, UUID, user_ids=list(user_ids), author_id=author_id)
        return {UserId(user_id) for user_id in found}

    async def blocks_of(self, owner_id: UserId, cursor: str | None, limit: int) -> Page[Listed]:
        return await LISTED.page(self._db, cursor, limit, owner_id=owner_id)
