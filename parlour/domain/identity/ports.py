"""What the identity rules need of a store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..kernel.ids import SessionId, UserId, WorkspaceId
from .blocks import Block
from .session import Session
from .user import User


class Users(Protocol):
    """The users of the instance, in the current unit of work."""

    async def add(self, user: User) -> None:
        """Keep a new user. A taken username, one that looks like a taken one, or a taken e-mail is a `Conflict`."""

    async def get(self, user_id: UserId) -> User | None: ...

    async def held(self, user_id: UserId) -> User | None:
        """The user, who stays as they are until this unit of work has ended: whoever changes them waits."""

    async def by_login(self, login: str) -> User | None:
        """The user whose username or e-mail address, folded, is `login`."""

    async def save(self, user: User) -> User:
        """Keep the changes of a user who was read in this unit; `Raced` when another unit changed them since.
        Answers them as they are kept now."""

    async def any(self) -> bool:
        """Whether there is a user at all. Who is told that there is none is alone in that until their unit has ended:
        whoever else asks waits, and is told of the first."""


class Sessions(Protocol):
    """The signed-in devices, in the current unit of work."""

    async def add(self, session: Session, user_version: int) -> None:
        """Keep a new session of a user read at a version; `Raced` when they have changed since. Whoever changes them at
        the same time waits, and finds the session among those open."""

    async def get(self, session_id: SessionId) -> Session | None: ...

    async def save(self, session: Session) -> Session:
        """Keep the changes of a session read in this unit; `Raced` when another unit changed it since.
        Answers it as it is kept now."""

    async def open_of(self, user_id: UserId) -> list[Session]:
        """The sessions of a user that were not ended, newest first."""

    async def forget_expired(self, before: datetime) -> int:
        """Remove sessions that ended or expired before a time; how many."""

    async def leave_workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        """No session of a user keeps working in a workspace they lost, nor does their next one begin there."""


class Tickets(Protocol):
    """Single-use tickets that stand for a session when a socket is opened."""

    async def add(self, digest: bytes, session_id: SessionId, expires_at: datetime) -> None: ...

    async def take(self, digest: bytes, now: datetime) -> SessionId | None:
        """The session of a ticket, which is spent by this; None when there is none, or it expired. Atomic."""

    async def forget_expired(self, before: datetime) -> int: ...


class Blocks(Protocol):
    """Who blocks whom, in the current unit of work."""

    async def add(self, block: Block) -> None:
        """Keep a new block. Whoever has been told that there is none between the two comes to their end before."""

    async def remove(self, block: Block) -> None: ...

    async def get(self, owner_id: UserId, blocked_id: UserId) -> Block | None: ...

    async def count(self, owner_id: UserId) -> int:
        """How many people somebody blocks."""

    async def between(self, one: UserId, other: UserId) -> bool:
        """Whether one of two people blocks the other. When not, it stays so until this unit of work has ended: whoever adds
        a block between them waits."""

    async def blocked_by(self, user_ids: Sequence[UserId], author_id: UserId) -> set[UserId]:
        """Those of some users who block somebody, in one query."""
