"""What identity forgets by itself."""

from datetime import timedelta

from attrs import frozen

from ...domain.identity.ports import AccessTokens, Proofs, Sessions, Tickets
from ..kernel.catalogue import Command
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork

KEPT = timedelta(days=7)


@frozen
class Forgotten:
    """How many were removed."""

    sessions: int
    tickets: int
    tokens: int
    proofs: int


@frozen
class ForgetSessions(Command[Forgotten]):
    """Remove sessions and tokens that ended or expired a week ago, spent tickets and proofs."""


async def forget_sessions(
    command: ForgetSessions,
    uow: UnitOfWork,
    sessions: Sessions,
    tickets: Tickets,
    tokens: AccessTokens,
    proofs: Proofs,
    clock: Clock,
) -> Forgotten:
    async with uow:
        now = clock.now()
        gone, spent = await sessions.forget_expired(now - KEPT), await tickets.forget_expired(now)
        return Forgotten(gone, spent, await tokens.forget_ended(now - KEPT), await proofs.forget_expired(now - KEPT))
