"""Folding events into a snapshot, as a client does: one class for each kind of topic.

A fold is loaded from queries, each with the position it was read at; an event changes only the parts that were read
before it. Lists are folded so that an event that comes twice does no harm: their later pages are read later.
"""

from typing import Any, Protocol
from uuid import UUID

from attrs import define, evolve, field

from ..application.identity.blocks import ListBlocks
from ..application.identity.queries import GetMe
from ..application.identity.views import MeView
from ..application.kernel.page import PositionView
from ..application.kernel.retention import OwnRule
from ..application.messages.queries import ListMessages
from ..application.messages.views import MessageView
from ..application.presence.queries import GetPresence
from ..application.rooms.queries import GetRoom, ListChannels, ListMembers, ListRooms
from ..application.rooms.views import RoomView
from ..application.workspaces.queries import GetWorkspace, ListWorkspaceMembers, ListWorkspaces
from ..application.workspaces.views import WorkspaceView
from ..domain.identity.events import AdminChanged, ProfileUpdated, UserBlocked, UserStateChanged, UserUnblocked
from ..domain.identity.user import UserState
from ..domain.kernel.errors import NotFound
from ..domain.kernel.event import Event
from ..domain.kernel.ids import RoomId, UserId, WorkspaceId
from ..domain.messages import events as talk
from ..domain.messages.besides import Thread
from ..domain.presence.events import PresenceChosen
from ..domain.rooms import events as rooms
from ..domain.rooms import own_events as own
from ..domain.workspaces import events as workspaces
from ..domain.workspaces.workspace import WorkspaceRole
from .asking import PAGE, Ask, pages, whole
from .fold_messages import as_last, marked
from .followed import FollowedFold
from .member_folds import Members, fold_members
from .own_rooms import NOT_OF_THE_ROOM, keep, kept_of
from .said import gone, shown_as, unquoted
from .scheduled_fold import ScheduledFold


class Fold(Protocol):
    """A snapshot that is kept true by events. `position` is where following begins."""

    position: PositionView

    def apply(self, offset: int, event: Event) -> None: ...

    def shown(self) -> dict[str, Any]:
        """What is to equal a fresh query."""


@define
class RoomFold:
    """`room:<id>`: the room, its members, its messages."""

    position: PositionView
    room: RoomView
    members: Members
    messages: dict[UUID, MessageView]
    at: dict[str, int] = field(factory=dict)
    read_at: dict[UUID, int] = field(factory=dict)
    me: UserId | None = None

    @classmethod
    async def load(cls, ask: Ask, room_id: UUID) -> "RoomFold":
        said = await pages(ask, ListMessages(RoomId(room_id), limit=PAGE), back=True)
        start = said[0][1]
        people, then = await whole(ask, ListMembers(RoomId(room_id), limit=PAGE))
        room: RoomView = await ask(GetRoom(RoomId(room_id)))
        at = {"messages": start.offset, "members": then.offset, "room": room.offset or 0}
        members = {m.user_id: (str(m.role), m.joined_at, m.muted, m.muted_until) for m in people}
        read_at = {m.id: position.offset for page, position in said for m in page}
        return cls(start, room, members, {m.id: m for page, _ in said for m in page}, at, read_at, ask.actor.user_id)

    def apply(self, offset: int, event: Event) -> None:
        if offset > self.at["room"]:
            self._room(event)
        if offset > self.at["members"]:
            fold_members(self.members, event)
        if offset > self.at["messages"]:
            self._messages(offset, event)

    def _room(self, event: Event) -> None:
        match event:
            case rooms.RoomUpdated(_, name, description, updated_at, topic):
                self.room = evolve(self.room, name=name, description=description, topic=topic, updated_at=updated_at)
            case rooms.RoomPasswordChanged(_, has_password, updated_at):
                self.room = evolve(self.room, has_password=has_password, updated_at=updated_at)
            case rooms.RoomArchived(_, archived):
                self.room = evolve(self.room, archived=archived)
            case rooms.RoomRetentionChanged(_, own, days):
                self.room = evolve(self.room, own_retention=OwnRule(days) if own else None)
            case rooms.HistoryCut(_, gone_to):
                self.room = evolve(self.room, gone_to=gone_to)
            case rooms.OwnerChanged(_, owner_id, _):
                self.room = evolve(self.room, owner_id=owner_id)
            case rooms.MemberJoined():
                self.room = evolve(self.room, members_count=self.room.members_count + 1)
            case rooms.MemberLeft():
                self.room = evolve(self.room, members_count=self.room.members_count - 1)
            case _:
                pass

    def _messages(self, offset: int, event: Event) -> None:
        match event:
            case talk.MessageSent():
                self.messages[event.id] = shown_as(event, offset)
                self._thread(event.reply_to, event.thread)
            case talk.QuotesGone(_, message_ids):
                self.messages |= {i: unquoted(self.messages[i]) for i in message_ids if i in self.messages}
            case rooms.HistoryCut(_, gone_to):
                self.messages = {m.id: m for m in self.messages.values() if (m.number or 0) > gone_to}
            case talk.MessageEdited(message_id, content, edited_at) if message_id in self.messages:
                present = self.messages[message_id]
                words = present.content if content is None else content
                self.messages[message_id] = evolve(present, content=words, edited_at=edited_at)
            case talk.MessageDeleted(message_id, deleted_at, reply_to, thread) if message_id in self.messages:
                self.messages[message_id] = gone(self.messages[message_id], deleted_at)
                self._thread(reply_to, thread)
            case talk.ReactionAdded() | talk.ReactionRemoved() | talk.MessagePinned() | talk.MessageUnpinned():
                there = self.messages.get(event.message_id)
                if there is not None and offset > self.read_at.get(there.id, 0):  # what is counted must not come twice
                    self.messages[there.id] = marked(there, event, self.me)
            case _:
                pass

    def _thread(self, first: UUID | None, thread: Thread | None) -> None:
        """What became of a thread, as the newest event says."""
        if first is not None and first in self.messages:
            self.messages[first] = evolve(self.messages[first], thread=thread)

    def shown(self) -> dict[str, Any]:
        said = sorted(self.messages.values(), key=lambda m: m.number or 0)
        last = as_last(said[-1]) if said else None
        room = evolve(self.room, epoch=None, offset=None, last_message=last, **NOT_OF_THE_ROOM)
        return {"room": room, "members": dict(sorted(self.members.items())), "messages": said}


