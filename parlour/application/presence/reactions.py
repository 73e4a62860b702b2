"""What presence does when something happens."""

from ...domain.presence.events import PresenceChosen
from ..kernel.uow import LoggedEvent
from .roster import Roster


def when_presence_is_chosen_tell_watchers(event: PresenceChosen, logged: LoggedEvent, roster: Roster) -> None:
    roster.changed(event.user_id)
