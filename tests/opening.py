"""`parlour.open` on a store of either engine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from attrs import evolve
from typed_settings import SecretStr

from parlour.config.features import CORE, Module
from parlour.config.instance import Instance
from parlour.config.plan import plan_of
from parlour.config.settings import Settings
from parlour.entrypoints.library.chat import Chat, Consumer

from .server import SECRET


@asynccontextmanager
async def open_at(
    url: str,
    *,
    given: Mapping[type, Any] | None = None,
    modules: Sequence[Module] = (),
    consumers: Mapping[str, Consumer] | None = None,
) -> AsyncIterator[Chat]:
    """parlour in this program, on the store that a database's URL names."""
    settings = Settings(database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET))
    instance = Instance(evolve(plan_of(settings), given=given or {}, modules=(*CORE, *modules)))
    try:
        for group, consumer in (consumers or {}).items():
            instance.chat.consume(group, consumer)
        await instance.start()
        yield instance.chat
    finally:
        await instance.stop()
