"""What somebody chose to be seen as, and what others see."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from ..kernel.errors import invalid
from ..kernel.ids import UserId
from ..kernel.times import checked_end, lasts


class Availability(StrEnum):
    """What one chooses to be seen as while one is connected."""

    ONLINE = "online"
    AWAY = "away"
    DO_NOT_DISTURB = "do_not_disturb"
    INVISIBLE = "invisible"


class PresenceState(StrEnum):
    """What others see."""

    ONLINE = "online"
    AWAY = "away"
    DO_NOT_DISTURB = "do_not_disturb"
    OFFLINE = "offline"


@frozen
class Presence:
    """What is kept of somebody: their choice, until when it holds, and when others last saw them."""

    user_id: UserId
    state: Availability = Availability.ONLINE
    until: datetime | None = None
    last_seen_at: datetime | None = None

    def chosen(self, state: Availability, until: datetime | None, now: datetime) -> "Presence":
        """Another choice; one that ends, ends later than now, and being online does not end."""
        if until is not None and state is Availability.ONLINE:
            raise invalid("until", "not_meant", "Being online has no end; leave it out.")
        return evolve(self, state=state, until=checked_end(until, now, "until"))

    def choice(self, now: datetime) -> Availability:
        """The choice that holds now: one that has ended is over, whoever has noticed."""
        return self.state if lasts(self.until, now) else Availability.ONLINE

    def seen(self, now: datetime, *, connected: bool) -> PresenceState:
        """What others see. Whoever is invisible looks just like one who is not there."""
        choice = self.choice(now)
        if not connected or choice is Availability.INVISIBLE:
            return PresenceState.OFFLINE
        return PresenceState(choice)
