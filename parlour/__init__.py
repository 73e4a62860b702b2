"""parlour: team chat as a library.

The commands and queries, and what they answer, are plain classes; `open` gives an instance to run them on.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .homes import HOMES

if TYPE_CHECKING:
    from .application.identity.blocks import BlockUser, ListBlocks, UnblockUser
    from .application.identity.commands import (
        ChangePassword,
        CreateTicket,
        EndSession,
        Refresh,
        SignIn,
        SignOut,
        SignUp,
        UpdateProfile,
    )
    from .application.identity.instance import (
        EndUserSession,
        FindUser,
        ListAllUsers,
        ListUserSessions,
        ReactivateUser,
        SetAdmin,
        SuspendUser,
    )
    from .application.identity.queries import GetMe, ListSessions
    from .application.kernel.about import GetConfig
    from .application.kernel.actor import Actor
    from .application.kernel.authorizer import BuiltinPolicy, Policy
    from .application.kernel.batch import Batch, BatchItem
    from .application.kernel.catalogue import Change, Command, Feature, Query, use_case
    from .application.kernel.explain import Explain
    from .application.kernel.page import Page, PositionView
    from .application.kernel.ports import Names, People, Person
    from .application.kernel.uow import TransactionUnfit
    from .application.kernel.wiring import Scoped
    from .application.messages.commands import DeleteMessage, EditMessage, SendDirectMessage, SendMessage
    from .application.messages.edits import ListEdits
    from .application.messages.forwarding import ForwardMessage
    from .application.messages.pins import ListPinned, PinMessage, UnpinMessage
    from .application.messages.queries import GetMessage, ListMessages
    from .application.messages.reacting import AddReaction, ListReactors, RemoveReaction
    from .application.messages.readers import ListReaders
    from .application.messages.threads import FollowThread, ListReplies, ListThreads, UnfollowThread
    from .application.presence.commands import SetPresence
    from .application.presence.queries import GetPresence
    from .application.presence.typing import ShowTyping
    from .application.rooms.commands import ArchiveRoom, CreateRoom, DeleteRoom, UpdateRoom
    from .application.rooms.favourites import GetFavourites, PutFavourite, RemoveFavourite, SetNotifications
    from .application.rooms.members import AddMembers, JoinRoom, LeaveRoom, RemoveMembers, UpdateMember
    from .application.rooms.moderation import BanMember, UnbanMember
    from .application.rooms.queries import GetRoom, ListBans, ListChannels, ListEvents, ListMembers, ListRooms
    from .application.rooms.reading import MarkRead, MarkUnread
    from .application.rooms.unread import GetUnread, ListUnread
    from .application.workspaces.commands import (
        AddWorkspaceMember,
        ChangeWorkspaceRole,
        CreateWorkspace,
        DeleteWorkspace,
        RemoveWorkspaceMember,
        RenameWorkspace,
        SwitchWorkspace,
    )
    from .application.workspaces.invitations import (
        AcceptInvitation,
        CreateInvitation,
        GetInvitation,
        ListInvitations,
        RevokeInvitation,
    )
    from .application.workspaces.queries import GetWorkspace, ListUsers, ListWorkspaceMembers, ListWorkspaces
    from .config.features import Module
    from .config.settings import Settings
    from .domain.kernel.decisions import Allowed, Decision, Refused
    from .domain.kernel.errors import DomainError
    from .domain.kernel.event import Event
    from .domain.kernel.ids import MessageId, RoomId, UserId, WorkspaceId, host_id
    from .domain.kernel.permissions import Permission
    from .domain.messages.events import MessageSent
    from .domain.messages.message import MessageType
    from .domain.rooms.own import NotificationLevel
    from .domain.rooms.room import RoomKind, RoomRole
    from .domain.workspaces.workspace import WorkspaceRole
    from .entrypoints.library.chat import Chat, Consumer
    from .entrypoints.library.inside import Inside

__version__ = "0.1.0"

__all__ = [
    "AcceptInvitation",
    "Actor",
    "AddMembers",
    "AddReaction",
    "AddWorkspaceMember",
    "Allowed",
    "ArchiveRoom",
    "BanMember",
    "Batch",
    "BatchItem",
    "BlockUser",
    "BuiltinPolicy",
    "Change",
    "ChangePassword",
    "ChangeWorkspaceRole",
    "Chat",
    "Command",
    "CreateInvitation",
    "CreateRoom",
    "CreateTicket",
    "CreateWorkspace",
    "Decision",
    "DeleteMessage",
    "DeleteRoom",
    "DeleteWorkspace",
    "DomainError",
    "EditMessage",
    "EndSession",
    "EndUserSession",
    "Event",
    "Explain",
    "Feature",
    "FindUser",
    "FollowThread",
    "ForwardMessage",
    "GetConfig",
    "GetFavourites",
    "GetInvitation",
    "GetMe",
    "GetMessage",
    "GetPresence",
    "GetRoom",
    "GetUnread",
    "GetWorkspace",
    "Inside",
    "JoinRoom",
    "LeaveRoom",
    "ListAllUsers",
    "ListBans",
    "ListBlocks",
    "ListChannels",
    "ListEdits",
    "ListEvents",
    "ListInvitations",
    "ListMembers",
    "ListMessages",
    "ListPinned",
    "ListReactors",
    "ListReaders",
    "ListReplies",
    "ListRooms",
    "ListSessions",
    "ListThreads",
    "ListUnread",
    "ListUserSessions",
    "ListUsers",
    "ListWorkspaceMembers",
    "ListWorkspaces",
    "MarkRead",
    "MarkUnread",
    "MessageId",
    "MessageSent",
    "MessageType",
    "Names",
    "NotificationLevel",
    "Page",
    "People",
    "Permission",
    "Person",
    "PinMessage",
    "Policy",
    "PositionView",
    "PutFavourite",
    "Query",
    "ReactivateUser",
    "Refresh",
    "Refused",
    "RemoveFavourite",
    "RemoveMembers",
    "RemoveReaction",
    "RemoveWorkspaceMember",
    "RenameWorkspace",
    "RevokeInvitation",
    "RoomId",
    "RoomKind",
    "RoomRole",
    "Scoped",
    "SendDirectMessage",
    "SendMessage",
    "SetAdmin",
    "SetNotifications",
    "SetPresence",
    "ShowTyping",
    "SignIn",
    "SignOut",
    "SignUp",
    "SuspendUser",
    "SwitchWorkspace",
    "TransactionUnfit",
    "UnbanMember",
    "UnblockUser",
    "UnfollowThread",
    "UnpinMessage",
    "UpdateMember",
    "UpdateProfile",
    "UpdateRoom",
    "UserId",
    "WorkspaceId",
    "WorkspaceRole",
    "host_id",
    "open",
    "use_case",
]


if not TYPE_CHECKING:  # a type checker sees the imports above, and a misspelt name

    def __getattr__(name: str) -> Any:
        for home, names in HOMES.items():
            if name in names.split():
                value = globals()[name] = getattr(import_module(f".{home}", __name__), name)
                return value
        raise AttributeError(f"parlour has no {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def open(
    path: str = ":memory:",
    *,
    given: Mapping[type, Any] | None = None,
    modules: "Sequence[Module]" = (),
    consumers: "Mapping[str, Consumer] | None" = None,
    settings: "Settings | None" = None,
) -> "AbstractAsyncContextManager[Chat]":
    """An instance of parlour in this program's event loop. `path` is a SQLite file, `:memory:` one that is gone afterwards,
    or the URL of a PostgreSQL database (`postgresql://…`).

    `given` replaces ports by the host's own adapters: `{People: my_people, Policy: my_policy}`; a port that works in a
    unit of work is given as `Scoped(factory)`. `modules` are the host's own features.
    `consumers` have every event, by the name of their group, also those committed while the program was down. `settings` are the limits and
    times to keep to, and the file of flags that switches modules on; where the store is, `path` says.

        async with parlour.open("chat.db") as chat:
            room = await chat.execute(parlour.CreateRoom(...), actor)
    """
    from .config.main import open_chat

    return open_chat(path, given=given, modules=modules, consumers=consumers, settings=settings)
