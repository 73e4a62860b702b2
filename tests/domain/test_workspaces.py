"""Workspaces and invitations."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from parlour.domain.kernel.errors import Conflict, Invalid
from parlour.domain.kernel.text import checked_name
from parlour.domain.workspaces.invitation import LIFETIME, Invitation, check_role
from parlour.domain.workspaces.workspace import Workspace, WorkspaceRole, WorkspaceType
from parlour.testing.entities import invitations, workspaces
from parlour.testing.strategies import NOON, times
from parlour.testing.text import names, unfit


@pytest.mark.row("WS1")
@given(workspaces())
def test_a_personal_workspace_is_its_users_alone_and_stays(workspace: Workspace) -> None:
    if workspace.type is WorkspaceType.PERSONAL:
        for change in (workspace.check_takes_members, lambda: workspace.deleted(NOON)):
            with pytest.raises(Conflict) as error:
                change()
            assert error.value.code == "personal_workspace"
    else:
        workspace.check_takes_members()
        assert workspace.deleted(NOON).deleted_at == NOON


@given(names())
def test_a_name_is_kept_as_written(name: str) -> None:
    assert checked_name(name) == name


@given(unfit() | st.sampled_from(["", " ", "\u3000", "x" * 256]))
def test_a_name_that_cannot_be_shown_is_refused_at_its_field(name: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_name(name, "title")
    assert error.value.faults[0].pointer == "/title"


def usable(invitation: Invitation, now: datetime) -> str | None:
    """Why it cannot be used, spelt out."""
    if invitation.revoked_at is not None:
        return "invitation_revoked"
    if invitation.expires_at is not None and not now < invitation.expires_at:
        return "invitation_expired"
    most = 1 if invitation.email is not None else invitation.max_uses
    left = None if most is None else most - invitation.uses
    return "invitation_used_up" if left is not None and left <= 0 else None


@pytest.mark.row("WS3")
@given(invitations(), times())
def test_an_invitation_is_good_until_withdrawn_over_or_used_up(invitation: Invitation, now: datetime) -> None:
    reason = usable(invitation, now)
    if reason is None:
        invitation.check_usable(now)
    else:
        with pytest.raises(Conflict) as error:
            invitation.check_usable(now)
        assert error.value.code == reason


@pytest.mark.row("WS3")
@given(invitations())
def test_an_invitation_ends_in_its_very_moment(invitation: Invitation) -> None:
    fresh = evolve(invitation, revoked_at=None, expires_at=NOON, max_uses=None, email=None)
    fresh.check_usable(NOON - timedelta(microseconds=1))
    with pytest.raises(Conflict):
        fresh.check_usable(NOON)
    evolve(fresh, expires_at=None).check_usable(NOON + timedelta(days=9999))


@pytest.mark.row("WS3")
def test_nobody_becomes_the_owner_by_a_link() -> None:
    assert LIFETIME.total_seconds() == 72 * 3600
    assert check_role(WorkspaceRole.ADMIN) is WorkspaceRole.ADMIN
    assert check_role(WorkspaceRole.MEMBER) is WorkspaceRole.MEMBER
    with pytest.raises(Invalid):
        check_role(WorkspaceRole.OWNER)
