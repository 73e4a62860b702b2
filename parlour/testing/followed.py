"""The threads one follows and how far one has read them, folded from one's inbox."""

from typing import Any

from attrs import define, field

from ..application.messages.threads import ListThreads
from ..domain.kernel.errors import Forbidden, NotFound
from ..domain.kernel.event import Event
from ..domain.kernel.ids import MessageId, RoomId, WorkspaceId
from ..domain.messages.events import ThreadFollowed, ThreadRead
from ..domain.rooms.events import RoomExited
from ..domain.workspaces.events import WorkspaceExited
from .asking import PAGE, Ask, pages


@define
class FollowedFold:
    """By room, each with the number up to which its replies are read; `at` is where each room was read."""

    rooms: dict[RoomId, dict[MessageId, int | None]] = field(factory=dict)
    workspaces: dict[RoomId, WorkspaceId] = field(factory=dict)
    at: dict[RoomId, int] = field(factory=dict)

    async def load(self, ask: Ask, room_id: RoomId, workspace_id: WorkspaceId) -> None:
        try:
            read = await pages(ask, ListThreads(room_id, limit=PAGE), back=True)
        except (NotFound, Forbidden):
            return  # lost since; an event will say so
        self.rooms[room_id] = {m.id: m.followed.read_number for items, _ in read for m in items if m.followed}
        self.at[room_id] = read[0][1].offset
        self.workspaces[room_id] = workspace_id

    def apply(self, offset: int, event: Event) -> None:
        match event:
            case ThreadFollowed(message_id, room_id, workspace_id) if offset > self.at.get(room_id, 0):
                self.workspaces[room_id] = workspace_id
                followed = self.rooms.setdefault(room_id, {})
                followed.pop(message_id, None)
                if event.following:
                    followed[message_id] = event.read_number
            case ThreadRead(message_id, room_id, _, read_number) if offset > self.at.get(room_id, 0):
                followed = self.rooms.setdefault(room_id, {})
                if message_id in followed:
                    followed[message_id] = read_number
            case RoomExited(room_id):
                self._forget(offset, room_id)
            case WorkspaceExited(workspace_id):
                for room_id in [r for r, w in self.workspaces.items() if w == workspace_id]:
                    self._forget(offset, room_id)
            case _:
                pass

    def _forget(self, offset: int, room_id: RoomId) -> None:
        if offset > self.at.get(room_id, 0):
            self.rooms.pop(room_id, None)

    def shown(self) -> dict[str, Any]:
        return {str(room_id): sorted(marks.items()) for room_id, marks in sorted(self.rooms.items()) if marks}
