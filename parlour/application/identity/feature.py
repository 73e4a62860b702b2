"""The identity feature, as the catalogue knows it."""

from uuid import UUID

from ...domain.identity.events import AdminChanged, SessionEnded, TokenEnded, UserStateChanged, WorkspaceSwitched
from ...domain.kernel.ids import UserId
from ...domain.kernel.permissions import Permission as P
from ...domain.kernel.streams import Stream, TopicKind
from ...domain.workspaces.events import WorkspaceExited
from ..kernel.actor import Way
from ..kernel.authorizer import UserFacts
from ..kernel.catalogue import Chore, Feature, ResourceKind, everywhere, in_unit, use_case
from ..kernel.mail import POSTS_OWN
from ..kernel.retention import SCHEDULERS_OWN
from . import blocks, commands, extensions, instance, proofs, queries, reactions, sockets, status, tokens, upkeep


async def user_facts(user_id: UUID, asker: UserId) -> UserFacts | None:
    """A user's inbox is there for themselves alone."""
    return UserFacts(Stream.of_user(asker), asker) if user_id == asker else None


NO_SOCKET = {Way.WEBSOCKET: "a socket opens with a token; get it by HTTP", Way.BATCH: "tokens are not part of a batch"}

IDENTITY = Feature(
    "identity",
    use_cases=(
        use_case(commands.sign_up, strangers=True, secret=True, slow=True, rates=("sign_up",), absent=NO_SOCKET),
        use_case(
            commands.sign_in,
            strangers=True,
            secret=True,
            slow=True,
            rates=("sign_in", "sign_in_name"),
            absent=NO_SOCKET,
        ),
        use_case(commands.refresh, strangers=True, secret=True, rates=("sign_in",), absent=NO_SOCKET),
        use_case(commands.sign_out, scope=P.USER_SESSION_MANAGE),
        use_case(commands.end_session, scope=P.USER_SESSION_MANAGE),
        use_case(commands.change_password, slow=True, rates=("password",), scope=P.USER_PASSWORD_CHANGE),
        use_case(commands.update_profile, scope=P.USER_PROFILE_UPDATE),
        use_case(commands.create_ticket, secret=True),
        use_case(blocks.block_user, scope=P.USER_BLOCK_MANAGE),
        use_case(blocks.unblock_user, scope=P.USER_BLOCK_MANAGE),
        use_case(blocks.list_blocks, scope=P.USER_BLOCK_MANAGE),
        use_case(tokens.create_token, secret=True, scope=P.USER_TOKEN_MANAGE),
        use_case(tokens.revoke_token, scope=P.USER_TOKEN_MANAGE),
        use_case(tokens.list_tokens, scope=P.USER_TOKEN_MANAGE),
        use_case(proofs.request_password_reset, strangers=True, rates=("letters", "letters_name"), absent=NO_SOCKET),
        use_case(proofs.reset_password, strangers=True, slow=True, rates=("sign_in",), absent=NO_SOCKET),
        use_case(proofs.request_email_proof, rates=("letters",), scope=P.USER_PROFILE_UPDATE),
        use_case(proofs.prove_email, strangers=True, rates=("sign_in",), absent=NO_SOCKET),
        use_case(proofs.write_reset_letter, absent=POSTS_OWN),
        use_case(proofs.write_email_letter, absent=POSTS_OWN),
        use_case(extensions.get_user_extensions),
        use_case(extensions.replace_user_extensions),
        use_case(extensions.patch_user_extensions),
        use_case(queries.get_me, scope=P.USER_READ),
        use_case(queries.list_sessions, scope=P.USER_SESSION_MANAGE),
        use_case(instance.suspend_user),
        use_case(instance.reactivate_user),
        use_case(instance.set_admin),
        use_case(instance.end_user_session),
        use_case(instance.find_user),
        use_case(instance.list_all_users),
        use_case(instance.list_user_sessions),
        use_case(sockets.list_online),
        use_case(sockets.get_socket_stats),
        use_case(sockets.send_frame),
        use_case(sockets.broadcast_frame),
        use_case(sockets.clean_up_sockets),
        use_case(status.end_status, absent=SCHEDULERS_OWN),
        use_case(upkeep.forget_sessions, absent=SCHEDULERS_OWN),
    ),
    resources=(ResourceKind(TopicKind.USER, user_facts, P.USER_READ),),
    reactions=(
        in_unit(WorkspaceExited, reactions.when_workspace_is_lost_leave_it_in_every_session),
        everywhere(TokenEnded, reactions.when_token_ends_close_its_sockets),
        everywhere(SessionEnded, reactions.when_session_ends_close_its_sockets),
        everywhere(WorkspaceSwitched, reactions.when_session_switches_workspace_read_it_again),
        everywhere(WorkspaceExited, reactions.when_workspace_is_lost_read_sessions_again),
        everywhere(UserStateChanged, reactions.when_rights_of_a_user_change_read_sessions_again),
        everywhere(AdminChanged, reactions.when_rights_of_a_user_change_read_sessions_again),
    ),
    chores=(Chore(upkeep.ForgetSessions(), 3600),),
)
