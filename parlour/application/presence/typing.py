"""Who is typing."""

from attrs import frozen

from ...domain.kernel.ids import RoomId
from ...domain.presence.ports import Presences
from ...domain.presence.presence import Availability, Presence
from ..identity.views import Done
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command
from ..kernel.ports import Clock, Ids
from ..rooms.access import access_room_to_write, stream_of
from ..rooms.views import RoomStandings
from .live import Whisper, Whispers

TYPING = "typing"


@frozen
class ShowTyping(Command[Done]):
    """Show those who follow a room that one is typing, which whoever may write there may. Of one who is invisible nothing is
    shown.

    Send it again every 8 seconds at most while it goes on; a client takes it as over after 12 seconds, or when a message of
    that person comes.
    """

    room_id: RoomId


async def show_typing(
    command: ShowTyping, actor: Actor, standings: RoomStandings, policy: Policy, clock: Clock, ids: Ids,
    whispers: Whispers, presences: Presences,
) -> Done:  # fmt: skip
    found = await access_room_to_write(standings, policy, actor, command.room_id)
    me, now = actor.known, clock.now()
    kept = (await presences.of([me])).get(me, Presence(me))
    if kept.choice(now) is not Availability.INVISIBLE:
        whispers.whisper(Whisper(TYPING, stream_of(found.room).topic, ids.new(), now, me))
    return Done()
