"""Oneself, and one's sessions."""

from attrs import frozen

from ...domain.identity.ports import Sessions, Users
from ...domain.kernel.permissions import Permission
from ..kernel.actor import Actor
from ..kernel.authorizer import InstanceFacts, Policy, permissions_of
from ..kernel.catalogue import Query
from .signing import own_user
from .views import MeView, SessionView


@frozen
class GetMe(Query[MeView]):
    """Oneself: profile, rights on the instance, and the workspace this session works in."""


async def get_me(query: GetMe, actor: Actor, users: Users, policy: Policy) -> MeView:
    user = await own_user(users, actor)
    rights = permissions_of(policy, actor, InstanceFacts(), [Permission.INSTANCE_ADMINISTER])
    return MeView(
        id=user.id,
        username=user.username,
        name=user.name,
        avatar_url=user.avatar_url,
        state=user.state,
        status=user.status,
        created_at=user.created_at,
        updated_at=user.updated_at,
        email=user.email,
        email_proven=user.email_proven_at is not None,
        permissions=[str(p) for p in rights],
        workspace_id=actor.workspace_id,
    )


@frozen
class ListSessions(Query[list[SessionView]]):
    """One's open sessions, newest first."""


async def list_sessions(query: ListSessions, actor: Actor, sessions: Sessions) -> list[SessionView]:
    return [SessionView.of(s, actor) for s in await sessions.open_of(actor.known)]
