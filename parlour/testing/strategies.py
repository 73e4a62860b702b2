"""Hypothesis strategies for the commands of the catalogue and for entities; `entities.py` holds the latter.

Commands name things by `Known`: pools of ids. By default these are stand-ins (`ROOMS[0]`, …) that a script replaces
by the things it has made, so that a failing example reads the same whenever it is run.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from attrs import frozen
from hypothesis import strategies as st

from ..application.identity import blocks, extensions, instance
from ..application.identity import commands as identity
from ..application.kernel.batch import Batch, BatchItem
from ..application.kernel.catalogue import Command
from ..application.messages import commands as messages
from ..application.messages import forwarding, pins, reacting, scheduling, threads
from ..application.presence import commands as presence
from ..application.presence.typing import ShowTyping
from ..application.rooms import commands as rooms
from ..application.rooms import favourites, members, moderation, reading
from ..application.rooms import retention as room_retention
from ..application.workspaces import commands as workspaces
from ..application.workspaces import invitations
from ..application.workspaces import retention as workspace_retention
from ..domain.kernel.ids import InvitationId, MessageId, RoomId, ScheduledId, SessionId, UserId, WorkspaceId
from ..domain.messages.message import MessageType
from ..domain.presence.presence import Availability
from ..domain.rooms.own import NotificationLevel
from ..domain.rooms.room import RoomKind, RoomRole
from ..domain.workspaces.workspace import WorkspaceRole
from .text import contents, emoji, names, objects, passwords, printable, room_passwords, usernames

T = TypeVar("T")
S = st.SearchStrategy

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def stand_in(kind: int, number: int) -> UUID:
    """The id that stands for the `number`th thing of a kind; the two can be read from it."""
    return UUID(int=(0xF << 124) + (kind << 64) + number)


def _pool(kind: int, many: int) -> tuple[UUID, ...]:
    return tuple(stand_in(kind, n) for n in range(many))


USERS = tuple(UserId(i) for i in _pool(1, 4))
WORKSPACES = tuple(WorkspaceId(i) for i in _pool(2, 2))
ROOMS = tuple(RoomId(i) for i in _pool(3, 4))
MESSAGES = tuple(MessageId(i) for i in _pool(4, 4))
INVITATIONS = tuple(InvitationId(i) for i in _pool(5, 2))
SESSIONS = tuple(SessionId(i) for i in _pool(6, 2))
SCHEDULED = tuple(ScheduledId(i) for i in _pool(8, 2))
TOKENS = ("invitation-0", "invitation-1")
LOGINS = ("alice", "bob")


@frozen
class Known:
    """The things that commands may name."""

    users: tuple[UserId, ...] = USERS
    workspaces: tuple[WorkspaceId, ...] = WORKSPACES
    rooms: tuple[RoomId, ...] = ROOMS
    messages: tuple[MessageId, ...] = MESSAGES
    invitations: tuple[InvitationId, ...] = INVITATIONS
    sessions: tuple[SessionId, ...] = SESSIONS
    scheduled: tuple[ScheduledId, ...] = SCHEDULED
    tokens: tuple[str, ...] = TOKENS
    logins: tuple[str, ...] = LOGINS


def pick(pool: tuple[T, ...]) -> S[T]:
    return st.sampled_from(pool)


def times() -> S[datetime]:
    """Times that say their offset, around noon of New Year's Day 2026."""
    return st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours))


def later() -> S[datetime]:
    """Times that are not over yet."""
    return times().map(lambda at: at.replace(year=at.year + 100))


def days() -> S[int | None]:
    """How long messages are kept; None for ever."""
    return st.sampled_from((1, 2, None))


def some_users(known: Known, low: int = 1) -> S[list[UserId]]:
    return st.lists(pick(known.users), min_size=low, max_size=3, unique=True)


def _change(kind: Any, **fields: S[Any]) -> S[Any]:
    """A command that sends some of its optional fields: those of `fields` whose names begin with `maybe_`."""
    fixed = {n: s for n, s in fields.items() if not n.startswith("maybe_")}
    maybe = {n.removeprefix("maybe_"): s for n, s in fields.items() if n.startswith("maybe_")}
    return st.fixed_dictionaries(fixed, optional=maybe).map(lambda given: kind.of(**given))


