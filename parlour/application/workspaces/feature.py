"""The workspaces feature, as the catalogue knows it."""

from ...domain.identity.events import SignedUp
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import TopicKind
from ...domain.workspaces.events import (
    WorkspaceDeleted,
    WorkspaceExited,
    WorkspaceMemberLeft,
    WorkspaceMemberRoleChanged,
    WorkspaceOwnerChanged,
)
from ..kernel.catalogue import Feature, ResourceKind, everywhere, in_unit, use_case
from ..kernel.mail import POSTS_OWN
from . import commands, invitations, letters, queries, reactions, retention
from .access import workspace_facts

WORKSPACES = Feature(
    "workspaces",
    use_cases=(
        use_case(commands.create_workspace, scope=P.USER_WORKSPACE_CREATE),
        use_case(commands.rename_workspace),
        use_case(commands.delete_workspace),
        use_case(retention.set_workspace_retention),
        use_case(retention.clear_workspace_retention),
        use_case(commands.switch_workspace),
        use_case(commands.add_workspace_member),
        use_case(commands.change_workspace_role),
        use_case(commands.remove_workspace_member),
        use_case(invitations.create_invitation, secret=True, rates_with={"email": "letters"}),
        use_case(invitations.accept_invitation, scope=P.USER_WORKSPACE_JOIN),
        use_case(invitations.revoke_invitation),
        use_case(letters.resend_invitation, rates=("letters",)),
        use_case(letters.write_invitation_letter, absent=POSTS_OWN),
        use_case(invitations.get_invitation, strangers=True),
        use_case(invitations.list_invitations),
        use_case(queries.get_workspace),
        use_case(queries.list_workspaces, scope=P.USER_READ),
        use_case(queries.list_workspace_members),
        use_case(queries.list_users),
    ),
    resources=(ResourceKind(TopicKind.WORKSPACE, workspace_facts, P.WORKSPACE_READ),),
    reactions=(
        in_unit(SignedUp, reactions.when_user_signs_up_make_a_personal_workspace),
        in_unit(WorkspaceMemberLeft, reactions.when_member_leaves_withdraw_their_invitations),
        in_unit(WorkspaceMemberRoleChanged, reactions.when_member_loses_their_rank_withdraw_their_invitations),
        everywhere(WorkspaceExited, reactions.when_workspace_is_lost_recheck_its_member),
        everywhere(WorkspaceDeleted, reactions.when_workspace_is_deleted_recheck_its_followers),
        everywhere(WorkspaceMemberRoleChanged, reactions.when_role_in_workspace_changes_recheck_its_member),
        everywhere(WorkspaceOwnerChanged, reactions.when_workspace_is_handed_over_recheck_both),
    ),
)
