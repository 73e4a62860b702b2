"""What identity does when something happens."""

from ...domain.identity.events import AdminChanged, SessionEnded, TokenEnded, UserStateChanged, WorkspaceSwitched
from ...domain.identity.ports import AccessTokens, Sessions
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.workspaces.events import WorkspaceExited
from ..kernel.ports import LiveConnections
from ..kernel.uow import LoggedEvent
from .signing import Authenticator


async def when_workspace_is_lost_leave_it_in_every_session(
    event: WorkspaceExited, stream: Stream, sessions: Sessions, tokens: AccessTokens
) -> None:
    await sessions.leave_workspace(event.workspace_id, UserId(stream.owner))
    await tokens.leave_workspace(event.workspace_id, UserId(stream.owner))


def when_session_ends_close_its_sockets(
    event: SessionEnded, logged: LoggedEvent, authenticator: Authenticator, live: LiveConnections
) -> None:
    authenticator.forget_session(event.session_id)
    live.recheck_user(UserId(logged.stream.owner))


def when_token_ends_close_its_sockets(
    event: TokenEnded, logged: LoggedEvent, authenticator: Authenticator, live: LiveConnections
) -> None:
    authenticator.bearers.forget(event.token_id)
    live.recheck_user(UserId(logged.stream.owner))


def when_session_switches_workspace_read_it_again(
    event: WorkspaceSwitched, logged: LoggedEvent, authenticator: Authenticator
) -> None:
    authenticator.forget_session(event.session_id)


def when_workspace_is_lost_read_sessions_again(
    event: WorkspaceExited, logged: LoggedEvent, authenticator: Authenticator
) -> None:
    authenticator.forget_user(UserId(logged.stream.owner))


def when_rights_of_a_user_change_read_sessions_again(
    event: UserStateChanged | AdminChanged, logged: LoggedEvent, authenticator: Authenticator, live: LiveConnections
) -> None:
    authenticator.forget_user(event.user_id)
    live.recheck_user(event.user_id)
