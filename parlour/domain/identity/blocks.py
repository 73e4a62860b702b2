"""Blocking a person: between the two there are no direct messages, and the one who is blocked cannot call the other."""

from datetime import datetime

from attrs import frozen

from ..kernel.errors import Conflict, invalid
from ..kernel.ids import UserId

BLOCKS = 1_000


@frozen
class Block:
    """`owner_id` wants nothing of `blocked_id`. It is the owner's alone, and holds in every workspace."""

    owner_id: UserId
    blocked_id: UserId
    blocked_at: datetime


def check_blockable(owner_id: UserId, blocked_id: UserId) -> None:
    if owner_id == blocked_id:
        raise invalid("user_id", "oneself", "Nobody blocks themselves.")


def check_few(count: int) -> None:
    """So many that a list of them is still one that a person keeps."""
    if count >= BLOCKS:
        raise Conflict(f"Nobody blocks more than {BLOCKS:,} people.", code="too_many_blocks")
