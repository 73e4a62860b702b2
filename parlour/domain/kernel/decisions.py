"""Decisions that carry their reasons."""

from attrs import frozen


@frozen
class Allowed:
    """Yes, because of `reason`, for example `room_role:moderator`."""

    reason: str


@frozen
class Refused:
    """No. `reason` is a stable code, `detail` a sentence for people.

    `hidden` means that the actor may not even learn that the thing exists: to them it is not found.
    """

    reason: str
    detail: str
    hidden: bool = False


Decision = Allowed | Refused
