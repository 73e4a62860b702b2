"""A status that ends by itself."""

from datetime import datetime

from attrs import frozen

from ...domain.identity.events import ProfileUpdated
from ...domain.identity.ports import Users
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ..kernel.catalogue import Command
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork
from .views import Done


@frozen
class EndStatus(Command[Done]):
    """Take away a status whose time is over; one with a later end stays."""

    user_id: UserId


async def end_status(command: EndStatus, uow: UnitOfWork, users: Users, clock: Clock) -> Done:
    async with uow:
        user = await users.get(command.user_id)
        ended = user.without_ended_status(clock.now()) if user is not None else None
        if ended is not None and ended is not user:
            await users.save(ended)
            shown = ProfileUpdated(ended.id, ended.name, ended.avatar_url, ended.status)
            await uow.record(Stream.of_user(ended.id), shown)
    return Done()


async def end_status_at(uow: UnitOfWork, user_id: UserId, at: datetime) -> None:
    await uow.schedule(f"status:{user_id}", at, "end_status", {"user_id": str(user_id)})
