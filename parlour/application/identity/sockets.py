"""What administrators of the instance see of open sockets, and send to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

from attrs import frozen

from ...domain.identity.ports import Users
from ...domain.kernel.errors import TooLarge, invalid
from ...domain.kernel.event import event_class
from ...domain.kernel.ids import UserId, WorkspaceId
from ...domain.workspaces.ports import Workspaces
from ..kernel.actor import Actor
from ..kernel.authorizer import Policy
from ..kernel.catalogue import Command, Query
from ..kernel.constraints import Pattern
from ..kernel.limits import Limits
from ..kernel.ports import Codec, People
from .instance import check_administrator

OWN_FRAMES = frozenset(
    {
        "welcome", "result", "error", "subscribed", "unsubscribed", "ping", "pong", "at", "presence", "typing",
        "user_joined", "user_left", "closed",
    }
)  # fmt: skip
"""What frames of the protocol are called; those of events are taken as well."""

FrameType = Annotated[
    str, Pattern(r"[a-z][a-z0-9_.:\-]{0,63}", "small letters, digits and _ . : -, beginning with a letter")
]


@frozen
class Here:
    """Somebody with open sockets on this server."""

    user_id: UserId
    connections: int
    connected_at: datetime
    last_seen_at: datetime


@frozen
class SocketStats:
    """What this server does, since it began: bytes and counts; `uptime` in seconds."""

    connections: int
    users: int
    rooms: int
    frames_in: int
    frames_out: int
    frames_dropped: int
    bytes_in: int
    bytes_out: int
    messages: int
    memory: int
    uptime: float


class OpenSockets(Protocol):
    """The sockets of this server. `Conflict` (`not_serving`) in a process that serves none."""

    def online(self) -> Sequence[Here]:
        """Who is here, those who came first at the front."""

    def stats(self) -> SocketStats: ...

    def show(self, frame: bytes, user_ids: Sequence[UserId] | None) -> int:
        """Show a frame to some users, or to everybody; to how many sockets here. Other servers that are reached show it too.
        Best effort: who is away does not get it later."""

    async def clean_up(self) -> int:
        """Look again at every socket here, and close those whose session or token is over; how many."""


@frozen
class OnlineView:
    """Somebody who is connected to this server."""

    user_id: UserId
    username: str
    state: str
    connections: int
    connected_at: datetime
    last_seen_at: datetime


@frozen
class Delivered:
    """To how many sockets of this server."""

    delivered: int


@frozen
class Closed:
    """How many sockets were closed."""

    closed: int


@frozen
class ListOnline(Query[list[OnlineView]]):
    """Who is connected to this server."""


async def list_online(
    query: ListOnline, actor: Actor, users: Users, policy: Policy, sockets: OpenSockets, people: People
) -> list[OnlineView]:
    await check_administrator(policy, actor, users)
    here = sockets.online()
    named = await people.named([h.user_id for h in here])
    return [
        OnlineView(
            h.user_id, named[h.user_id].username if h.user_id in named else str(h.user_id), "online", h.connections,
            h.connected_at, h.last_seen_at,
        )
        for h in here
    ]  # fmt: skip


@frozen
class GetSocketStats(Query[SocketStats]):
    """What this server does."""


async def get_socket_stats(
    query: GetSocketStats, actor: Actor, users: Users, policy: Policy, sockets: OpenSockets
) -> SocketStats:
    await check_administrator(policy, actor, users)
    return sockets.stats()


@frozen
class SendFrame(Command[Delivered]):
    """Show a frame to all open sockets of a user. `type` is one that neither the protocol nor an event has."""

    user_id: UserId
    type: FrameType
    data: dict[str, Any]


async def send_frame(
    command: SendFrame, actor: Actor, users: Users, policy: Policy, sockets: OpenSockets, codec: Codec, limits: Limits
) -> Delivered:
    await check_administrator(policy, actor, users)
    return Delivered(sockets.show(_frame(command.type, command.data, codec, limits), [command.user_id]))


@frozen
class BroadcastFrame(Command[Delivered]):
    """Show a frame to all open sockets, or to those of the members of a workspace."""

    type: FrameType
    data: dict[str, Any]
    workspace_id: WorkspaceId | None = None


async def broadcast_frame(
    command: BroadcastFrame, actor: Actor, users: Users, policy: Policy, sockets: OpenSockets, workspaces: Workspaces,
    codec: Codec, limits: Limits,
) -> Delivered:  # fmt: skip
    await check_administrator(policy, actor, users)
    members = await workspaces.member_ids(command.workspace_id) if command.workspace_id is not None else None
    return Delivered(sockets.show(_frame(command.type, command.data, codec, limits), members))


@frozen
class CleanUpSockets(Command[Closed]):
    """Look again at every open socket of this server, and close those whose session or token is over."""


async def clean_up_sockets(
    command: CleanUpSockets, actor: Actor, users: Users, policy: Policy, sockets: OpenSockets
) -> Closed:
    await check_administrator(policy, actor, users)
    return Closed(await sockets.clean_up())


def _frame(kind: str, data: Mapping[str, Any], codec: Codec, limits: Limits) -> bytes:
    if kind in OWN_FRAMES or event_class(kind) is not None:
        raise invalid("type", "reserved", "The protocol, or an event, has frames of this type.")
    frame: bytes = codec.encode({"type": kind, "data": data})
    if len(frame) > limits.frame_bytes:
        raise TooLarge(f"A frame has at most {limits.frame_bytes:,} bytes.")
    return frame
