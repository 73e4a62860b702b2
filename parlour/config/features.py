"""The features, in one explicit list; a host adds its own to it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..application.identity.feature import IDENTITY
from ..application.kernel.catalogue import Feature
from ..application.kernel.feature import KERNEL
from ..application.messages.feature import MESSAGES
from ..application.presence.feature import PRESENCE
from ..application.rooms.feature import ROOMS
from ..application.workspaces.feature import WORKSPACES
from ..entrypoints.http.route import Route
from ..entrypoints.http.routes import identity, kernel, messages, presence, rooms, workspaces


@frozen
class Module:
    """A feature with what belongs to it in the outer rings.

    `migrations` is the folder of its own tables, made when its flag is first on; the core's stand in one folder for all.
    `scoped` makes its repositories, by their ports, for the unit or snapshot they work in.
    """

    feature: Feature
    routes: tuple[Route, ...] = ()
    migrations: Path | None = None
    scoped: Mapping[type, Callable[[Any], Any]] = field(factory=dict)


CORE: tuple[Module, ...] = (
    Module(KERNEL, kernel.ROUTES),
    Module(IDENTITY, identity.ROUTES),
    Module(WORKSPACES, workspaces.ROUTES),
    Module(ROOMS, rooms.ROUTES),
    Module(MESSAGES, messages.ROUTES),
    Module(PRESENCE, presence.ROUTES),
)
