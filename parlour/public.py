"""The names that `parlour` offers; it loads them when the first of them is asked for."""

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
from .application.identity.extensions import GetUserExtensions, PatchUserExtensions, ReplaceUserExtensions
from .application.identity.instance import (
    EndUserSession,
    FindUser,
    ListAllUsers,
    ListUserSessions,
    ReactivateUser,
    SetAdmin,
    SuspendUser,
)
from .application.identity.proofs import ProveEmail, RequestEmailProof, RequestPasswordReset, ResetPassword
from .application.identity.queries import GetMe, ListSessions
from .application.identity.sockets import BroadcastFrame, CleanUpSockets, GetSocketStats, ListOnline, SendFrame
from .application.identity.tokens import CreateToken, ListTokens, RevokeToken
from .application.kernel.about import GetConfig
from .application.kernel.actor import Actor
from .application.kernel.authorizer import BuiltinPolicy, Policy
from .application.kernel.batch import Batch, BatchItem
from .application.kernel.catalogue import Change, Command, Feature, Query, use_case
from .application.kernel.explain import Explain
from .application.kernel.mail import Letter, LetterRefused, Mailer
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
from .application.messages.scheduling import CancelScheduled, ChangeScheduled, ListScheduled, ScheduleMessage
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
from .application.rooms.retention import ClearRoomRetention, SetRoomRetention
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
from .application.workspaces.letters import ResendInvitation
from .application.workspaces.queries import GetWorkspace, ListUsers, ListWorkspaceMembers, ListWorkspaces
from .application.workspaces.retention import ClearWorkspaceRetention, SetWorkspaceRetention
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
