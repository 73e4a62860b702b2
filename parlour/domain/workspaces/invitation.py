"""Invitations: a link that lets whoever has it into a workspace."""

from datetime import datetime, timedelta

from attrs import frozen

from ..kernel.errors import Conflict, Forbidden, invalid
from ..kernel.ids import InvitationId, UserId, WorkspaceId
from ..kernel.text import folded
from ..kernel.times import lasts
from .workspace import WorkspaceRole

LIFETIME = timedelta(hours=72)


@frozen
class Invitation:
    """A link into a workspace with a role. Only the digest of its token is kept. One with an `email` is for the account with
    that address alone."""

    id: InvitationId
    workspace_id: WorkspaceId
    digest: bytes
    role: WorkspaceRole
    created_by: UserId
    created_at: datetime
    expires_at: datetime | None
    max_uses: int | None
    uses: int = 0
    revoked_at: datetime | None = None
    email: str | None = None

    def check_usable(self, now: datetime) -> None:
        """Refuse when it was revoked, is over, or was used as often as it may be."""
        if self.revoked_at is not None:
            raise withdrawn()
        if not lasts(self.expires_at, now):
            raise Conflict("This invitation is over.", code="invitation_expired")
        most = 1 if self.email is not None else self.max_uses
        if most is not None and self.uses >= most:
            raise Conflict("This invitation was used as often as it may be.", code="invitation_used_up")

    def check_for(self, email_key: str | None) -> None:
        """Refuse somebody else than it is for; `email_key` is their folded address, if they have one here."""
        if self.email is not None and folded(self.email) != email_key:
            raise Forbidden("This invitation is for another e-mail address.", code="invitation_for_another")

    def check_by_email(self) -> None:
        """Refuse one that no letter was sent for."""
        if self.email is None:
            raise Conflict("This invitation is a link, not a letter.", code="invitation_without_email")


def withdrawn() -> Conflict:
    return Conflict("This invitation was withdrawn.", code="invitation_revoked")


def check_letter_uses(email: str | None, max_uses: int | None) -> None:
    """One by letter is for one person, once: whoever was taken out does not come back by it."""
    if email is not None and max_uses not in {None, 1}:
        raise invalid("max_uses", "by_letter", "An invitation by letter is good once.")


def check_role(role: WorkspaceRole) -> WorkspaceRole:
    """Nobody becomes the owner by a link."""
    if role is WorkspaceRole.OWNER:
        raise invalid("role", "owner", "An invitation makes a member or an admin; a workspace is handed over instead.")
    return role
