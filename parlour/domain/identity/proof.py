"""Proofs: whoever has what a letter said reads the mail of an address."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from ..kernel.errors import Conflict
from ..kernel.ids import ProofId, UserId


class Purpose(StrEnum):
    """What a proof is for; one never counts for another."""

    EMAIL = "email"
    RESET = "reset"

    @property
    def lifetime(self) -> timedelta:
        return timedelta(hours=72 if self is Purpose.EMAIL else 1)


@frozen
class Proof:
    """What a letter to `email_key`, the folded address of a user, asks to be shown: once, until it ends. Only the digest of
    the secret is kept."""

    id: ProofId
    user_id: UserId
    purpose: Purpose
    digest: bytes
    email_key: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def spent() -> Conflict:
    """The same for one that is unknown, was used, or is over."""
    return Conflict("This link was used, or is over; ask for a new letter.", code="proof_spent")
