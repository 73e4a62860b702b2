"""How long messages are kept: the rule of a room, of its workspace, or of the instance."""

from enum import StrEnum

from attrs import frozen

from .errors import invalid

DAYS_AT_MOST = 36_500
FOR_EVER = 0
"""How a rule for ever is kept as a number of days; no rule at all is None."""


class RuleOf(StrEnum):
    """Whose rule is in force."""

    ROOM = "room"
    WORKSPACE = "workspace"
    INSTANCE = "instance"


@frozen
class KeepRule:
    """Messages are kept for `days`, or for ever (None); `by` says whose rule that is."""

    days: int | None
    by: RuleOf


@frozen
class WorkspaceKeeping:
    """What a workspace says: its own rule as it is kept, if it has one, and whether rooms may have rules of their own."""

    keep_days: int | None = None
    rooms_decide: bool = True


def in_force(room_days: int | None, workspace: WorkspaceKeeping, instance_days: int) -> KeepRule:
    """The rule for a room: its own where the workspace lets rooms decide, else the workspace's, else the instance's.

    The three are numbers as they are kept: `FOR_EVER`, or days; None where there is no rule.
    """
    if room_days is not None and workspace.rooms_decide:
        return KeepRule(room_days or None, RuleOf.ROOM)
    if workspace.keep_days is not None:
        return KeepRule(workspace.keep_days or None, RuleOf.WORKSPACE)
    return KeepRule(instance_days or None, RuleOf.INSTANCE)


def kept_as(days: int | None) -> int:
    """A rule as it is kept, from how many days it says (None: for ever); `Invalid` when that is no number of days."""
    if days is None:
        return FOR_EVER
    if not 1 <= days <= DAYS_AT_MOST:
        raise invalid("days", "range", f"Messages are kept for 1 to {DAYS_AT_MOST:,} days, or for ever.")
    return days
