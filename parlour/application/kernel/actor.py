"""Who acts, and the circumstances of one call."""

from enum import StrEnum

from attrs import define, frozen

from ...domain.kernel.errors import Forbidden, Unauthenticated
from ...domain.kernel.ids import SessionId, TokenId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission


class Way(StrEnum):
    """A way in."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    LIBRARY = "library"
    BATCH = "batch"
    SYSTEM = "system"


SCOPE_MISSING = "scope_missing"
NOT_COVERED = "The scopes of this token do not cover {}."


@frozen
class Actor:
    """Somebody who acts. `system` is parlour itself and the command line of its owner; nobody else gets past as it.

    `token_id` is the personal access token that stands for them, `scopes` what it covers; without one, everything is.
    """

    user_id: UserId | None = None
    session_id: SessionId | None = None
    workspace_id: WorkspaceId | None = None
    is_admin: bool = False
    system: bool = False
    token_id: TokenId | None = None
    scopes: frozenset[Permission] | None = None

    @property
    def known(self) -> UserId:
        """The user's id; refused when nobody is signed in."""
        if self.user_id is None:
            raise Unauthenticated("Sign in first.")
        return self.user_id

    def check_known(self) -> None:
        """Ask a stranger to sign in."""
        _ = self.known

    def covered(self, permission: Permission) -> bool:
        """Whether the scopes of the actor's token reach as far as a permission."""
        return self.scopes is None or permission in self.scopes

    def check_covered(self, permission: Permission) -> None:
        """Refuse what the actor's token does not cover."""
        if not self.covered(permission):
            raise Forbidden(NOT_COVERED.format(permission), code=SCOPE_MISSING)

    @property
    def name(self) -> str:
        """What stands for the actor in keys: the user's id, `system` or `stranger`. A token has keys of its own: it is not
        shown what was answered to others."""
        if self.token_id is not None:
            return f"token {self.token_id}"
        return str(self.user_id) if self.user_id else "system" if self.system else "stranger"


STRANGER = Actor()
SYSTEM = Actor(system=True)


@frozen
class Allowance:
    """What a rate limit said: how many a window of seconds, what is left, and seconds until it is full again."""

    policy: str
    limit: int
    window: int
    remaining: int
    reset_after: float
    retry_after: float = 0.0


@define
class Call:
    """One call of a use case: who, by which way, and what came with it. `allowance` is set by the bus for headers;
    `counted` is False for what a batch of the host's own does, which no rate limit is about. `acted_for` is set by a use
    case of the scheduler that acts for somebody."""

    actor: Actor
    way: Way = Way.LIBRARY
    request_id: str = ""
    key: str | None = None
    body_hash: bytes = b""
    address: str | None = None
    agent: str | None = None
    allowance: Allowance | None = None
    counted: bool = True
    acted_for: UserId | None = None
