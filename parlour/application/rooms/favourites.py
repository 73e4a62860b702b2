"""How dear a room is to one, and how loud: nobody else learns of it."""

from typing import Annotated

from attrs import frozen

from ...domain.kernel.ids import RoomId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream
from ...domain.rooms.own import FAVOURITES_AT_MOST, NotificationLevel, placed
from ...domain.rooms.own_events import FavouritesChanged, NotificationsChanged
from ...domain.rooms.ports import OwnRooms
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Query
from ..kernel.constraints import Between
from ..kernel.uow import UnitOfWork
from ..workspaces.access import access_workspace, current_workspace
from ..workspaces.views import WorkspaceStandings
from .own import OwnReader, access_own


@frozen
class FavouritesView:
    """One's favourites in a workspace, in the order one has given them."""

    workspace_id: WorkspaceId
    room_ids: list[RoomId]


@frozen
class NotificationsView:
    """What one wants to be told of in a room."""

    room_id: RoomId
    notifications: NotificationLevel


@frozen
class PutFavourite(Command[FavouritesView]):
    """Put a room at a place among one's favourites of its workspace, counted from 0; with none, at their end. A room that is
    among them moves."""

    room_id: RoomId
    place: Annotated[int, Between(0, FAVOURITES_AT_MOST)] | None = None


async def put_favourite(
    command: PutFavourite, actor: Actor, uow: UnitOfWork, own_rooms: OwnRooms, reader: OwnReader, policy: Policy
) -> FavouritesView:
    async with uow:
        own, _ = await access_own(reader, policy, actor, command.room_id)
        before = await own_rooms.favourites(own.workspace_id, own.user_id)
        after = placed(before, own.room_id, command.place)
        return await _keep(uow, own_rooms, own.workspace_id, own.user_id, before, after)


@frozen
class RemoveFavourite(Command[FavouritesView]):
    """Take a room out of one's favourites. One that is not among them is left alone."""

    room_id: RoomId


async def remove_favourite(
    command: RemoveFavourite, actor: Actor, uow: UnitOfWork, own_rooms: OwnRooms, reader: OwnReader, policy: Policy
) -> FavouritesView:
    async with uow:
        own, _ = await access_own(reader, policy, actor, command.room_id)
        before = await own_rooms.favourites(own.workspace_id, own.user_id)
        after = [r for r in before if r != own.room_id]
        return await _keep(uow, own_rooms, own.workspace_id, own.user_id, before, after)


async def _keep(
    uow: UnitOfWork, own_rooms: OwnRooms, workspace_id: WorkspaceId, user_id: UserId, before: list[RoomId],
    after: list[RoomId],
) -> FavouritesView:  # fmt: skip
    if after != before:
        await own_rooms.save_favourites(workspace_id, user_id, before, after)
        await uow.record(Stream.of_user(user_id), FavouritesChanged(workspace_id, after))
    return FavouritesView(workspace_id, after)


@frozen
class GetFavourites(Query[FavouritesView]):
    """One's favourites in a workspace: the one named, or the one this session works in."""

    workspace_id: WorkspaceId | None = None


async def get_favourites(
    query: GetFavourites, actor: Actor, standings: WorkspaceStandings, policy: Policy, reader: OwnReader
) -> FavouritesView:
    workspace_id = current_workspace(actor, query.workspace_id)
    await access_workspace(standings, policy, actor, workspace_id, P.WORKSPACE_READ)
    return FavouritesView(workspace_id, await reader.favourites_of(workspace_id, actor.known))


@frozen
class SetNotifications(Command[NotificationsView]):
    """Say what one wants to be told of in a room: `all`, `mentions` or `none`. What is unread stays the same."""

    room_id: RoomId
    notifications: NotificationLevel


async def set_notifications(
    command: SetNotifications, actor: Actor, uow: UnitOfWork, own_rooms: OwnRooms, reader: OwnReader, policy: Policy
) -> NotificationsView:
    level = command.notifications
    async with uow:
        own, _ = await access_own(reader, policy, actor, command.room_id)
        if own.notifications is not level:
            await own_rooms.set_notifications(own, level)
            await uow.record(Stream.of_user(own.user_id), NotificationsChanged(own.room_id, own.workspace_id, level))
    return NotificationsView(command.room_id, level)
