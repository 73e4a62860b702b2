"""Asking as one actor, and lists to their end."""

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import evolve, frozen

from ..application.kernel.actor import Actor
from ..application.kernel.catalogue import Message
from ..application.kernel.page import Page, PositionView

PAGE = 200


@frozen
class Ask:
    """Queries as one actor asks them."""

    execute: Callable[..., Awaitable[Any]]
    actor: Actor

    async def __call__(self, query: Message[Any]) -> Any:
        return await self.execute(query, self.actor)


async def pages(ask: Ask, first: Any, *, back: bool = False) -> list[tuple[list[Any], PositionView]]:
    """All pages of a list, each with the position that it was read at."""
    found, cursor = list[tuple[list[Any], PositionView]](), None
    while not found or cursor is not None:
        page: Page[Any] = await ask(first if cursor is None else evolve(first, cursor=cursor))
        assert page.position is not None, "a list that a topic covers says where it was read"
        found.append((page.items, page.position))
        cursor = page.prev if back else page.next
    return found


async def whole(ask: Ask, first: Any) -> tuple[list[Any], PositionView]:
    """All pages of a list, and the position that its first one was read at."""
    found = await pages(ask, first)
    return [item for items, _ in found for item in items], found[0][1]
