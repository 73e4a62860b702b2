"""Making rooms: the same steps for whoever needs one."""

from attrs import frozen

from ...domain.identity.ports import Blocks
from ...domain.kernel.errors import Forbidden, invalid
from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.keeping import KeepRule
from ...domain.kernel.streams import Stream
from ...domain.rooms import events
from ...domain.rooms.own import ReadMark
from ...domain.rooms.ports import Rooms
from ...domain.rooms.room import Room, RoomKind, RoomMember, RoomRole, direct_key_of, new_room
from ..kernel.ports import Clock, Ids
from ..kernel.uow import Recorded, UnitOfWork
from .access import stream_of
from .membership import tell_entered
from .own import OwnView
from .showing import showing
from .views import RoomReader, RoomView


@frozen
class Founded:
    """A room, and whether it was made just now; its view is whole when the unit has ended."""

    room: Room
    role: RoomRole
    told: Recorded | None
    rule: KeepRule | None = None
    found: RoomView | None = None

    @property
    def new(self) -> bool:
        return self.found is None

    @property
    def view(self) -> RoomView:
        new = OwnView(0, ReadMark())
        place = self.told.place if self.told else None
        return self.found or RoomView.of(self.room, self.role, place, own=new, rule=self.rule)


@frozen
class Founding:
    """Makes rooms in the current unit of work."""

    rooms: Rooms
    reader: RoomReader
    blocks: Blocks
    clock: Clock
    ids: Ids

    async def found(
        self, uow: UnitOfWork, workspace_id: WorkspaceId, kind: RoomKind, name: str | None, description: str | None,
        founders: list[UserId], *, topic: str | None = None, password_hash: str | None = None,
    ) -> Founded:  # fmt: skip
        """Make a room for some founders, who are members of the workspace, and tell everybody it concerns."""
        await self._check_in_workspace(workspace_id, founders)
        room_id = RoomId(self.ids.new())
        room, members = new_room(
            room_id, workspace_id, kind, name, description, founders, self.clock.now(), topic=topic,
            password_hash=password_hash,
        )  # fmt: skip
        await self.rooms.add(room, members)
        told = await _tell_created(uow, room, members)
        return Founded(room, members[0].role, told, await self.reader.rule(room))

    async def direct(self, uow: UnitOfWork, workspace_id: WorkspaceId, pair: list[UserId]) -> Founded:
        """The direct room of two people: the one they have, or a new one."""
        present = await self.rooms.direct(workspace_id, direct_key_of(*pair))
        if present is None:
            await self.check_may_talk(pair)
            return await self.found(uow, workspace_id, RoomKind.DIRECT, None, None, pair)
        await self._check_in_workspace(workspace_id, pair)
        shown = await showing(self.reader, pair[0], present, RoomRole.MEMBER)
        return Founded(present, RoomRole.MEMBER, None, found=shown.view)

    async def check_may_talk(self, pair: list[UserId]) -> None:
        """Neither of two people writes to the other while one of them blocks the other."""
        if await self.blocks.between(*pair):
            raise Forbidden("One of you two has blocked the other.", code="blocked")

    async def _check_in_workspace(self, workspace_id: WorkspaceId, user_ids: list[UserId]) -> None:
        """Whoever comes into a room is a member of its workspace; who is not, is not known here."""
        known = set(await self.reader.in_workspace(workspace_id, user_ids))
        if any(user_id not in known for user_id in user_ids):
            raise invalid("member_ids", "unknown_member", "Not all of these are members of the workspace.")


async def _tell_created(uow: UnitOfWork, room: Room, members: list[RoomMember]) -> Recorded:
    created = events.RoomCreated(
        room.id, room.workspace_id, room.kind, room.name, room.description, room.owner_id, room.topic, room.locked
    )
    told = await uow.record(stream_of(room), created)
    for member in members:
        told = await tell_entered(uow, room, member, ReadMark())
    if room.kind is RoomKind.PUBLIC_CHANNEL and room.name is not None:
        channel = events.ChannelCreated(room.id, room.name, room.description, room.topic, room.locked)
        await uow.record(Stream.of_workspace(room.workspace_id), channel)
    return told
