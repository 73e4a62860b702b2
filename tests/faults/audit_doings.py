"""Holding what people were told of their other doings against what the server has."""

import asyncio
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from .doings import Doings
from .line import Frame, Line


@frozen
class Found:
    """What the server has in the end: marks by person and room, what waits to be sent, what was done to keep order."""

    marks: dict[tuple[str, str], tuple[int, int, int]]
    waiting: list[Frame]
    order: dict[str, bool]


async def all_sent(line: Line, team: str, patience: float) -> list[Frame]:
    """What still waits to be sent when everything should have been."""
    ends = asyncio.get_running_loop().time() + patience
    while True:
        waiting: list[Frame] = (await line.query("list_scheduled", workspace_id=team, limit=200))["items"]
        if not waiting or asyncio.get_running_loop().time() > ends:
            return waiting
        await asyncio.sleep(0.05)


async def mark_of(line: Line, room: str) -> tuple[int, int, int]:
    """How far somebody has read, how much they have not, and how many messages there are."""
    view = await line.query("get_room", room_id=room)
    return view["read_number"], view["unread"], view["last_message"]["number"]


async def order_of(line: Line, room: str, whom: str) -> dict[str, bool]:
    members = {m["user_id"]: m for m in (await line.query("list_members", room_id=room, limit=200))["items"]}
    bans = [b["user_id"] for b in (await line.query("list_bans", room_id=room, limit=200))["items"]]
    muted = members[whom]["muted"] if whom in members else None
    return {"inside": whom in members, "banned": whom in bans, **({} if muted is None else {"muted": muted})}


def check_doings(doings: Doings, found: Found, messages: dict[str, list[Frame]]) -> Iterator[tuple[str, str]]:
    """Everything that is not as it was acknowledged: which promise, and how."""
    there = {m["id"]: m for room in messages.values() for m in room}
    yield from _about(doings, there)
    yield from _later(doings, found, [m["content"] for m in there.values()])
    for (user, room), number in doings.marks.items():
        mark, unread, last = found.marks[user, room]
        if mark != number or unread != last - number:
            yield "marks", f"{user} has read up to {number} of {last} in {room}, and is at {mark} with {unread} unread"
    for what, so in doings.order.items():
        if what in found.order and found.order[what] != so:
            yield "order", f"somebody was told to be {what}: {so}, and it is otherwise"


def _about(doings: Doings, there: dict[str, Frame]) -> Iterator[tuple[str, str]]:
    for id_, replies in doings.replies.items():
        thread = there[id_]["thread"] if id_ in there else None
        if (thread["replies"] if thread else 0) != replies:
            yield "threads", f"{id_} was answered {replies} times, and says {thread}"
    for id_, reacted in doings.reactions.items():
        shown = counts(there[id_]) if id_ in there else {}
        if shown != {emoji: len(who) for emoji, who in reacted.items() if who}:
            yield "reactions", f"{id_} was reacted to by {reacted}, and says {shown}"
    for id_, pinned in doings.pinned.items():
        if (id_ in there and there[id_]["pinned"] is not None) != pinned:
            yield "pins", f"{id_} was told to be {'' if pinned else 'not '}pinned, and it is otherwise"


def _later(doings: Doings, found: Found, said: list[str]) -> Iterator[tuple[str, str]]:
    for one in found.waiting:
        yield "scheduled", f"{one} was to be sent, and waits"
    for content in doings.scheduled.values():
        if said.count(content) != 1:
            yield "scheduled", f"{content} was to be sent once, and was {said.count(content)} times"


def counts(message: Frame) -> dict[str, int]:
    """How many have reacted with what."""
    return {r["emoji"]: r["count"] for r in message["reactions"]}


def fold_about(message: Frame, kind: str, data: Frame) -> None:
    """What an event about a message makes of it, as a client keeps it."""
    match kind:
        case "reaction_added" | "reaction_removed":
            there = counts(message)
            there[data["emoji"]] = there.get(data["emoji"], 0) + (1 if kind == "reaction_added" else -1)
            message["reactions"] = [{"emoji": e, "count": n} for e, n in there.items() if n]
        case "message_pinned":
            message["pinned"] = {"at": data["pinned_at"], "by": data["pinned_by"]}
        case "message_unpinned":
            message["pinned"] = None


def told_about(message: Frame) -> dict[str, Any]:
    """What is said to a message, whoever sees it."""
    return {"reactions": counts(message), "pinned": message["pinned"], "thread": message["thread"]}
