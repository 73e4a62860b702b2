"""The second wall between tenants: as whom this process works, and what that lets it see."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ...application.kernel.actor import Actor
from .loader import load
from .migrations import MigrationError
from .postgres_link import Link

SQL = load("postgres_roles")
OWN = load("postgres")


class Walls(Enum):
    """What row-level security does for this process. NONE: it is a superuser's, who sees everything. OWNER: one plain role
    owns the tables, and opens the wall by a setting for parlour's own work. ROLES: that work has a role of its own."""

    NONE = "none"
    OWNER = "owner"
    ROLES = "roles"


OPEN_TO_ITS_OWNER = (
    "parlour signs in as the owner of its tables, who can open the wall between tenants: run `parlour migrate --roles`, and "
    "let the server sign in as another role that is a member of parlour_app"
)
NO_WALL = (
    "parlour signs in as a superuser, for whom there is no wall between tenants: let an ordinary role own its tables"
)
MISSING: Mapping[Walls, Sequence[str]] = {Walls.ROLES: (), Walls.OWNER: (OPEN_TO_ITS_OWNER,), Walls.NONE: (NO_WALL,)}
"""What a wall lacks, in sentences for whoever runs the server."""


async def walls_of(link: Link) -> Walls:
    """How the wall stands for whoever the database URL signs in as. `MigrationError` when they lack a right."""
    connection = await link.take()
    try:
        found = await link.run(connection, SQL.who, {})
    finally:
        await link.give(connection)
    return walls_from(dict(zip(found.names, found.rows[0], strict=True)))


def walls_from(said: Mapping[str, Any]) -> Walls:
    """How the wall stands for a role, from what the database says of it."""
    if said["unbound"]:
        return Walls.NONE
    if said["owner"]:
        return Walls.OWNER
    if said["relay"]:
        return Walls.ROLES
    raise MigrationError(
        f"the role {said['name']} neither owns parlour's tables nor is a member of parlour_app: "
        f"run `parlour migrate --roles` as their owner, then: grant parlour_app to {said['name']}"
    )


def as_seen_by(actor: Actor, walls: Walls) -> tuple[list[str], dict[str, Any]]:
    """The statements that let a transaction see what an actor may, and what they are given."""
    if walls is Walls.NONE:
        return [], {}
    if actor.system:
        return [(OWN.as_relay if walls is Walls.ROLES else OWN.as_owner).postgres], {}
    if actor.user_id is None:
        return [], {}
    return [OWN.as_actor.postgres, OWN.as_member.postgres], {"actor": str(actor.user_id)}
