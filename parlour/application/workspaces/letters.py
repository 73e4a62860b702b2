"""Invitations by letter: written as they are sent, and sent again when asked."""

from datetime import datetime

from attrs import frozen

from ...domain.kernel.errors import Conflict, NotFound
from ...domain.kernel.ids import InvitationId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.workspaces.invitation import LIFETIME, Invitation
from ...domain.workspaces.ports import Invitations, Workspaces
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.links import Links
from ..kernel.mail import Letter, Letters, Waiting
from ..kernel.ports import Clock, Ids, People, Tokens
from ..kernel.uow import UnitOfWork
from .access import access_workspace
from .views import InvitationView, WorkspaceStandings

GONE = "There is no such invitation."


def letter_for(invitation: Invitation, ids: Ids, now: datetime) -> Waiting:
    """The letter that an invitation is sent in, to be written when it goes."""
    about = {"workspace_id": str(invitation.workspace_id), "invitation_id": str(invitation.id)}
    return Waiting(ids.new(), "write_invitation_letter", about, now, invitation.expires_at or now + LIFETIME)


@frozen
class ResendInvitation(Command[InvitationView]):
    """Send the letter of an invitation once more: the same link."""

    workspace_id: WorkspaceId
    invitation_id: InvitationId


async def resend_invitation(
    command: ResendInvitation, actor: Actor, uow: UnitOfWork, invitations: Invitations, standings: WorkspaceStandings,
    policy: Policy, letters: Letters, clock: Clock, ids: Ids,
) -> InvitationView:  # fmt: skip
    now = clock.now()
    async with uow:
        await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_INVITATION_MANAGE)
        invitation = await invitations.get(command.workspace_id, command.invitation_id)
        if invitation is None:
            raise NotFound(GONE)
        invitation.check_by_email()
        invitation.check_usable(now)
        await letters.add(letter_for(invitation, ids, now))
    return InvitationView.of(invitation)


@frozen
class WriteInvitationLetter(Command[Letter | None]):
    """The letter of an invitation; none when it can be used no more."""

    workspace_id: WorkspaceId
    invitation_id: InvitationId


async def write_invitation_letter(
    command: WriteInvitationLetter, invitations: Invitations, workspaces: Workspaces, people: People, tokens: Tokens,
    clock: Clock, links: Links,
) -> Letter | None:  # fmt: skip
    invitation = await invitations.get(command.workspace_id, command.invitation_id)
    workspace = await workspaces.get(command.workspace_id)
    if invitation is None or invitation.email is None or workspace is None:
        return None
    try:
        invitation.check_usable(clock.now())
    except Conflict:
        return None
    named = await people.named([invitation.created_by])
    by = named[invitation.created_by].name if invitation.created_by in named else "Somebody"
    secret = tokens.letter(invitation.id)
    text = INVITATION_LETTER.format(by=by, workspace=workspace.name, link=links.invitation(secret), secret=secret)
    return Letter(invitation.email, f"An invitation to {workspace.name}", text)


INVITATION_LETTER = """\
Hello,

{by} invites you to {workspace}. Come in with an account that has this e-mail address, here:

{link}

Where you are asked for a code, it is {secret}
"""
