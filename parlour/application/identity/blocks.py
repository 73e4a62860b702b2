"""Blocking people, in one's own settings."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from ...domain.identity.blocks import Block, check_blockable, check_few
from ...domain.identity.events import UserBlocked, UserUnblocked
from ...domain.identity.ports import Blocks
from ...domain.kernel.errors import NotFound
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ..kernel.actor import Actor
from ..kernel.catalogue import Command, Found, Query
from ..kernel.page import Cursor, Limit, Page, PositionView
from ..kernel.ports import Clock, People, Person, StreamLog
from ..kernel.uow import UnitOfWork


@frozen
class BlockView:
    """Somebody whom one blocks, since when; `user` is None for one with whom one shares no workspace."""

    user_id: UserId
    blocked_at: datetime
    user: Person | None = None


@frozen
class Listed:
    """A block, and whether the two share a workspace."""

    block: Block
    acquainted: bool


class BlockReader(Protocol):
    """Blocks as they are shown."""

    async def blocks_of(self, owner_id: UserId, cursor: str | None, limit: int) -> Page[Listed]:
        """The blocks of a user, the oldest first."""


@frozen
class BlockUser(Command[BlockView]):
    """Block a person: neither writes to the other in the direct room of the two while it holds, nor makes one, and they do
    not call one by a mention. Nobody is told, but who tries to write is refused. Again changes nothing."""

    user_id: UserId


async def block_user(
    command: BlockUser, actor: Actor, uow: UnitOfWork, blocks: Blocks, clock: Clock
) -> BlockView | Found[BlockView]:
    check_blockable(actor.known, command.user_id)
    block = Block(actor.known, command.user_id, clock.now())
    async with uow:
        present = await blocks.get(actor.known, command.user_id)
        if present is None:
            check_few(await blocks.count(actor.known))
            await blocks.add(block)
            await uow.record(Stream.of_user(actor.known), UserBlocked(block.blocked_id, block.blocked_at))
    if present is not None:
        return Found(BlockView(present.blocked_id, present.blocked_at))
    return BlockView(block.blocked_id, block.blocked_at)


@frozen
class UnblockUser(Command[BlockView]):
    """Block a person no longer."""

    user_id: UserId


async def unblock_user(command: UnblockUser, actor: Actor, uow: UnitOfWork, blocks: Blocks) -> BlockView:
    async with uow:
        present = await blocks.get(actor.known, command.user_id)
        if present is None:
            raise NotFound("You do not block this person.")
        await blocks.remove(present)
        await uow.record(Stream.of_user(actor.known), UserUnblocked(present.blocked_id))
    return BlockView(present.blocked_id, present.blocked_at)


@frozen
class ListBlocks(Query[Page[BlockView]]):
    """Whom one blocks, the oldest block first. Its `position` is of `user:<own id>`."""

    cursor: Cursor | None = None
    limit: Limit = 50


async def list_blocks(
    query: ListBlocks, actor: Actor, reader: BlockReader, people: People, log: StreamLog
) -> Page[BlockView]:
    head = await log.head(Stream.of_user(actor.known))
    page = await reader.blocks_of(actor.known, query.cursor, query.limit)
    named = await people.named([one.block.blocked_id for one in page.items if one.acquainted])
    items = [
        BlockView(one.block.blocked_id, one.block.blocked_at, named.get(one.block.blocked_id)) for one in page.items
    ]
    return Page(items, page.next, page.prev, PositionView.of(head))
