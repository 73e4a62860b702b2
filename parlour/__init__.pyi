from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from .public import *
from .public import Chat, Consumer, Module, Settings

__version__: str

def open(
    path: str = ":memory:",
    *,
    given: Mapping[type, Any] | None = None,
    modules: Sequence[Module] = (),
    consumers: Mapping[str, Consumer] | None = None,
    settings: Settings | None = None,
) -> AbstractAsyncContextManager[Chat]: ...
