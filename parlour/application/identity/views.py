"""What is shown of users and sessions, and the ports that read it."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from ...domain.identity.session import Session
from ...domain.identity.user import Status, User, UserState
from ...domain.kernel.ids import SessionId, UserId, WorkspaceId
from ..kernel.actor import Actor
from ..kernel.page import Page
from ..workspaces.views import WorkspaceView


@frozen
class UserView:
    """A user. A stranger sees no e-mail address."""

    id: UserId
    username: str
    name: str
    avatar_url: str | None
    state: UserState
    status: Status | None
    created_at: datetime
    updated_at: datetime
    email: str | None = None

    @classmethod
    def of(cls, user: User, *, email: bool) -> "UserView":
        return cls(
            id=user.id,
            username=user.username,
            name=user.name,
            avatar_url=user.avatar_url,
            state=user.state,
            status=user.status,
            created_at=user.created_at,
            updated_at=user.updated_at,
            email=user.email if email else None,
        )


@frozen
class MeView:
    """Oneself: the profile, what one may do on the instance, and the workspace this session works in."""

    id: UserId
    username: str
    name: str
    avatar_url: str | None
    state: UserState
    status: Status | None
    created_at: datetime
    updated_at: datetime
    email: str
    email_proven: bool
    permissions: list[str]
    workspace_id: WorkspaceId | None


@frozen
class TokensView:
    """A fresh session: an access token for `expires_in` seconds, and the refresh token for the next one."""

    user: UserView
    workspace: WorkspaceView | None
    access_token: str
    refresh_token: str
    expires_in: int
    session_id: SessionId
    token_type: str = "Bearer"  # noqa: S105 - the type's name (RFC 6750), no secret


@frozen
class SessionView:
    """A signed-in device. `current` is the one that asks."""

    id: SessionId
    user_id: UserId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str | None
    agent: str | None
    current: bool

    @classmethod
    def of(cls, session: Session, actor: Actor) -> "SessionView":
        return cls(
            id=session.id,
            user_id=session.user_id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            address=session.address,
            agent=session.agent,
            current=session.id == actor.session_id,
        )


@frozen
class TicketView:
    """A ticket for opening one socket; worth nothing after `expires_in` seconds or its first use."""

    ticket: str
    expires_in: int


@frozen
class Done:
    """It is done."""

    ok: bool = True


class UserReader(Protocol):
    """Users as they are shown."""

    async def all_users(self, cursor: str | None, limit: int) -> Page[UserView]:
        """Every user of the instance by name, with e-mail addresses: for its administrators."""