@define
class WorkspaceFold:
    """`workspace:<id>`: the workspace, its members, its public channels."""

    position: PositionView
    workspace: WorkspaceView
    members: dict[UserId, tuple[str, Any]]
    channels: dict[RoomId, tuple[Any, ...]]
    at: dict[str, int] = field(factory=dict)

    @classmethod
    async def load(cls, ask: Ask, key: UUID) -> "WorkspaceFold":
        workspace_id = WorkspaceId(key)
        people, start = await whole(ask, ListWorkspaceMembers(workspace_id, limit=PAGE))
        listed, then = await whole(ask, ListChannels(workspace_id, limit=PAGE))
        workspace = await ask(GetWorkspace(workspace_id))  # read last: what it shows is set whole by events
        members = {m.user_id: (str(m.role), m.joined_at) for m in people}
        channels = {r.id: (r.name, r.description, r.archived, r.topic, r.has_password) for r in listed}
        return cls(start, workspace, members, channels, {"members": start.offset, "channels": then.offset})

    def apply(self, offset: int, event: Event) -> None:
        match event:
            case workspaces.WorkspaceRenamed(_, name):
                self.workspace = evolve(self.workspace, name=name)
            case workspaces.WorkspaceRetentionChanged(_, kept, days, decide):
                self.workspace = evolve(self.workspace, retention=OwnRule(days) if kept else None, rooms_decide=decide)
            case workspaces.WorkspaceOwnerChanged(_, owner_id, _):
                self.workspace = evolve(self.workspace, owner_id=owner_id)
            case _:
                pass
        if offset > self.at["members"]:
            self._members(event)
        if offset > self.at["channels"]:
            self._channels(event)

    def _members(self, event: Event) -> None:
        match event:
            case workspaces.WorkspaceMemberJoined(_, user_id, role, joined_at):
                self.members[user_id] = (role, joined_at)
            case workspaces.WorkspaceMemberLeft(_, user_id):
                self.members.pop(user_id, None)
            case workspaces.WorkspaceMemberRoleChanged(_, user_id, role):
                self._role(user_id, role)
            case workspaces.WorkspaceOwnerChanged(_, owner_id, former_owner_id):
                self._role(former_owner_id, "admin")
                self._role(owner_id, "owner")
            case _:
                pass

    def _role(self, user_id: UserId, role: str) -> None:
        if user_id in self.members:
            self.members[user_id] = (role, self.members[user_id][1])

    def _channels(self, event: Event) -> None:
        match event:
            case rooms.ChannelCreated(room_id, name, description, topic, has_password):
                self.channels[room_id] = (name, description, False, topic, has_password)
            case rooms.ChannelUpdated(room_id, name, description, archived, topic, has_password):
                self.channels[room_id] = (name, description, archived, topic, has_password)
            case rooms.ChannelDeleted(room_id):
                self.channels.pop(room_id, None)
            case _:
                pass

    def shown(self) -> dict[str, Any]:
        return {
            "workspace": evolve(self.workspace, role=WorkspaceRole.MEMBER),
            "members": dict(sorted(self.members.items())),
            "channels": dict(sorted(self.channels.items())),
        }


