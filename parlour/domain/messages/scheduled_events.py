"""What happens to messages that are to be sent later, in `user:<id>` of their author."""

from datetime import datetime

from attrs import frozen

from ..kernel.event import Event, event
from ..kernel.ids import MessageId, RoomId, ScheduledId, WorkspaceId


@event("message_scheduled")
@frozen
class MessageScheduled(Event):
    """Something is to be said at a time. `content` is None where the words were changed, said or given up since; a later
    event tells."""

    id: ScheduledId
    workspace_id: WorkspaceId
    room_id: RoomId
    content: str | None
    send_at: datetime
    created_at: datetime
    reason: str | None = None


@event("scheduled_changed")
@frozen
class ScheduledChanged(MessageScheduled):
    """It is to be said in other words or at another time: all of it, as it is now."""


@event("scheduled_failed")
@frozen
class ScheduledFailed(Event):
    """Its time came, and it could not be said: `reason` is the code of why. It waits for another time."""

    scheduled_id: ScheduledId
    workspace_id: WorkspaceId
    reason: str


@event("scheduled_cancelled")
@frozen
class ScheduledCancelled(Event):
    """It is not to be said after all."""

    scheduled_id: ScheduledId
    workspace_id: WorkspaceId


@event("scheduled_sent")
@frozen
class ScheduledSent(Event):
    """It was said: `message_id` is the message in the room."""

    scheduled_id: ScheduledId
    workspace_id: WorkspaceId
    room_id: RoomId
    message_id: MessageId
