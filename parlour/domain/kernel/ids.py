"""Typed ids. All are UUIDs; those parlour makes are version 7, so they sort by the time they were made."""

from typing import NewType
from uuid import UUID, uuid5

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
TokenId = NewType("TokenId", UUID)
ProofId = NewType("ProofId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)
InvitationId = NewType("InvitationId", UUID)
RoomId = NewType("RoomId", UUID)
MessageId = NewType("MessageId", UUID)
ScheduledId = NewType("ScheduledId", UUID)
EventId = NewType("EventId", UUID)

_HOSTS = UUID("6f1d0a8e-3c52-5c1b-9a55-0b8f6d0f7a11")


def host_id(key: str) -> UserId:
    """The user id that stands for `key`, whatever a host program calls its own user: the same key, the same id.

    A name-based UUID (RFC 9562, version 5) in a namespace of parlour's own.
    """
    return UserId(uuid5(_HOSTS, key))