@define
class UserFold:
    """`user:<id>`: one's profile, which workspaces and which rooms one has, with what one keeps of each for oneself, whom
    one blocks. Hosts keep profiles of their own."""

    position: PositionView
    me: MeView | None
    rooms: dict[WorkspaceId, dict[RoomId, dict[str, Any]]]
    blocked: set[UserId]
    at: dict[WorkspaceId, int] = field(factory=dict)
    chosen: tuple[str, Any] = ("online", None)
    threads: FollowedFold = field(factory=FollowedFold)
    scheduled: ScheduledFold = field(factory=ScheduledFold)

    @classmethod
    async def load(cls, ask: Ask, key: UUID) -> "UserFold":
        listed, start = await whole(ask, ListWorkspaces(limit=PAGE))
        blocked, _ = await whole(ask, ListBlocks(limit=PAGE))  # an event that comes twice does no harm to a set
        fold = cls(start, None, {w.id: {} for w in listed}, {b.user_id for b in blocked})
        for workspace in listed:
            try:
                mine, then = await whole(ask, ListRooms(workspace.id, limit=PAGE))
            except NotFound:
                continue  # lost since; an event will say so
            fold.rooms[workspace.id] = {r.id: kept_of(r) for r in mine}
            fold.at[workspace.id] = then.offset
            await fold.scheduled.load(ask, workspace.id)
            for room in mine:
                await fold.threads.load(ask, room.id, workspace.id)
        for presence in await ask(GetPresence([UserId(key)])):
            fold.chosen = (str(presence.chosen), presence.until)
        try:
            fold.me = await ask(GetMe())  # read last: what it shows is set whole by events
        except NotFound:
            fold.me = None
        return fold

    def apply(self, offset: int, event: Event) -> None:
        self.threads.apply(offset, event)
        self.scheduled.apply(offset, event)
        match event:
            case workspaces.WorkspaceEntered(workspace_id):
                self.rooms.setdefault(workspace_id, {})
            case workspaces.WorkspaceExited(workspace_id):
                if offset > self.at.get(workspace_id, 0):
                    self.rooms.pop(workspace_id, None)
            case rooms.RoomEntered(_, workspace_id):
                if offset > self.at.get(workspace_id, 0):
                    keep(self.rooms.setdefault(workspace_id, {}), event)
            case rooms.RoomExited(room_id, workspace_id):
                if offset > self.at.get(workspace_id, 0):
                    self.rooms.get(workspace_id, {}).pop(room_id, None)
            case own.ReadMarked() | own.NotificationsChanged() | own.FavouritesChanged():
                if offset > self.at.get(event.workspace_id, 0):
                    keep(self.rooms.get(event.workspace_id, {}), event)
            case _:
                self._oneself(event)

    def _oneself(self, event: Event) -> None:
        match event:
            case UserBlocked(user_id):
                self.blocked.add(user_id)
            case UserUnblocked(user_id):
                self.blocked.discard(user_id)
            case PresenceChosen(_, state, until):
                self.chosen = (state, until)
            case ProfileUpdated(_, name, avatar_url, status) if self.me is not None:
                self.me = evolve(self.me, name=name, avatar_url=avatar_url, status=status)
            case UserStateChanged(_, state) if self.me is not None:
                self.me = evolve(self.me, state=UserState(state))
            case AdminChanged(_, is_admin) if self.me is not None:
                self.me = evolve(self.me, permissions=["instance:administer"] if is_admin else [])
            case _:
                pass

    def shown(self) -> dict[str, Any]:
        me = evolve(self.me, updated_at=self.me.created_at, permissions=[]) if self.me is not None else None
        mine = {w: dict(sorted(r.items())) for w, r in sorted(self.rooms.items())}
        own = {"chosen": self.chosen, "threads": self.threads.shown(), "scheduled": self.scheduled.shown()}
        return {"me": me, "rooms": mine, "blocked": sorted(self.blocked), **own}
