"""How long a room keeps its messages, as far as that is its own to say."""

from attrs import evolve

from ..kernel.errors import Conflict
from ..kernel.keeping import WorkspaceKeeping, kept_as
from .room import Room


def keeping(room: Room, days: int | None, workspace: WorkspaceKeeping) -> Room:
    """A room with a rule of its own: messages are kept for some days, or for ever (None)."""
    room.check_open()
    if not workspace.rooms_decide:
        raise Conflict("In this workspace rooms have no rules of their own.", code="retention_by_workspace")
    return evolve(room, keep_days=kept_as(days))


def keeping_as_others(room: Room) -> Room:
    """A room without a rule of its own; one that has none stays as it is."""
    room.check_open()
    return room if room.keep_days is None else evolve(room, keep_days=None)


def cut(room: Room, gone_to: int) -> Room:
    """A room whose messages up to a number are gone."""
    return evolve(room, gone_to=max(room.gone_to, gone_to))
