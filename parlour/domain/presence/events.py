"""What happens to one's own presence, told in one's own inbox, `user:<id>`."""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import UserId


@event("presence_chosen")
@frozen
class PresenceChosen(Event):
    """What the user is to be seen as from now on, on all their devices; `until` is when that ends by itself."""

    user_id: UserId
    state: str
    until: datetime | None
