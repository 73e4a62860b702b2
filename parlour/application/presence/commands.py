"""Choosing what to be seen as, and what is kept of being there."""

from datetime import datetime, timedelta
from typing import Annotated

from attrs import evolve, frozen

from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.presence.events import PresenceChosen
from ...domain.presence.ports import Presences
from ...domain.presence.presence import Availability, Presence
from ..identity.views import Done
from ..kernel.actor import Actor
from ..kernel.catalogue import Command
from ..kernel.constraints import Aware
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork
from .store import PresenceStore
from .views import PresenceView

SPARING = timedelta(minutes=1)
"""When somebody was last seen is written no more often than this."""


@frozen
class SetPresence(Command[PresenceView]):
    """Choose what to be seen as: `online`, `away`, `do_not_disturb`, or `invisible`, which looks like being offline.

    `until` ends it: then it is `online` again. It holds on all devices.
    """

    state: Availability
    until: Annotated[datetime, Aware()] | None = None


async def set_presence(
    command: SetPresence, actor: Actor, uow: UnitOfWork, presences: Presences, store: PresenceStore, clock: Clock
) -> PresenceView:
    me, now = actor.known, clock.now()
    connected = bool(await store.connected([me]))
    async with uow:
        present = (await presences.of([me])).get(me, Presence(me))
        chosen = present.chosen(command.state, command.until, now)
        if await presences.choose(chosen):
            await uow.record(Stream.of_user(me), PresenceChosen(me, chosen.state, chosen.until))
        hides = chosen.state is Availability.INVISIBLE and present.choice(now) is not Availability.INVISIBLE
        if hides and connected and await presences.saw(me, now, now - SPARING):
            chosen = evolve(chosen, last_seen_at=now)  # as if they had left
        if chosen.until is not None:
            await uow.schedule(f"presence:{me}", chosen.until, "end_presence", {"user_id": str(me)})
    return PresenceView.of(chosen, now, connected=connected, own=True)


@frozen
class EndPresence(Command[Done]):
    """End a choice whose time has come."""

    user_id: UserId


async def end_presence(command: EndPresence, uow: UnitOfWork, presences: Presences, clock: Clock) -> Done:
    async with uow:
        if await presences.end(command.user_id, clock.now()):
            over = Presence(command.user_id)
            await uow.record(Stream.of_user(over.user_id), PresenceChosen(over.user_id, over.state, over.until))
    return Done()


@frozen
class NoteLastSeen(Command[Done]):
    """Keep when somebody's last connection ended. Of one who is invisible nothing is kept."""

    user_id: UserId


async def note_last_seen(command: NoteLastSeen, uow: UnitOfWork, presences: Presences, clock: Clock) -> Done:
    user_id, now = command.user_id, clock.now()
    async with uow:
        present = (await presences.of([user_id])).get(user_id, Presence(user_id))
        if present.choice(now) is not Availability.INVISIBLE:
            await presences.saw(user_id, now, now - SPARING)
    return Done()
