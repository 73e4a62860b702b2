"""What is shown of presence."""

from datetime import datetime

from attrs import frozen

from ...domain.kernel.ids import UserId
from ...domain.presence.presence import Availability, Presence, PresenceState


@frozen
class PresenceView:
    """Somebody's presence as others see it. `until` is when a state ends by itself. `chosen`, what they chose to be seen as,
    is shown to themselves alone; then `until` is the end of that.
    """

    user_id: UserId
    state: PresenceState
    until: datetime | None
    last_seen_at: datetime | None
    chosen: Availability | None = None

    @classmethod
    def of(cls, presence: Presence, now: datetime, *, connected: bool, own: bool) -> "PresenceView":
        state = presence.seen(now, connected=connected)
        ends = own or state in {PresenceState.AWAY, PresenceState.DO_NOT_DISTURB}
        return cls(
            presence.user_id,
            state,
            presence.until if ends else None,
            presence.last_seen_at if state is PresenceState.OFFLINE else None,
            presence.state if own else None,
        )
