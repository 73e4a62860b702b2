"""Rights that one process changes and another decides by: remembered there, and never out of date."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from attrs import define, field

from parlour.adapters.sql import postgres_group
from parlour.domain.kernel.errors import DomainError

from .tenants import Tenants, instance_at

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8", "RM4")]

CHANGES = ("mute", "unmute", "ban", "let in", "block", "unblock")


@define
class Pair:
    """Two processes on one database: Ann changes what Ben may by one, Ben speaks by the other."""

    one: Tenants
    two: Tenants
    ann: Any = None
    ben: Any = None
    channel: str = ""
    direct: str = ""
    muted: bool = False
    banned: bool = False
    blocked: bool = False
    said: int = field(default=0)

    async def begin(self) -> "Pair":
        self.ann, self.ben = [await self.one.sign_up(name) for name in ("ann", "ben")]
        home = (await self.one.ask(self.ann, "create_workspace", name="home"))["id"]
        them = {"user_id": str(self.ben.user_id)}
        await self.one.ask(self.ann, "add_workspace_member", workspace_id=home, **them)
        asked = {"kind": "public_channel", "name": "square", "workspace_id": home}
        self.channel = (await self.one.ask(self.ann, "create_room", **asked))["id"]
        await self.one.ask(self.ben, "join_room", room_id=self.channel)
        asked = {"kind": "direct", "member_ids": [them["user_id"]], "workspace_id": home}
        self.direct = (await self.one.ask(self.ann, "create_room", **asked))["id"]
        return self

    async def change(self, what: str) -> None:
        """Change a right; the plain rule learns of it."""
        who = {"user_id": str(self.ben.user_id)}
        where = {"room_id": self.channel, **who}
        match what:
            case "mute" | "unmute" if not self.banned:
                await self.one.ask(self.ann, "update_member", **where, muted=what == "mute")
                self.muted = what == "mute"
            case "ban":
                await self.one.ask(self.ann, "ban_member", **where)
                self.banned = True
            case "let in" if self.banned:
                await self.one.ask(self.ann, "unban_member", **where)
                await self.one.ask(self.ann, "add_members", room_id=self.channel, user_ids=[who["user_id"]])
                self.banned = False
            case "block":
                await self.one.ask(self.ann, "block_user", **who)
                self.blocked = True
            case "unblock" if self.blocked:
                await self.one.ask(self.ann, "unblock_user", **who)
                self.blocked = False

    def rule(self) -> tuple[str, str]:
        """What is answered to a message in the channel, and to one in the direct room."""
        return "banned" if self.banned else "muted" if self.muted else "", "blocked" if self.blocked else ""

    async def speak(self) -> tuple[str, str]:
        """The codes of what is answered to Ben in both rooms, all at once and several times each."""
        asked = [self._say(room) for room in (self.channel, self.direct) for _ in range(3)]
        answers = await asyncio.gather(*asked)
        assert len(set(answers[:3])) == len(set(answers[3:])) == 1, answers
        return answers[0], answers[3]

    async def _say(self, room: str) -> str:
        self.said += 1
        words = f"{self.said}" if self.said % 2 else f"{self.said} @room"  # written in groups, and by its unit alone
        try:
            await self.two.ask(self.ben, "send_message", room_id=room, content=words)
        except DomainError as refusal:
            return refusal.code
        return ""


@pytest.fixture
async def pair(emptied_url: str) -> AsyncIterator[Pair]:
    instances = [instance_at(emptied_url) for _ in range(2)]
    try:
        for instance in instances:
            await instance.open()
        yield await Pair(Tenants(instances[0]), Tenants(instances[1])).begin()
    finally:
        for instance in instances:
            await instance.stop()


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_changed_by_one_holds_for_the_other_at_once(pair: Pair, seed: int) -> None:
    chance = Random(seed)
    for _ in range(25):
        for what in chance.choices(CHANGES, k=chance.randint(0, 2)):
            await pair.change(what)
        assert await pair.speak() == pair.rule()


async def test_the_control_a_block_that_the_group_does_not_look_at_is_seen(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_group, "_pair", lambda sending: {})
    assert await pair.speak() == ("", "")
    await pair.change("block")
    assert {await pair._say(pair.direct) for _ in range(2)} == {"", "blocked"}, "units look for themselves"


async def test_nothing_is_said_after_a_block_was_answered(pair: Pair) -> None:
    """While Ben talks without a pause: what was said before stays, what comes after is refused."""
    for _ in range(3):
        talking = [asyncio.create_task(_talk(pair)) for _ in range(4)]
        for _ in range(20):
            await pair.two.ask(pair.ben, "get_room", room_id=pair.direct)
        await pair.change("block")
        offset = (await pair.one.ask(pair.ann, "get_room", room_id=pair.direct))["offset"]
        for task in talking:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert await pair.speak() == ("", "blocked")
        assert (await pair.one.ask(pair.ann, "get_room", room_id=pair.direct))["offset"] == offset
        await pair.change("unblock")


async def test_nobody_is_in_a_room_that_they_are_banned_from(pair: Pair) -> None:
    """They are let in by one while the other bans them, and join at the same time."""
    where, ben = {"room_id": pair.channel}, str(pair.ben.user_id)
    for _ in range(5):
        await pair.one.ask(pair.ann, "remove_members", **where, user_ids=[ben])
        await asyncio.gather(
            pair.one.ask(pair.ann, "add_members", **where, user_ids=[ben]),
            pair.two.ask(pair.ann, "ban_member", **where, user_id=ben),
            pair.two.ask(pair.ben, "join_room", **where),
            return_exceptions=True,
        )
        members = (await pair.one.ask(pair.ann, "list_members", **where))["items"]
        assert [m["user_id"] for m in members] == [str(pair.ann.user_id)]
        await pair.one.ask(pair.ann, "unban_member", **where, user_id=ben)
        await pair.two.ask(pair.ben, "join_room", **where)


async def _talk(pair: Pair) -> None:
    while True:
        await pair._say(pair.direct)
