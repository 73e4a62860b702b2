"""Looking who is there."""

from typing import Annotated

from attrs import frozen

from ...domain.kernel.ids import UserId
from ...domain.presence.ports import Presences
from ...domain.presence.presence import Presence
from ..kernel.actor import Actor
from ..kernel.catalogue import Query
from ..kernel.constraints import Length
from ..kernel.ports import Clock
from .store import PresenceStore
from .views import PresenceView

WATCHED_AT_MOST = 500


@frozen
class GetPresence(Query[list[PresenceView]]):
    """The presence of up to 500 people. Whoever is in no workspace with the one who asks is left out."""

    user_ids: Annotated[list[UserId], Length(1, WATCHED_AT_MOST)]


async def get_presence(
    query: GetPresence, actor: Actor, presences: Presences, store: PresenceStore, clock: Clock
) -> list[PresenceView]:
    me, now = actor.known, clock.now()
    asked = list(dict.fromkeys(query.user_ids))
    allowed = {me, *await presences.known_to(me, asked)}
    shown = [u for u in asked if u in allowed]
    kept, connected = await presences.of(shown), await store.connected(shown)
    return [PresenceView.of(kept.get(u, Presence(u)), now, connected=u in connected, own=u == me) for u in shown]
