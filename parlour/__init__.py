"""parlour: team chat as a library.

The commands and queries, and what they answer, are plain classes; `open` gives an instance to run them on.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config.features import Module
    from .config.settings import Settings
    from .entrypoints.library.chat import Chat, Consumer

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The names of `parlour.public`, so that importing parlour costs next to nothing."""
    if not name.startswith("_") and hasattr(public := import_module(f"{__name__}.public"), name):
        value = globals()[name] = getattr(public, name)
        return value
    raise AttributeError(f"parlour has no {name!r}")


def __dir__() -> list[str]:
    public = vars(import_module(f"{__name__}.public"))
    return ["__version__", "open", *(name for name in public if not name.startswith("_"))]


def open(
    path: str = ":memory:",
    *,
    given: Mapping[type, Any] | None = None,
    modules: "Sequence[Module]" = (),
    consumers: "Mapping[str, Consumer] | None" = None,
    settings: "Settings | None" = None,
) -> "AbstractAsyncContextManager[Chat]":
    """An instance of parlour in this program's event loop. `path` is a SQLite file, `:memory:` one that is gone afterwards,
    or the URL of a PostgreSQL database (`postgresql://…`).

    `given` replaces ports by the host's own adapters: `{People: my_people, Policy: my_policy}`; a port that works in a
    unit of work is given as `Scoped(factory)`. `modules` are the host's own features.
    `consumers` have every event, by the name of their group, also those committed while the program was down. `settings` are the limits and
    times to keep to, and the file of flags that switches modules on; where the store is, `path` says.

        async with parlour.open("chat.db") as chat:
            room = await chat.execute(parlour.CreateRoom(...), actor)
    """
    from .config.main import open_chat

    return open_chat(path, given=given, modules=modules, consumers=consumers, settings=settings)
