"""What happens to notes."""

from attrs import frozen

from parlour.domain.kernel.event import Event, event
from parlour.domain.kernel.ids import UserId


@event("note_written")
@frozen
class NoteWritten(Event):
    """In the writer's inbox."""

    user_id: UserId
    text: str


@event("note_counted")
@frozen
class NoteCounted(Event):
    """In the writer's inbox, by a reaction: how many notes they have."""

    user_id: UserId
    notes: int
