"""Who may do what: the built-in roles, and decisions that carry their reasons."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import frozen

from ...domain.kernel.decisions import Allowed, Decision, Refused
from ...domain.kernel.errors import Forbidden, NotFound
from ...domain.kernel.ids import UserId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.rooms.room import RoomKind, RoomRole
from ...domain.workspaces.workspace import WorkspaceRole
from .actor import NOT_COVERED, SCOPE_MISSING, Actor


@frozen
class InstanceFacts:
    """The server itself, which its administrators look after."""


@frozen
class UserFacts:
    """A user's own inbox."""

    stream: Stream
    user_id: UserId


@frozen
class PersonFacts:
    """Somebody as others see them. `shared`: whoever asks is in a workspace with them, or is them."""

    stream: Stream
    user_id: UserId
    shared: bool


@frozen
class WorkspaceFacts:
    """A workspace, and what the one who asks is in it (None: not a member)."""

    stream: Stream
    role: WorkspaceRole | None


@frozen
class RoomFacts:
    """A room, and what the one who asks is in it and in its workspace (None: not a member). `muted` and `banned` are so at
    this moment: what has ended counts no more. `locked`: it has a password; `admitted`: they have shown that they know it.
    `blocked`: of the two in a direct room one blocks the other."""

    stream: Stream
    kind: RoomKind
    room_role: RoomRole | None
    workspace_role: WorkspaceRole | None
    muted: bool = False
    banned: bool = False
    locked: bool = False
    admitted: bool = False
    blocked: bool = False


Facts = InstanceFacts | UserFacts | PersonFacts | WorkspaceFacts | RoomFacts


class Policy(Protocol):
    """Decides. A host may bring its own; it gets the facts as they are in the moment's snapshot."""

    def decide(self, actor: Actor, permission: P, facts: Facts) -> Decision:
        """Whether the actor may, and why. Pure and quick: it is asked on every use case."""


_IN_WORKSPACE: Mapping[WorkspaceRole, frozenset[P]] = {
    WorkspaceRole.MEMBER: frozenset({P.WORKSPACE_READ, P.WORKSPACE_LEAVE, P.WORKSPACE_ROOM_CREATE}),
    WorkspaceRole.ADMIN: frozenset(
        {
            P.WORKSPACE_READ,
            P.WORKSPACE_LEAVE,
            P.WORKSPACE_ROOM_CREATE,
            P.WORKSPACE_UPDATE,
            P.WORKSPACE_MEMBER_ADD,
            P.WORKSPACE_MEMBER_REMOVE,
            P.WORKSPACE_MEMBER_ROLE,
            P.WORKSPACE_INVITATION_MANAGE,
            P.WORKSPACE_RETENTION,
            P.WORKSPACE_EXPLAIN,
        }
    ),
    WorkspaceRole.OWNER: frozenset(p for p in P if p.startswith("workspace:")),
}

_ONLY_INSIDE = frozenset({P.ROOM_LEAVE, P.ROOM_MESSAGE_SEND, P.ROOM_MESSAGE_EDIT, P.ROOM_MARK, P.ROOM_READERS})
_ROOM_MEMBER = _ONLY_INSIDE | {P.ROOM_READ}
_ROOM_MODERATOR = _ROOM_MEMBER | {
    P.ROOM_MEMBER_ADD,
    P.ROOM_MEMBER_REMOVE,
    P.ROOM_MEMBER_MUTE,
    P.ROOM_MEMBER_BAN,
    P.ROOM_UPDATE,
    P.ROOM_RETENTION,
    P.ROOM_MESSAGE_DELETE,
    P.ROOM_MESSAGE_PIN,
    P.ROOM_MESSAGE_ANNOUNCE,
}
_IN_ROOM: Mapping[RoomRole, frozenset[P]] = {
    RoomRole.MEMBER: _ROOM_MEMBER,
    RoomRole.MODERATOR: _ROOM_MODERATOR,
    RoomRole.OWNER: _ROOM_MODERATOR | {P.ROOM_MEMBER_ROLE, P.ROOM_TRANSFER, P.ROOM_ARCHIVE, P.ROOM_DELETE},
}
_IN_GROUP = frozenset({P.ROOM_MEMBER_ADD, P.ROOM_UPDATE, P.ROOM_MESSAGE_PIN})
_IN_DIRECT = frozenset({P.ROOM_MESSAGE_PIN})
_OVER_CHANNELS = (_IN_ROOM[RoomRole.OWNER] - _ONLY_INSIDE) | {P.ROOM_JOIN}
_PASSING_BY = frozenset({P.ROOM_READ, P.ROOM_JOIN})
_SPEAKING = frozenset(p for p in P if p.startswith("room:message:")) - {P.ROOM_MESSAGE_DELETE}


