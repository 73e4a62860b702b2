"""What else people do while the server is killed, and what they were told of it: threads, reactions, pins, read marks,
messages for later, keeping order."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import define, field

from .actors import Ledger, Stubborn
from .line import Frame, Refused

EMOJI = ("👍", "❤️")
LATER = 0.2
"""Seconds after which a scheduled message is to be sent."""
PACE = 0.1
"""Seconds between two of them: nobody has many that wait."""
PINNED = 3

Going = Callable[[], bool]


@define
class Person:
    """Somebody with a socket."""

    user: str
    client: Stubborn


@define
class Doings:
    """What was acknowledged, as it must be in the end."""

    ledger: Ledger
    replies: dict[str, int] = field(factory=dict)
    reactions: dict[str, dict[str, set[str]]] = field(factory=dict)
    pinned: dict[str, bool] = field(factory=dict)
    marks: dict[tuple[str, str], int] = field(factory=dict)
    scheduled: dict[str, str] = field(factory=dict)
    order: dict[str, bool] = field(factory=dict)

    async def said(self, client: Stubborn, key: str, room: str, **more: str) -> Frame:
        view: Frame = await client.command("send_message", key, room_id=room, content=key, **more)
        await self.ledger.told(key, room, view)
        return view

    async def react(self, who: Person, what: str, message: str, emoji: str, times: str = "") -> None:
        key = f"{message}-{what}-{emoji}{times}"
        await who.client.command(f"{what}_reaction", key, message_id=message, emoji=emoji)
        reacted = self.reactions[message][emoji]
        (reacted.add if what == "add" else reacted.discard)(who.user)
        await self.ledger.count()


async def answer_lane(doings: Doings, name: str, by: Person, room: str, going: Going) -> None:
    """Begin threads and answer in them; every third answer is taken back."""
    first = ""
    for n in itertools.count(0):
        if not going():
            return
        key = f"{name}-{n}"
        try:
            if n % 7 == 0:
                first = (await doings.said(by.client, key, room))["id"]
                doings.replies[first] = 0
                continue
            reply = (await doings.said(by.client, key, room, reply_to=first))["id"]
            doings.replies[first] += 1
            if n % 3 == 0:
                await by.client.command("delete_message", f"{key}-delete", message_id=reply)
                doings.ledger.words[reply] = None
                doings.replies[first] -= 1
                await doings.ledger.count()
        except Refused:
            continue  # it is gone, and the audit will say so


async def react_lane(doings: Doings, name: str, one: Person, other: Person, room: str, going: Going) -> None:
    """Two react to the same at once, one of them twice, and one takes it back."""
    for n in itertools.count(0):
        if not going():
            return
        key = f"{name}-{n}"
        try:
            message = (await doings.said(one.client, key, room))["id"]
            doings.reactions[message] = {emoji: set() for emoji in EMOJI}
            thumb, heart = EMOJI
            await asyncio.gather(*(doings.react(who, "add", message, thumb) for who in (one, other)),
                doings.react(one, "add", message, heart))  # fmt: skip
            await doings.react(other, "add", message, thumb, "again")
            if n % 2:
                await doings.react(one, "remove", message, heart)
        except Refused:
            continue  # it is gone, and the audit will say so


async def pin_lane(doings: Doings, name: str, by: Person, room: str, going: Going) -> None:
    """Pin what is newest, and take out what is oldest."""
    there: list[str] = []
    for n in itertools.count(0):
        if not going():
            return
        key = f"{name}-{n}"
        try:
            there.append((await doings.said(by.client, key, room))["id"])
            await by.client.command("pin_message", f"{key}-pin", message_id=there[-1])
            doings.pinned[there[-1]] = True
            await doings.ledger.count()
            if len(there) > PINNED:
                await by.client.command("unpin_message", f"{key}-unpin", message_id=there[0])
                doings.pinned[there.pop(0)] = False
                await doings.ledger.count()
        except Refused:
            there.clear()  # one is gone, and the audit will say so


async def mark_lane(doings: Doings, name: str, by: Person, room: str, going: Going) -> None:
    """Say something, and mark as read up to it."""
    for n in itertools.count(0):
        if not going():
            return
        key = f"{name}-{n}"
        try:
            number = (await doings.said(by.client, key, room))["number"]
            await by.client.command("mark_read", f"{key}-read", room_id=room, number=number)
        except Refused:
            continue  # it is gone, and the audit will say so
        doings.marks[by.user, room] = number
        await doings.ledger.count()


async def later_lane(doings: Doings, name: str, by: Person, room: str, going: Going) -> None:
    """Say things a moment later."""
    for n in itertools.count(0):
        if not going():
            return
        key = f"{name}-{n}"
        at = (datetime.now(UTC) + timedelta(seconds=LATER)).isoformat()
        try:
            made = await by.client.command("schedule_message", key, room_id=room, content=key, send_at=at)
        except Refused:
            continue  # the server was away for so long that its time is past
        doings.scheduled[made["id"]] = key
        await doings.ledger.count()
        await asyncio.sleep(PACE)


async def order_lane(doings: Doings, name: str, by: Person, whom: str, room: str, going: Going) -> None:
    """Mute somebody, let them speak, ban them, let them come again and bring them in: again and again."""
    update, where = "update_member", {"room_id": room, "user_id": whom}
    steps: list[tuple[str, Frame, str, bool]] = [
        (update, {**where, "muted": True}, "muted", True),
        (update, {**where, "muted": False}, "muted", False),
        ("ban_member", where, "banned", True),
        ("unban_member", where, "banned", False),
        ("add_members", {"room_id": room, "user_ids": [whom]}, "inside", True),
    ]
    for n, (command, data, what, so) in enumerate(itertools.cycle(steps)):
        if not going():
            return
        try:
            await by.client.command(command, f"{name}-{n}", **data)
        except Refused:
            continue  # what was before did not last, and the audit will say so
        doings.order |= {what: so} | ({"inside": False} if command == "ban_member" else {})
        await doings.ledger.count()
