"""What identity forgets by itself."""

from datetime import timedelta

from attrs import frozen

from ...domain.identity.ports import Sessions, Tickets
from ..kernel.catalogue import Command
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork

KEPT = timedelta(days=7)


@frozen
class Forgotten:
    """How many were removed."""

    sessions: int
    tickets: int


@frozen
class ForgetSessions(Command[Forgotten]):
    """Remove sessions that ended or expired a week ago, and spent tickets."""


async def forget_sessions(
    command: ForgetSessions, uow: UnitOfWork, sessions: Sessions, tickets: Tickets, clock: Clock
) -> Forgotten:
    async with uow:
        gone = await sessions.forget_expired(clock.now() - KEPT)
        return Forgotten(gone, await tickets.forget_expired(clock.now()))
