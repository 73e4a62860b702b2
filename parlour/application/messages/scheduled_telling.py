"""Telling somebody's devices of what they want to say later: the words once, where the newest event of it stands."""

from attrs import evolve

from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.ports import Schedule
from ...domain.messages.scheduled import Scheduled
from ...domain.messages.scheduled_events import MessageScheduled
from ...domain.workspaces.events import WorkspaceEntered
from ..kernel.uow import Place, UnitOfWork


async def tell(
    uow: UnitOfWork, schedule: Schedule, scheduled: Scheduled, kind: type[MessageScheduled] = MessageScheduled
) -> None:
    """Tell of one as it is now, and let the event that told of it before carry its words no more."""
    s = scheduled

    async def told(place: Place) -> MessageScheduled:
        present = await schedule.held(s.id)
        if present is not None:
            await forget_words(uow, present)
            await schedule.told(s.id, place.offset)
        words = s.content if present is not None else None  # called off in the same transaction
        return kind(s.id, s.workspace_id, s.room_id, words, s.send_at, s.created_at, s.reason)

    await uow.place(Stream.of_user(s.author_id), told)


async def forget_words(uow: UnitOfWork, scheduled: Scheduled) -> None:
    """Let the newest event that tells of one carry its words no more."""
    if scheduled.told_offset is not None:
        await uow.rewrite(Stream.of_user(scheduled.author_id), scheduled.told_offset, _without_words)


def _without_words(event: MessageScheduled) -> MessageScheduled:
    return evolve(event, content=None)


async def when_member_enters_workspace_give_them_back_what_they_wanted_to_say(
    event: WorkspaceEntered, stream: Stream, uow: UnitOfWork, schedule: Schedule
) -> None:
    """As they left it: their devices have forgotten it with the workspace."""
    for scheduled in await schedule.all_of(event.workspace_id, UserId(stream.owner)):
        await tell(uow, schedule, scheduled)
