"""Links into a workspace: made, looked at, accepted, withdrawn."""

from datetime import datetime
from typing import Annotated

from attrs import asdict, frozen

from ...domain.identity.ports import Users
from ...domain.identity.user import UserState, email_of
from ...domain.kernel.errors import Conflict, NotFound, Raced
from ...domain.kernel.ids import InvitationId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ...domain.kernel.times import checked_end
from ...domain.workspaces.events import Invited
from ...domain.workspaces.invitation import LIFETIME, Invitation, check_letter_uses, check_role, withdrawn
from ...domain.workspaces.ports import Invitations, Workspaces
from ...domain.workspaces.workspace import Workspace, WorkspaceMember, WorkspaceRole
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Change, Command, Found, Query
from ..kernel.constraints import Aware, Between, Length
from ..kernel.digest import digest_of
from ..kernel.links import Links
from ..kernel.mail import Letters
from ..kernel.ports import Clock, Ids, Tokens
from ..kernel.uow import UnitOfWork
from .access import access_workspace
from .letters import letter_for
from .members import enter_workspace
from .views import (
    InvitationView,
    InvitedView,
    NewInvitationView,
    WorkspaceReader,
    WorkspaceStandings,
    WorkspaceView,
)

Token = Annotated[str, Length(1, 255)]
GONE = "There is no such invitation."


@frozen
class CreateInvitation(Change[NewInvitationView]):
    """Make a link into a workspace.

    It ends after 72 hours unless told otherwise, and never when `expires_at` is null; without `max_uses` it may be used
    any number of times. With `email` it is sent there as a letter, and good once, for the account with that address; if there
    is one already, its inbox tells of it.
    """

    workspace_id: WorkspaceId
    role: WorkspaceRole = WorkspaceRole.MEMBER
    expires_at: Annotated[datetime, Aware()] | None = None
    max_uses: Annotated[int, Between(1, 100_000)] | None = None
    email: Annotated[str, Length(3, 254)] | None = None
    fields: frozenset[str] = frozenset()


async def create_invitation(
    command: CreateInvitation, actor: Actor, uow: UnitOfWork, invitations: Invitations, standings: WorkspaceStandings,
    policy: Policy, clock: Clock, ids: Ids, links: Links, tokens: Tokens, letters: Letters, users: Users,
) -> NewInvitationView:  # fmt: skip
    now, invitation_id = clock.now(), InvitationId(ids.new())
    email = email_of(command.email) if command.email is not None else None
    check_letter_uses(email, command.max_uses)
    token = ids.secret().hex() if email is None else tokens.letter(invitation_id)
    ends_at = command.expires_at if "expires_at" in command.fields else now + LIFETIME
    expires_at = checked_end(ends_at, now, "expires_at")
    async with uow:
        found = await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_INVITATION_MANAGE)
        found.workspace.check_takes_members()
        invitation = Invitation(
            id=invitation_id,
            workspace_id=command.workspace_id,
            digest=digest_of(token),
            role=check_role(command.role),
            created_by=actor.known,
            created_at=now,
            expires_at=expires_at,
            max_uses=command.max_uses or (1 if email is not None else None),
            email=email,
        )
        await invitations.add(invitation)
        if email is not None:
            await letters.add(letter_for(invitation, ids, now))
            await _tell(uow, users, invitation, found.workspace, email)
    shown = asdict(InvitationView.of(invitation), recurse=False)
    return NewInvitationView(**shown, token=token, url=links.invitation(token))


@frozen
class AcceptInvitation(Command[WorkspaceView]):
    """Come into the workspace that an invitation leads to. Somebody who is in it already stays as they are."""

    token: Token


