"""What the identity rules need of a store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..kernel.ids import SessionId, TokenId, UserId, WorkspaceId
from .access_token import AccessToken
from .blocks import Block
from .extensions import UserExtensions
from .proof import Proof, Purpose
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


class AccessTokens(Protocol):
    """The personal access tokens of users, in the current unit of work."""

    async def add(self, token: AccessToken) -> None: ...

    async def get(self, token_id: TokenId) -> AccessToken | None: ...

    async def by_digest(self, digest: bytes) -> AccessToken | None: ...

    async def open_of(self, user_id: UserId) -> list[AccessToken]:
        """The tokens of a user that are worth something, newest first."""

    async def end(self, token_id: TokenId, now: datetime) -> bool:
        """End a token; False when it was over already, or is not there. Of several who end it at once, one is told True."""

    async def used(self, token_id: TokenId, now: datetime) -> None:
        """It was used at a time; one that was used later already keeps that."""

    async def leave_workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        """No token of a user means a workspace that they lost."""

    async def forget_ended(self, before: datetime) -> int:
        """Remove tokens that ended or expired before a time; how many."""


class Proofs(Protocol):
    """What letters ask to be shown, in the current unit of work."""

    async def add(self, proof: Proof) -> None:
        """Keep a new proof; the user's others for the same purpose end. One that is there already stays as it is."""

    async def good(self, digest: bytes, purpose: Purpose, now: datetime) -> bool:
        """Whether there is such a proof that can be used."""

    async def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Proof | None:
        """A proof, which is spent by this; None when there is none, or it was used, or it is over. Atomic."""

    async def forget_expired(self, before: datetime) -> int: ...


class Extensions(Protocol):
    """The extension data of users, in the current unit of work."""

    async def get(self, user_id: UserId) -> UserExtensions | None: ...

    async def add(self, extensions: UserExtensions) -> None:
        """Keep what a user had none of; `Raced` when another unit was faster."""

    async def save(self, extensions: UserExtensions) -> None:
        """Keep what was read in this unit, changed; `Raced` when another unit changed it since."""
