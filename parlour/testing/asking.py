"""Asking queries as one actor, and lists to their ends."""

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import evolve

from ..application.kernel.actor import Actor
from ..application.kernel.catalogue import Message
from ..application.kernel.page import Page, PositionView

Ask = Callable[[Message[Any]], Awaitable[Any]]

PAGE = 200


def asking(execute: Callable[..., Awaitable[Any]], actor: Actor) -> Ask:
    """Queries as one actor asks them."""
    return lambda query: execute(query, actor)


async def whole(ask: Ask, first: Any, *, back: bool = False) -> tuple[list[Any], PositionView]:
    """All pages of a list, and the position that its first one was read at."""
    page: Page[Any] = await ask(first)
    assert page.position is not None, "a list that a topic covers says where it was read"
    items, cursor, position = page.items, page.prev if back else page.next, page.position
    while cursor is not None:
        page = await ask(evolve(first, cursor=cursor))
        items = [*page.items, *items] if back else [*items, *page.items]
        cursor = page.prev if back else page.next
    return items, position
