"""What workspaces do when something happens."""

from ...domain.identity.events import SignedUp
from ...domain.kernel.ids import UserId
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ...domain.workspaces.events import WorkspaceDeleted, WorkspaceExited
from ...domain.workspaces.ports import Workspaces
from ...domain.workspaces.workspace import Workspace, WorkspaceType
from ..kernel.ports import Clock, LiveConnections
from ..kernel.uow import LoggedEvent, UnitOfWork
from .commands import found_workspace


async def when_user_signs_up_make_a_personal_workspace(
    event: SignedUp, stream: Stream, uow: UnitOfWork, workspaces: Workspaces, clock: Clock
) -> None:
    workspace = Workspace(
        id=event.workspace_id,
        name=event.name,
        name_key=folded(event.name),
        type=WorkspaceType.PERSONAL,
        owner_id=event.user_id,
        created_at=clock.now(),
    )
    await found_workspace(uow, workspaces, workspace)


def when_workspace_is_lost_recheck_its_member(
    event: WorkspaceExited, logged: LoggedEvent, live: LiveConnections
) -> None:
    live.recheck_user(UserId(logged.stream.owner))


def when_workspace_is_deleted_recheck_its_followers(
    event: WorkspaceDeleted, logged: LoggedEvent, live: LiveConnections
) -> None:
    live.recheck_topic(str(logged.stream.topic))
