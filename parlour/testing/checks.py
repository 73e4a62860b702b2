"""What must be true of an instance and its clients at any time."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..application.kernel.actor import Actor
from ..application.rooms.queries import GetRoom, ListEvents, ListMembers
from ..application.workspaces.queries import GetWorkspace, ListWorkspaceMembers
from ..domain.kernel.errors import Forbidden, NotFound
from ..domain.kernel.ids import RoomId, WorkspaceId
from ..domain.rooms.room import RoomKind
from ..entrypoints.library.chat import Chat
from .asking import Ask, whole
from .client import Broken, Client, load
from .folds import RoomFold

SAID = {"text", "message_edited"}


async def may_follow(chat: Chat, actor: Actor, topic: str) -> bool:
    """Whether a query shows somebody what a topic is about."""
    kind, _, key = topic.partition(":")
    if kind == "user":
        return actor.user_id == UUID(key)
    try:
        query: Any = GetRoom(RoomId(UUID(key))) if kind == "room" else GetWorkspace(WorkspaceId(UUID(key)))
        await chat.execute(query, actor)
    except (NotFound, Forbidden):
        return False
    return True


async def check(chat: Chat, client: Client) -> None:
    """A client that may follow its topic catches up and equals a fresh query; one that may not is refused."""
    client.resume()
    if not await may_follow(chat, client.actor, client.topic):
        await client.ends()
        return
    fresh = await load(chat, client.actor, client.topic)
    await client.reaches(fresh.position.offset)
    assert client.fold is not None
    assert client.fold.shown() == fresh.shown(), f"{client.topic} as its client has it, and as a query shows it"
    if isinstance(fresh, RoomFold):
        _check_numbers(fresh)
        await _check_log(chat, client, fresh)


def _check_numbers(room: RoomFold) -> None:
    said = sorted(room.messages.values(), key=lambda m: m.number or 0)
    gone_to = room.room.gone_to
    numbers = [gone_to + n for n in range(1, len(said) + 1)]
    assert [m.number for m in said] == numbers, "messages are counted without a gap"
    if room.room.read_number is not None:
        unread = gone_to + len(said) - max(room.room.read_number, gone_to)
        assert room.room.unread == unread, "what is unread follows from numbers"
    offsets = [m.offset or 0 for m in said]
    assert offsets == sorted(set(offsets)), "messages stand in the order of their numbers"


async def _check_log(chat: Chat, client: Client, room: RoomFold) -> None:
    """The log shows what the client saw, each event in its place, and no words that a query would not show."""
    before = min(client.seen, default=1) - 1
    position = client.position
    assert position is not None
    events = await chat.execute(ListEvents(RoomId(room.room.id), position.epoch, before, limit=200), client.actor)
    seen = dict(client.seen)
    for event in events.items:
        if seen.pop(event.offset, event.id) != event.id:
            raise Broken(f"{client.topic}: another event was shown at {event.offset} than stands there")
        _check_words(event, room)
    if events.recovered and seen and len(events.items) < 200:
        raise Broken(f"{client.topic}: the events {sorted(seen)} were shown and are not in the log")


def _check_words(event: Any, room: RoomFold) -> None:
    if event.type in SAID and event.data["content"] is not None:
        message = room.messages[UUID(event.data.get("id") or event.data["message_id"])]
        assert event.data["content"] == message.content, "the log shows words that no query shows any more"


async def check_access(chat: Chat, actors: Mapping[str, Actor], things: Mapping[int, list[Any]]) -> None:
    """Exactly those see a workspace who are its members, and a room its members or, where it is public, they all; with a
    password, of them those who administer the workspace. Nobody who is banned, and none of those is a member."""
    for workspace_id in things[2]:
        seeing = await _seeing(chat, actors, f"workspace:{workspace_id}")
        if seeing:
            members = set(await _members(chat, seeing, ListWorkspaceMembers(workspace_id)))
            assert set(seeing) == _among(actors, members), f"who sees workspace {workspace_id}"
    for room_id in things[3]:
        seeing = await _seeing(chat, actors, f"room:{room_id}")
        if seeing:
            first = next(iter(seeing.values()))
            room = await chat.execute(GetRoom(room_id), first)
            staff = await _members(chat, seeing, ListWorkspaceMembers(room.workspace_id))
            members = set(await _members(chat, seeing, ListMembers(room_id))) & set(staff)
            banned = {name for name, actor in actors.items() if await _is_banned(chat, actor, room_id)}
            assert not banned & _among(actors, members), f"who is banned from room {room_id} and in it"
            passing = {u for u, role in staff.items() if role != "member" or not room.has_password}
            inside = members | passing if room.kind is RoomKind.PUBLIC_CHANNEL else members
            assert set(seeing) == _among(actors, inside) - banned, f"who sees room {room_id}"


async def _is_banned(chat: Chat, actor: Actor, room_id: UUID) -> bool:
    try:
        await chat.execute(GetRoom(RoomId(room_id)), actor)
    except (NotFound, Forbidden) as refusal:
        return refusal.code == "banned"
    return False


async def _seeing(chat: Chat, actors: Mapping[str, Actor], topic: str) -> dict[str, Actor]:
    return {name: actor for name, actor in actors.items() if await may_follow(chat, actor, topic)}


async def _members(chat: Chat, seeing: Mapping[str, Actor], query: Any) -> dict[Any, str]:
    items, _ = await whole(Ask(chat.execute, next(iter(seeing.values()))), query)
    return {m.user_id: m.role for m in items}


def _among(actors: Mapping[str, Actor], members: set[Any]) -> set[str]:
    return {name for name, actor in actors.items() if actor.user_id in members}