class BuiltinPolicy:
    """Rights by role in the workspace and in the room.

    A member of the workspace may read and join a public channel, not write in it unjoined; one with a password they may
    only join, with that. Administrators of the workspace look after its channels; they never see direct rooms, groups or
    private channels that they are not in.
    """

    def decide(self, actor: Actor, permission: P, facts: Facts) -> Decision:
        if actor.system:
            return Allowed("system")
        if actor.user_id is None:
            return Refused("unauthenticated", "Sign in first.")
        match facts:
            case RoomFacts():
                return _in_room(permission, facts)
            case WorkspaceFacts():
                return _in_workspace(permission, facts)
            case UserFacts():
                same = facts.user_id == actor.user_id
                return Allowed("oneself") if same else Refused("not_oneself", "This is somebody else's.", hidden=True)
            case PersonFacts():
                return _about_person(actor, permission, facts)
            case InstanceFacts():
                if actor.is_admin:
                    return Allowed("instance_admin")
                return Refused("not_an_administrator", "Only administrators of the instance may do this.")


class WithinScopes:
    """A policy that holds whoever acts by a token to its scopes: what they may themselves, and the token covers."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def decide(self, actor: Actor, permission: P, facts: Facts) -> Decision:
        decision = self._policy.decide(actor, permission, facts)
        if isinstance(decision, Refused) or actor.covered(permission):
            return decision  # what is hidden stays so, whatever the scopes
        return Refused(SCOPE_MISSING, NOT_COVERED.format(permission))


def _about_person(actor: Actor, permission: P, facts: PersonFacts) -> Decision:
    if facts.user_id == actor.user_id:
        return Allowed("oneself")
    if actor.is_admin:
        return Allowed("instance_admin")
    if not facts.shared:
        return Refused("not_oneself", "This is somebody else's.", hidden=True)
    if permission is P.USER_EXTENSIONS_READ:
        return Allowed("shared_workspace")
    return Refused("not_oneself", "This is somebody else's.")


def _in_workspace(permission: P, facts: WorkspaceFacts) -> Decision:
    if facts.role is None:
        return Refused("not_a_member", "You are not a member of this workspace.", hidden=True)
    if permission in _IN_WORKSPACE[facts.role]:
        return Allowed(f"workspace_role:{facts.role}")
    return Refused("role_lacks_permission", f"As {_a(facts.role)} of this workspace you may not do this.")


def _in_room(permission: P, facts: RoomFacts) -> Decision:
    if facts.workspace_role is None:
        return Refused("not_a_member", "You are not a member of this workspace.", hidden=True)
    public = facts.kind is RoomKind.PUBLIC_CHANNEL
    if facts.room_role is None and not public and not facts.admitted:
        return Refused("not_in_room", "You are not in this room.", hidden=True)
    if (refused := _kept_from(permission, facts)) is not None:
        return refused
    if facts.room_role is not None and permission in _IN_ROOM[facts.room_role]:
        return Allowed(f"room_role:{facts.room_role}")
    if facts.kind is RoomKind.GROUP and permission in _IN_GROUP:
        return Allowed("group_member")
    if facts.kind is RoomKind.DIRECT and permission in _IN_DIRECT:
        return Allowed("direct_member")
    if facts.kind.is_channel and facts.workspace_role.rank > 1 and permission in _OVER_CHANNELS:
        return Allowed(f"workspace_role:{facts.workspace_role}")
    if (public or facts.admitted) and permission in _PASSING_BY:
        return _passing_by(permission, facts)
    if facts.room_role is None:
        return Refused("not_in_room", "Join the channel first.")
    return Refused("role_lacks_permission", f"As {_a(facts.room_role)} of this room you may not do this.")


def _passing_by(permission: P, facts: RoomFacts) -> Decision:
    """A channel that one may come into by oneself."""
    if facts.room_role is not None or not facts.locked:
        return Allowed("public_channel")
    if facts.admitted and permission is P.ROOM_JOIN:
        return Allowed("password")
    return Refused("password_required", "Join the channel with its password.")


def _kept_from(permission: P, facts: RoomFacts) -> Refused | None:
    """What a ban, a block or a mute takes away. In channels it does not bind the owner of the workspace, above whom nobody
    stands."""
    if facts.kind.is_channel and facts.workspace_role is WorkspaceRole.OWNER:
        return None
    if facts.banned:
        return Refused("banned", "You are banned from this room.")
    if facts.blocked and permission in _SPEAKING:
        return Refused("blocked", "One of you two has blocked the other.")
    if facts.muted and permission in _SPEAKING:
        return Refused("muted", "You are muted in this room: you can read it.")
    return None


def _a(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def require(policy: Policy, actor: Actor, permission: P, facts: Facts, missing: str) -> None:
    """Go on when the actor may; otherwise `NotFound` with the sentence `missing`, or `Forbidden` with the reason."""
    decision = policy.decide(actor, permission, facts)
    if isinstance(decision, Refused):
        if decision.hidden:
            raise NotFound(missing)
        actor.check_known()
        raise Forbidden(decision.detail, code=decision.reason)


def permissions_of(policy: Policy, actor: Actor, facts: Facts, among: Iterable[P]) -> list[P]:
    """Those of some permissions that the actor has."""
    return [p for p in among if isinstance(policy.decide(actor, p, facts), Allowed)]
