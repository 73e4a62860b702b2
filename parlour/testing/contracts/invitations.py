"""Invitations: used as often as they may be, however many race."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...domain.kernel.ids import WorkspaceId
from ...domain.workspaces.invitation import Invitation
from .people import a_workspace, invitation_to
from .store import Broken
from .support import NOW, House, later


async def _kept(house: House, *invitations: Invitation) -> None:
    async def work(unit: Work) -> None:
        for invitation in invitations:
            await house.invitations(unit).add(invitation)

    await house.done(work)


def _use(house: House, invitation: Invitation) -> Callable[[Work], Awaitable[bool]]:
    return lambda unit: house.invitations(unit).use(invitation.id, NOW)


@pytest.mark.row("WS3")
class InvitationsContract:
    """`Invitations`. Asks for `house`."""

    async def test_it_is_found_by_its_digest(self, house: House) -> None:
        made = invitation_to(await a_workspace(house), max_uses=3, expires_at=later(60))
        invitation = evolve(made, email="Ada@example.org")
        await _kept(house, invitation)
        async with house.store.snapshot() as snapshot:
            assert await house.invitations(snapshot).by_digest(invitation.digest) == invitation
            assert await house.invitations(snapshot).by_digest(b"another") is None
            assert await house.invitations(snapshot).get(invitation.workspace_id, invitation.id) == invitation
            assert await house.invitations(snapshot).get(WorkspaceId(uuid4()), invitation.id) is None

    async def test_of_racing_joins_one_gets_the_last_use(self, house: House) -> None:
        invitation = evolve(invitation_to(await a_workspace(house), max_uses=3), uses=2)
        await _kept(house, invitation)
        used = await asyncio.gather(*(house.done(_use(house, invitation)) for _ in range(20)))
        assert used.count(True) == 1

    async def test_a_use_that_failed_later_is_free_again(self, house: House) -> None:
        invitation = invitation_to(await a_workspace(house), max_uses=1)
        await _kept(house, invitation)

        async def failing(unit: Work) -> None:
            assert await _use(house, invitation)(unit)
            raise Broken

        with pytest.raises(Broken):
            await house.done(failing)
        assert await house.done(_use(house, invitation))
        assert not await house.done(_use(house, invitation))

    async def test_one_without_limits_is_used_for_ever(self, house: House) -> None:
        invitation = invitation_to(await a_workspace(house))
        await _kept(house, invitation)
        assert all([await house.done(_use(house, invitation)) for _ in range(5)])

    async def test_what_is_over_or_withdrawn_is_not_used(self, house: House) -> None:
        workspace = await a_workspace(house)
        over, withdrawn = invitation_to(workspace, expires_at=NOW), invitation_to(workspace)
        usable = evolve(invitation_to(workspace, expires_at=later(1)), created_at=later(-60))
        newer = invitation_to(workspace)
        await _kept(house, over, withdrawn, usable, newer)

        async def revoke(unit: Work) -> Invitation | None:
            return await house.invitations(unit).revoke(workspace.id, withdrawn.id, NOW)

        assert await house.done(revoke) == evolve(withdrawn, revoked_at=NOW)
        assert await house.done(revoke) is None, "withdrawn twice"
        assert [await house.done(_use(house, i)) for i in (over, withdrawn, usable)] == [False, False, True]
        async with house.store.snapshot() as snapshot:
            listed = await house.workspace_reader(snapshot).invitations(workspace.id, NOW)
        assert [i.id for i in listed] == [newer.id, usable.id]

    async def test_all_of_one_maker_are_withdrawn_at_once(self, house: House) -> None:
        workspace, other = await a_workspace(house), await a_workspace(house, "other")
        one, two = invitation_to(workspace), invitation_to(workspace)
        anothers = evolve(invitation_to(workspace), created_by=other.owner_id)
        elsewhere = evolve(invitation_to(other), created_by=workspace.owner_id)
        await _kept(house, one, two, anothers, elsewhere)

        async def revoke(unit: Work) -> int:
            return await house.invitations(unit).revoke_of(workspace.id, workspace.owner_id, NOW)

        assert [await house.done(revoke), await house.done(revoke)] == [2, 0]
        assert [await house.done(_use(house, i)) for i in (one, two, anothers, elsewhere)] == [False, False, True, True]

    @pytest.mark.row("WS4")
    async def test_those_of_another_workspace_are_not_withdrawn(self, house: House) -> None:
        invitation, other = invitation_to(await a_workspace(house)), await a_workspace(house, "other")
        await _kept(house, invitation)

        async def revoke(workspace_id: WorkspaceId) -> Invitation | None:
            return await house.done(lambda unit: house.invitations(unit).revoke(workspace_id, invitation.id, NOW))

        assert await revoke(other.id) is None
        assert await house.done(_use(house, invitation))
