"""What happens to users, told in their own inbox, `user:<id>`."""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import SessionId, TokenId, UserId, WorkspaceId
from .user import Status


@event("signed_up")
@frozen
class SignedUp(Event):
    """A user came to be; `workspace_id` is the id that their personal workspace gets."""

    user_id: UserId
    username: str
    name: str
    workspace_id: WorkspaceId


@event("profile_updated")
@frozen
class ProfileUpdated(Event):
    """What the user shows of themselves, as it is now."""

    user_id: UserId
    name: str
    avatar_url: str | None
    status: Status | None


@event("email_proven")
@frozen
class EmailProven(Event):
    """The user has shown that their e-mail address is their own."""

    user_id: UserId


@event("user_extensions_changed")
@frozen
class UserExtensionsChanged(Event):
    """The extension data of the user is another; what it is now is asked for, not told here."""

    user_id: UserId
    updated_at: datetime


@event("session_ended")
@frozen
class SessionEnded(Event):
    """A session is over: its tokens are refused and its sockets closed. `reason` says why, for its device to show."""

    session_id: SessionId
    reason: str


@event("token_created")
@frozen
class TokenCreated(Event):
    """The user has one more personal access token; the secret is nowhere but with whoever made it."""

    token_id: TokenId
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@event("token_ended")
@frozen
class TokenEnded(Event):
    """A personal access token is over: it is refused and its sockets closed. `reason` says why."""

    token_id: TokenId
    reason: str


@event("workspace_switched")
@frozen
class WorkspaceSwitched(Event):
    """One of the user's sessions works in another workspace from now on."""

    session_id: SessionId
    workspace_id: WorkspaceId


@event("user_state_changed")
@frozen
class UserStateChanged(Event):
    """The user was suspended, or may act again."""

    user_id: UserId
    state: str


@event("admin_changed")
@frozen
class AdminChanged(Event):
    """The user became an administrator of the instance, or is one no longer."""

    user_id: UserId
    is_admin: bool


@event("user_blocked")
@frozen
class UserBlocked(Event):
    """The user blocks somebody from now on. Only their own devices learn of it."""

    user_id: UserId
    blocked_at: datetime


@event("user_unblocked")
@frozen
class UserUnblocked(Event):
    """The user blocks somebody no longer."""

    user_id: UserId
