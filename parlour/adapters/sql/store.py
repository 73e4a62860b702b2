"""What adapters on a store see of it, whatever its engine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ...application.kernel.actor import SYSTEM, Actor
from ...application.kernel.uow import Snapshot, Store, Work
from .db import Fetched
from .loader import Query
from .messages import SqlMessages
from .recorder import Means, React
from .rooms import SqlRooms
from .sqlite_file import StoreFile

T = TypeVar("T")


class Asked(Protocol):
    """Where queries run; see `db.Db`."""

    async def fetch(self, query: Query, given: Mapping[str, Any]) -> Fetched: ...

    async def row(self, query: Query, kind: type[T], **given: Any) -> T | None: ...

    async def joins(self, query: Query, **given: Any) -> list[dict[str, Any]]: ...

    async def value(self, query: Query, **given: Any) -> Any: ...

    async def run(self, query: Query, **given: Any) -> int: ...

    async def many(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None: ...


class SqlUnit(Asked, Work, Protocol):
    """A unit of work that queries run in."""


class SqlSnapshot(Asked, Snapshot, Protocol):
    """A snapshot that queries run in."""


class SqlStore(Store, Protocol):
    """A store with SQL."""

    means: Means
    epoch: str
    react: React
    noticed: frozenset[str]

    @property
    def file(self) -> StoreFile | None:
        """The file that this process alone has, where the store is one."""

    @property
    def shared(self) -> bool:
        """Whether other processes may be at it too."""

    @property
    def unguarded(self) -> Sequence[str]:
        """What the second wall between tenants lacks, in sentences; nothing where an engine can have none."""

    async def open(self) -> None:
        """Reach it and migrate it, where that was not done as it was made."""

    async def migrate(self, module: str, folder: Path) -> None:
        """Make a module's tables, also while units are at work."""

    def unit(self, actor: Actor = SYSTEM) -> SqlUnit: ...

    def snapshot(self, actor: Actor = SYSTEM, *, slow: bool = False) -> SqlSnapshot: ...

    def rooms_in(self, work: Any) -> SqlRooms:
        """Rooms in one of its units or snapshots."""

    def messages_in(self, work: Any) -> SqlMessages:
        """Messages in one of its units or snapshots."""

    async def close(self) -> None:
        """Wait for what is under way, then let go."""

    def abandon(self) -> None:
        """Let go at once; what was not committed is gone."""