def _create_room(k: Known) -> S[rooms.CreateRoom]:
    where = pick(k.workspaces)

    def room(kind: RoomKind, name: S[str | None], others: S[list[UserId]]) -> S[rooms.CreateRoom]:
        text = st.none() | printable(high=80, lines=True)
        password = st.none() | room_passwords() if kind.is_channel else st.none()
        topic = st.none() | printable(high=80)
        return st.builds(
            rooms.CreateRoom, st.just(kind), name=name, description=text, member_ids=others, workspace_id=where,
            topic=topic, password=password,
        )  # fmt: skip

    nobody: S[list[UserId]] = st.just([])
    return (
        room(RoomKind.PUBLIC_CHANNEL, names(), nobody)
        | room(RoomKind.PRIVATE_CHANNEL, names(), some_users(k, 0))
        | room(RoomKind.GROUP, st.none() | names(), some_users(k, 2))
        | room(RoomKind.DIRECT, st.none(), some_users(k))
    )


def _update_room(k: Known) -> S[rooms.UpdateRoom]:
    words = st.none() | printable(high=80, lines=True)
    topic, password = st.none() | printable(high=80), st.none() | room_passwords()
    return _change(
        rooms.UpdateRoom, room_id=pick(k.rooms), maybe_name=st.none() | names(), maybe_description=words,
        maybe_topic=topic, maybe_password=password,
    )  # fmt: skip


def _update_member(k: Known) -> S[members.UpdateMember]:
    who: dict[str, S[Any]] = {"room_id": pick(k.rooms), "user_id": pick(k.users)}
    role = _change(members.UpdateMember, **who, role=st.sampled_from(RoomRole))
    muted = _change(members.UpdateMember, **who, muted=st.just(True), maybe_muted_until=st.none() | times())
    return role | muted | _change(members.UpdateMember, **who, muted=st.just(False))


def _update_profile(k: Known) -> S[identity.UpdateProfile]:
    emoji, until = st.none() | st.just("🌴"), st.none() | times()
    status = st.builds(identity.StatusInput, printable(), emoji=emoji, until=until)
    picture = st.none() | st.just("https://example.org/a.png")
    return _change(
        identity.UpdateProfile, maybe_name=names(), maybe_avatar_url=picture, maybe_status=st.none() | status
    )


def _create_invitation(k: Known) -> S[invitations.CreateInvitation]:
    return _change(
        invitations.CreateInvitation,
        workspace_id=pick(k.workspaces),
        maybe_role=st.sampled_from(WorkspaceRole),
        maybe_max_uses=st.none() | st.integers(1, 3),
        maybe_expires_at=st.none() | times(),
    )


def _change_scheduled(k: Known) -> S[scheduling.ChangeScheduled]:
    return _change(
        scheduling.ChangeScheduled, scheduled_id=pick(k.scheduled), maybe_content=contents(), maybe_send_at=times()
    )


def _sign_up(k: Known) -> S[identity.SignUp]:
    email = st.integers(0, 10**6).map(lambda n: f"user{n}@example.org")
    return st.builds(identity.SignUp, usernames(), email, passwords(), st.none() | names())


def _marks(kind: Any, k: Known) -> S[Any]:
    """A read mark by a message's number, which may be past the head, or by its id, which may be of another room."""
    by_id = st.builds(kind, pick(k.rooms), message_id=pick(k.messages))
    return st.builds(kind, pick(k.rooms), st.integers(1, 6)) | by_id


def _send_message(k: Known) -> S[messages.SendMessage]:
    called = st.sampled_from(["@bob hi", "hi @carol, @alice", "@room", "`@bob` and @nobody"])
    beside: dict[str, S[Any]] = {
        "type": st.sampled_from(MessageType),
        "reply_to": pick(k.messages),
        "mentions": some_users(k, 0),
        "quote": pick(k.messages),
    }
    fixed: dict[str, S[Any]] = {"room_id": pick(k.rooms), "content": contents() | called}
    return st.fixed_dictionaries(fixed, optional=beside).map(lambda given: messages.SendMessage(**given))


