"""A transaction of the host's, as what runs in it sees it, whatever the engine."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from ...application.kernel.actor import Actor
from ...application.kernel.uow import Key, LoggedEvent
from ...domain.kernel.errors import DomainError
from .db import Db
from .recorder import Means, React


class Owner(Protocol):
    """The store, as a transaction of a host's sees it."""

    means: Means
    epoch: str
    react: React


class Ground(Db):
    """A transaction of a host's, with a savepoint for one part of it at a time."""

    store: Owner
    settling = False

    @property
    @abstractmethod
    def connection(self) -> Any:
        """What the host runs its own statements on."""

    @abstractmethod
    async def goes_on(self) -> bool:
        """Whether the transaction is the one that it was."""

    @abstractmethod
    async def enter(self, actor: Actor | None) -> None:
        """Begin a part, which sees what an actor may; with None all that the parts so far saw."""

    @abstractmethod
    async def keep(self, number: int) -> None:
        """End the part; what it did is the transaction's."""

    @abstractmethod
    async def undo(self) -> None:
        """End the part as if it had never been."""

    @abstractmethod
    async def standing(self, numbers: Collection[int]) -> Collection[int]:
        """Those of some parts that the host has not undone."""

    @abstractmethod
    async def hold(self, key: Key) -> None:
        """Keep others off a key until the transaction ends."""

    @abstractmethod
    async def settled(self, logged: Sequence[LoggedEvent]) -> None:
        """These events have their offsets: they are told of when the host has committed."""


async def undone(ground: Ground) -> None:
    """Undo its part, also when the connection is gone."""
    try:
        await ground.undo()
    except DomainError:
        pass  # then it is undone all the same
