"""Composition for programs that embed parlour."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from attrs import evolve

from ..entrypoints.library.chat import Chat, Consumer
from .features import CORE, Module
from .instance import Instance
from .plan import plan_of
from .settings import Settings, check_database


@asynccontextmanager
async def open_chat(
    path: str,
    *,
    given: Mapping[type, Any] | None = None,
    modules: Sequence[Module] = (),
    consumers: Mapping[str, Consumer] | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Chat]:
    """parlour in this program. See `parlour.open`."""
    url = path if "://" in path else f"sqlite:///{path}"
    settings = evolve(settings or Settings(feature_flags=""), database_url=url)
    check_database(settings.database_url, settings.database_direct_url)
    plan = evolve(plan_of(settings), given=given or {}, modules=(*CORE, *modules))
    instance = Instance(plan)
    try:
        for group, consumer in (consumers or {}).items():
            instance.chat.consume(group, consumer)
        await instance.start()
        yield instance.chat
    finally:
        await instance.stop()
