"""What one wants to say later, folded from one's inbox."""

from typing import Any

from attrs import define, evolve, field

from ..application.messages.scheduling import ListScheduled
from ..application.messages.views import ScheduledView
from ..domain.kernel.errors import NotFound
from ..domain.kernel.event import Event
from ..domain.kernel.ids import ScheduledId, WorkspaceId
from ..domain.messages.scheduled_events import MessageScheduled, ScheduledCancelled, ScheduledFailed, ScheduledSent
from ..domain.workspaces.events import WorkspaceExited
from .asking import PAGE, Ask, whole


@define
class ScheduledFold:
    """By workspace; `at` is where each was read."""

    workspaces: dict[WorkspaceId, dict[ScheduledId, ScheduledView]] = field(factory=dict)
    at: dict[WorkspaceId, int] = field(factory=dict)

    async def load(self, ask: Ask, workspace_id: WorkspaceId) -> None:
        try:
            listed, position = await whole(ask, ListScheduled(workspace_id, limit=PAGE))
        except NotFound:
            return  # lost since; an event will say so
        self.workspaces[workspace_id] = {s.id: s for s in listed}
        self.at[workspace_id] = position.offset

    def apply(self, offset: int, event: Event) -> None:
        match event:
            case MessageScheduled() | ScheduledFailed() | ScheduledCancelled() | ScheduledSent() | WorkspaceExited():
                if offset > self.at.get(event.workspace_id, 0):
                    self._apply(event)
            case _:
                pass

    def _apply(self, event: Any) -> None:
        waiting = self.workspaces.setdefault(event.workspace_id, {})
        match event:
            case MessageScheduled(id_, workspace_id, room_id, content, send_at, created_at, reason):
                waiting[id_] = ScheduledView(id_, workspace_id, room_id, content or "", send_at, created_at, reason)
            case ScheduledFailed(id_, _, reason) if id_ in waiting:
                waiting[id_] = evolve(waiting[id_], reason=reason)
            case ScheduledCancelled(id_) | ScheduledSent(id_):
                waiting.pop(id_, None)
            case WorkspaceExited():
                waiting.clear()
            case _:
                pass

    def shown(self) -> dict[str, Any]:
        """In the order of the list."""
        by = {w: sorted(waiting.values(), key=lambda s: (s.send_at, s.id)) for w, waiting in self.workspaces.items()}
        return {str(w): waiting for w, waiting in sorted(by.items()) if waiting}