def answers(k: Known, rooms: tuple[RoomId, ...]) -> S[messages.SendMessage]:
    """Replies among the first messages, and what calls people: what most talk is not."""
    reply = st.builds(messages.SendMessage, pick(rooms), contents(), reply_to=pick(k.messages))
    return reply | st.builds(messages.SendMessage, pick(rooms), st.sampled_from(["@bob", "@alice @carol", "@all"]))


def _batch(k: Known) -> S[Batch]:
    """Messages and joins, all or each, by plain values as they come over the wire."""
    said = st.builds(
        lambda r, c: BatchItem("send_message", {"room_id": str(r), "content": c}), pick(k.rooms), contents()
    )
    joined = pick(k.rooms).map(lambda r: BatchItem("join_room", {"room_id": str(r)}))
    left = pick(k.rooms).map(lambda r: BatchItem("leave_room", {"room_id": str(r)}))
    return st.builds(Batch, st.sampled_from(["all", "each"]), st.lists(said | joined | left, min_size=1, max_size=4))


_secret = st.sampled_from(["correct horse", "wrong horse battery"])

COMMANDS: Mapping[type[Command[Any]], Callable[[Known], S[Any]]] = {
    identity.SignUp: _sign_up,
    identity.SignIn: lambda k: st.builds(identity.SignIn, login=pick(k.logins), password=_secret),
    identity.Refresh: lambda k: st.builds(identity.Refresh, pick(k.tokens)),
    identity.SignOut: lambda k: st.just(identity.SignOut()),
    identity.EndSession: lambda k: st.builds(identity.EndSession, pick(k.sessions)),
    identity.ChangePassword: lambda k: st.builds(identity.ChangePassword, _secret, passwords()),
    identity.UpdateProfile: _update_profile,
    blocks.BlockUser: lambda k: st.builds(blocks.BlockUser, pick(k.users)),
    blocks.UnblockUser: lambda k: st.builds(blocks.UnblockUser, pick(k.users)),
    identity.CreateTicket: lambda k: st.just(identity.CreateTicket()),
    extensions.ReplaceUserExtensions: lambda k: st.builds(extensions.ReplaceUserExtensions, pick(k.users), objects()),
    extensions.PatchUserExtensions: lambda k: st.builds(extensions.PatchUserExtensions, pick(k.users), objects()),
    instance.SuspendUser: lambda k: st.builds(instance.SuspendUser, pick(k.users)),
    instance.ReactivateUser: lambda k: st.builds(instance.ReactivateUser, pick(k.users)),
    instance.SetAdmin: lambda k: st.builds(instance.SetAdmin, pick(k.logins), st.booleans()),
    instance.EndUserSession: lambda k: st.builds(instance.EndUserSession, pick(k.sessions)),
    workspaces.CreateWorkspace: lambda k: st.builds(workspaces.CreateWorkspace, names()),
    workspaces.RenameWorkspace: lambda k: st.builds(workspaces.RenameWorkspace, pick(k.workspaces), names()),
    workspaces.DeleteWorkspace: lambda k: st.builds(workspaces.DeleteWorkspace, pick(k.workspaces)),
    workspaces.SwitchWorkspace: lambda k: st.builds(workspaces.SwitchWorkspace, pick(k.workspaces)),
    workspaces.AddWorkspaceMember: lambda k: st.builds(
        workspaces.AddWorkspaceMember, pick(k.workspaces), pick(k.users), st.sampled_from(WorkspaceRole)
    ),
    workspaces.ChangeWorkspaceRole: lambda k: st.builds(
        workspaces.ChangeWorkspaceRole, pick(k.workspaces), pick(k.users), st.sampled_from(WorkspaceRole)
    ),
    workspaces.RemoveWorkspaceMember: lambda k: st.builds(
        workspaces.RemoveWorkspaceMember, pick(k.workspaces), pick(k.users)
    ),
    invitations.CreateInvitation: _create_invitation,
    invitations.AcceptInvitation: lambda k: st.builds(invitations.AcceptInvitation, pick(k.tokens)),
    invitations.RevokeInvitation: lambda k: st.builds(
        invitations.RevokeInvitation, pick(k.workspaces), pick(k.invitations)
    ),
    presence.SetPresence: lambda k: st.builds(presence.SetPresence, st.sampled_from(Availability), st.none() | later()),
    ShowTyping: lambda k: st.builds(ShowTyping, pick(k.rooms)),
    rooms.CreateRoom: _create_room,
    rooms.UpdateRoom: _update_room,
    rooms.ArchiveRoom: lambda k: st.builds(rooms.ArchiveRoom, pick(k.rooms), st.booleans()),
    rooms.DeleteRoom: lambda k: st.builds(rooms.DeleteRoom, pick(k.rooms)),
    room_retention.SetRoomRetention: lambda k: st.builds(room_retention.SetRoomRetention, pick(k.rooms), days()),
    room_retention.ClearRoomRetention: lambda k: st.builds(room_retention.ClearRoomRetention, pick(k.rooms)),
    workspace_retention.SetWorkspaceRetention: lambda k: st.builds(
        workspace_retention.SetWorkspaceRetention, pick(k.workspaces), days(), st.booleans()
    ),
    workspace_retention.ClearWorkspaceRetention: lambda k: st.builds(
        workspace_retention.ClearWorkspaceRetention, pick(k.workspaces)
    ),
    members.JoinRoom: lambda k: st.builds(members.JoinRoom, pick(k.rooms), st.none() | room_passwords()),
    members.LeaveRoom: lambda k: st.builds(members.LeaveRoom, pick(k.rooms)),
    members.AddMembers: lambda k: st.builds(members.AddMembers, pick(k.rooms), some_users(k)),
    members.RemoveMembers: lambda k: st.builds(members.RemoveMembers, pick(k.rooms), some_users(k)),
    members.UpdateMember: _update_member,
    moderation.BanMember: lambda k: st.builds(
        moderation.BanMember, pick(k.rooms), pick(k.users), st.none() | times(), st.none() | printable(lines=True)
    ),
    moderation.UnbanMember: lambda k: st.builds(moderation.UnbanMember, pick(k.rooms), pick(k.users)),
    reading.MarkRead: lambda k: _marks(reading.MarkRead, k) | st.builds(reading.MarkRead, pick(k.rooms)),
    reading.MarkUnread: lambda k: _marks(reading.MarkUnread, k),
    favourites.PutFavourite: lambda k: st.builds(favourites.PutFavourite, pick(k.rooms), st.none() | st.integers(0, 3)),
    favourites.RemoveFavourite: lambda k: st.builds(favourites.RemoveFavourite, pick(k.rooms)),
    favourites.SetNotifications: lambda k: st.builds(
        favourites.SetNotifications, pick(k.rooms), st.sampled_from(NotificationLevel)
    ),
    messages.SendMessage: _send_message,
    messages.SendDirectMessage: lambda k: st.builds(
        messages.SendDirectMessage, pick(k.users), contents(), pick(k.workspaces)
    ),
    messages.EditMessage: lambda k: st.builds(messages.EditMessage, pick(k.messages), contents()),
    messages.DeleteMessage: lambda k: st.builds(messages.DeleteMessage, pick(k.messages)),
    forwarding.ForwardMessage: lambda k: st.builds(forwarding.ForwardMessage, pick(k.messages), pick(k.rooms)),
    threads.FollowThread: lambda k: st.builds(threads.FollowThread, pick(k.messages)),
    threads.UnfollowThread: lambda k: st.builds(threads.UnfollowThread, pick(k.messages)),
    reacting.AddReaction: lambda k: st.builds(reacting.AddReaction, pick(k.messages), emoji()),
    reacting.RemoveReaction: lambda k: st.builds(reacting.RemoveReaction, pick(k.messages), emoji()),
    pins.PinMessage: lambda k: st.builds(pins.PinMessage, pick(k.messages)),
    pins.UnpinMessage: lambda k: st.builds(pins.UnpinMessage, pick(k.messages)),
    scheduling.ScheduleMessage: lambda k: st.builds(scheduling.ScheduleMessage, pick(k.rooms), contents(), times()),
    scheduling.ChangeScheduled: _change_scheduled,
    scheduling.CancelScheduled: lambda k: st.builds(scheduling.CancelScheduled, pick(k.scheduled)),
    Batch: _batch,
}


def commands(known: Known | None = None, *, without: tuple[type[Command[Any]], ...] = ()) -> S[Command[Any]]:
    """Any command of the catalogue but some."""
    k = known or Known()
    return st.one_of([make(k) for kind, make in COMMANDS.items() if kind not in without])
