"""Coming into a channel by oneself: by its being public, or by its password."""

from attrs import evolve

from ...domain.kernel.errors import Forbidden, NotFound, Raced
from ...domain.kernel.ids import RoomId
from ...domain.kernel.permissions import Permission as P
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy, require
from ..kernel.ports import Passwords
from .access import MISSING
from .views import RoomStanding, RoomStandings


async def lock_opened(
    password: str | None, standings: RoomStandings, actor: Actor, room_id: RoomId, passwords: Passwords
) -> str | None:
    """The hash that a password opens, read before the unit; None when it opens nothing. That takes as long whether there is
    such a room or not."""
    if password is None:
        return None
    standing = await standings.standing(room_id, actor.known)
    hashed = standing.room.password_hash if standing is not None else None
    return hashed if await passwords.verify(password, hashed) else None


async def access_to_join(
    standings: RoomStandings, policy: Policy, actor: Actor, room_id: RoomId, password: str | None, opened: str | None
) -> RoomStanding:
    """The room and what the actor is in it, if they are in it or may come in; otherwise `NotFound` or `Forbidden`, with the
    code `wrong_password` where another one would do."""
    standing = await standings.standing(room_id, actor.known)
    if standing is None:
        raise NotFound(MISSING)
    if standing.member is not None:
        require(policy, actor, P.ROOM_READ, standing.facts, MISSING)
        return standing
    if opened is not None and opened != standing.room.password_hash:
        raise Raced("The password was changed meanwhile.")
    try:
        require(policy, actor, P.ROOM_JOIN, evolve(standing.facts, admitted=opened is not None), MISSING)
    except Forbidden as refusal:
        if password is not None and refusal.code == "password_required":
            raise Forbidden("The password is wrong.", code="wrong_password") from None
        raise
    return standing