async def accept_invitation(
    command: AcceptInvitation, actor: Actor, uow: UnitOfWork, invitations: Invitations, workspaces: Workspaces,
    users: Users, clock: Clock,
) -> WorkspaceView | Found[WorkspaceView]:  # fmt: skip
    now = clock.now()
    async with uow:
        invitation = await _by_token(invitations, command.token)
        workspace = await workspaces.get(invitation.workspace_id)
        if workspace is None:
            raise NotFound(GONE)
        present = await workspaces.member(workspace.id, actor.known)
        if present is not None:
            return Found(WorkspaceView.of(workspace, present.role))
        invitation.check_usable(now)
        await _check_maker(users, invitation)
        if invitation.email is not None:
            user = await users.get(actor.known)
            invitation.check_for(user.email_key if user is not None else None)
        if not await invitations.use(invitation.id, now):
            if await workspaces.member(workspace.id, actor.known) is not None:
                raise Raced("They have accepted it meanwhile.")
            raise Conflict("This invitation was used as often as it may be.", code="invitation_used_up")
        member = WorkspaceMember(workspace.id, actor.known, invitation.role, now)
        if not await enter_workspace(uow, workspaces, workspace, member):
            raise Raced("They have come in meanwhile, by another way.")
    return WorkspaceView.of(workspace, member.role)


@frozen
class RevokeInvitation(Command[InvitationView]):
    """Withdraw an invitation: its link is worth nothing from now on."""

    workspace_id: WorkspaceId
    invitation_id: InvitationId


async def revoke_invitation(
    command: RevokeInvitation, actor: Actor, uow: UnitOfWork, invitations: Invitations, standings: WorkspaceStandings,
    policy: Policy, clock: Clock,
) -> InvitationView:  # fmt: skip
    async with uow:
        await access_workspace(standings, policy, actor, command.workspace_id, P.WORKSPACE_INVITATION_MANAGE)
        revoked = await invitations.revoke(command.workspace_id, command.invitation_id, clock.now())
        if revoked is None:
            raise NotFound(GONE)
    return InvitationView.of(revoked)


@frozen
class GetInvitation(Query[InvitedView]):
    """What an invitation leads to, before one accepts it."""

    token: Token


async def get_invitation(
    query: GetInvitation, invitations: Invitations, workspaces: Workspaces, users: Users, clock: Clock
) -> InvitedView:
    invitation = await _by_token(invitations, query.token)
    workspace = await workspaces.get(invitation.workspace_id)
    if workspace is None:
        raise NotFound(GONE)
    invitation.check_usable(clock.now())
    await _check_maker(users, invitation)
    return InvitedView(workspace.id, workspace.name, invitation.role, invitation.expires_at)


@frozen
class ListInvitations(Query[list[InvitationView]]):
    """The invitations of a workspace that can still be used, newest first."""

    workspace_id: WorkspaceId


async def list_invitations(
    query: ListInvitations, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: WorkspaceReader,
    clock: Clock,
) -> list[InvitationView]:  # fmt: skip
    await access_workspace(standings, policy, actor, query.workspace_id, P.WORKSPACE_INVITATION_MANAGE)
    return [InvitationView.of(i) for i in await reader.invitations(query.workspace_id, clock.now())]


async def _check_maker(users: Users, invitation: Invitation) -> None:
    """A link is worth what whoever made it may do; a host's own users are unknown here."""
    maker = await users.get(invitation.created_by)
    if maker is not None and maker.state is not UserState.ACTIVE:
        raise withdrawn()


async def _tell(uow: UnitOfWork, users: Users, invitation: Invitation, workspace: Workspace, email: str) -> None:
    """Tell whoever has an account with this address. Of what they are invited to only the one learns who has proved that it is
    theirs: anybody can sign up with the address of another."""
    user = await users.by_login(folded(email))
    if user is None or user.state is not UserState.ACTIVE:
        return
    name = workspace.name if user.email_proven_at is not None else None
    told = Invited(invitation.id, workspace.id, name, invitation.role, invitation.expires_at)
    await uow.record(Stream.of_user(user.id), told)


async def _by_token(invitations: Invitations, token: str) -> Invitation:
    invitation = await invitations.by_digest(digest_of(token))
    if invitation is None:
        raise NotFound(GONE)
    return invitation
