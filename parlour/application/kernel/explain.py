"""Why somebody may, or may not."""

from attrs import frozen

from ...domain.kernel.decisions import Allowed
from ...domain.kernel.errors import NotFound, invalid
from ...domain.kernel.ids import UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Topic, TopicKind
from .actor import Actor
from .authorizer import Facts, InstanceFacts, Policy, require
from .catalogue import Query, use_case
from .resources import MISSING, Resources
from .uow import Snapshot


@frozen
class Explanation:
    """Whether somebody may do something, and the reason, as a code and for people."""

    allowed: bool
    reason: str
    detail: str


@frozen
class Explain(Query[Explanation]):
    """Why somebody may or may not do something to a thing.

    `resource` is written like a topic: `room:<id>`, `workspace:<id>`, `user:<id>`, or `instance`. Everybody may ask about
    themselves; about others, those who see the thing and administer the workspace it is in.
    """

    permission: Permission
    resource: str
    user_id: UserId | None = None


async def explain(query: Explain, actor: Actor, reads: Snapshot, resources: Resources, policy: Policy) -> Explanation:
    about = query.user_id or actor.known
    if query.resource == "instance":
        if about != actor.known:
            raise invalid("user_id", "instance", "About the instance everybody asks for themselves.")
        return _explained(policy, actor, query.permission, InstanceFacts())
    topic = Topic.parse(query.resource)
    if topic is None:
        raise invalid("resource", "format", "Must be like room:<id>, workspace:<id>, user:<id> or instance.")
    seen = await resources.facts(topic, actor.known, reads)
    if seen is None or isinstance(seen, InstanceFacts):
        raise NotFound(MISSING)
    require(policy, actor, resources.read_permission(topic), seen, MISSING)
    if about == actor.known:
        return _explained(policy, actor, query.permission, seen)
    workspace = await resources.facts(Topic(TopicKind.WORKSPACE, seen.stream.owner), actor.known, reads)
    if workspace is None:
        raise NotFound(MISSING)
    require(policy, actor, Permission.WORKSPACE_EXPLAIN, workspace, MISSING)
    theirs = await resources.facts(topic, about, reads)
    return _explained(policy, Actor(about), query.permission, theirs or seen)


def _explained(policy: Policy, actor: Actor, permission: Permission, facts: Facts) -> Explanation:
    decision = policy.decide(actor, permission, facts)
    if isinstance(decision, Allowed):
        return Explanation(True, decision.reason, "Allowed.")
    return Explanation(False, decision.reason, decision.detail)


EXPLAIN = use_case(explain)
