"""Every cause for which somebody may follow a room no longer, and what must come of each while the room is busy (G6)."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field, frozen

from .people import PASSWORD, a_name
from .revoking_ways import PATIENCE, Refused, Somebody, Watch, Way

SOON = 1.0
"""Seconds after the acknowledgement of a revocation in which it has been carried through."""
EXPIRES = 4.0
"""Seconds that a token is good for which is to expire: long enough to begin following."""


@define
class Scene:
    """Ann talks and talks in a room of hers, which Ben follows by `key`. Root administers the instance."""

    way: Way
    ann: Somebody
    ben: Somebody
    root: Somebody
    workspace: str
    room: str = ""
    key: Any = None
    token: str = ""
    expires: datetime | None = None
    said: int = 0
    slowest: float = 0.0
    refused: str | None = None
    _numbers: "itertools.count[int]" = field(factory=lambda: itertools.count(1))
    _moved: asyncio.Event = field(factory=asyncio.Event)

    async def do(self, who: Somebody, name: str, /, **data: Any) -> Any:
        return await self.way.ask(who.key, name, **data)

    async def say(self) -> None:
        number, began = next(self._numbers), time.monotonic()
        await self.do(self.ann, "send_message", room_id=self.room, content=f"{number}")
        self.said, self.slowest = number, max(self.slowest, time.monotonic() - began)
        self._moved.set()

    async def talk(self) -> None:
        """Until it is refused."""
        try:
            while True:
                await self.say()
        except Refused as refused:
            self.refused = refused.code
            self._moved.set()

    async def goes_on(self, more: int) -> None:
        """Until so many more things were said, or nothing can be said any more."""
        goal = self.said + more
        while self.refused is None and self.said < goal:
            self._moved.clear()
            await self._moved.wait()


Act = Callable[[Scene], Awaitable[Any]]


@frozen
class Cause:
    """What is done, and what Ben is told then; None where he goes on following, and Ann may not write. He follows a room he
    is in, a public channel from `outside`, or the `direct` room of the two; as himself, or by a `token` of his."""

    act: Act
    reason: str | None
    place: str = "private"
    by_token: bool = False

    @property
    def name(self) -> str:
        return self.act.__name__


async def signed_out(s: Scene) -> None:
    await s.do(s.ben, "sign_out")


async def signed_out_from_elsewhere(s: Scene) -> None:
    await s.do(await s.way.again(s.ben), "end_session", session_id=s.ben.session_id)


async def signed_out_by_an_administrator(s: Scene) -> None:
    await s.do(s.root, "end_user_session", session_id=s.ben.session_id)


async def password_changed(s: Scene) -> None:
    elsewhere = await s.way.again(s.ben)
    await s.do(elsewhere, "change_password", current_password=PASSWORD, new_password="another horse")


async def suspended(s: Scene) -> None:
    await s.do(s.root, "suspend_user", user_id=s.ben.id)


async def kicked(s: Scene) -> None:
    await s.do(s.ann, "remove_members", room_id=s.room, user_ids=[s.ben.id])


async def left(s: Scene) -> None:
    await s.do(s.ben, "leave_room", room_id=s.room)


async def banned(s: Scene) -> None:
    await s.do(s.ann, "ban_member", room_id=s.room, user_id=s.ben.id)


async def role_lost(s: Scene) -> None:
    """Of an administrator, who follows a channel with a password from outside."""
    await s.do(s.ann, "change_workspace_role", workspace_id=s.workspace, user_id=s.ben.id, role="member")


async def workspace_left(s: Scene) -> None:
    await s.do(s.ben, "remove_workspace_member", workspace_id=s.workspace, user_id=s.ben.id)


async def sent_away_from_the_workspace(s: Scene) -> None:
    await s.do(s.ann, "remove_workspace_member", workspace_id=s.workspace, user_id=s.ben.id)


async def token_revoked(s: Scene) -> None:
    await s.do(s.ben, "revoke_token", token_id=s.token)


async def token_expired(s: Scene) -> None:
    assert s.expires is not None
    await asyncio.sleep((s.expires - datetime.now(UTC)).total_seconds())


async def blocked(s: Scene) -> None:
    await s.do(s.ben, "block_user", user_id=s.ann.id)


async def channel_password_set(s: Scene) -> None:
    await s.do(s.ann, "update_room", room_id=s.room, password="sesame")


async def room_deleted(s: Scene) -> None:
    await s.do(s.ann, "delete_room", room_id=s.room)


async def workspace_deleted(s: Scene) -> None:
    await s.do(s.ann, "delete_workspace", workspace_id=s.workspace)


OF_SESSIONS = (
    Cause(signed_out, "session_ended"),
    Cause(signed_out_from_elsewhere, "session_ended"),
    Cause(signed_out_by_an_administrator, "session_ended"),
    Cause(password_changed, "session_ended"),
    Cause(suspended, "session_ended"),
)
"""What ends a session. In the library the host vouches for who acts, and has sessions of its own."""
EVERYWHERE = (
    Cause(suspended, "user_suspended", by_token=True),
    Cause(token_revoked, "token_ended", by_token=True),
    Cause(token_expired, "token_expired", by_token=True),
    Cause(kicked, "not_found"),
    Cause(left, "not_found"),
    Cause(banned, "banned", "outside"),
    Cause(role_lost, "password_required", "outside"),
    Cause(channel_password_set, "password_required", "outside"),
    Cause(workspace_left, "not_found"),
    Cause(sent_away_from_the_workspace, "not_found", "outside"),
    Cause(room_deleted, "not_found"),
    Cause(workspace_deleted, "not_found", "outside"),
    Cause(blocked, None, "direct"),
)


async def scene_of(way: Way, ann: Somebody, root: Somebody, cause: Cause) -> Scene:
    ben = await way.sign_up()
    workspace = (await way.ask(ann.key, "create_workspace", name="Team"))["id"]
    role = "admin" if cause.act is role_lost else "member"
    await way.ask(ann.key, "add_workspace_member", workspace_id=workspace, user_id=ben.id, role=role)
    s = Scene(way, ann, ben, root, workspace, key=ben.key)
    where: dict[str, Any] = {"workspace_id": workspace}
    match cause.place:
        case "private":
            where |= {"kind": "private_channel", "name": a_name("room"), "member_ids": [ben.id]}
        case "outside":
            where |= {"kind": "public_channel", "name": a_name("room")}
        case _:
            where |= {"kind": "direct", "member_ids": [ben.id]}
    if cause.act is role_lost:
        where |= {"password": "sesame"}
    s.room = (await s.do(ann, "create_room", **where))["id"]
    if cause.by_token:
        s.expires = datetime.now(UTC) + timedelta(seconds=EXPIRES if cause.act is token_expired else 3600)
        scopes, until = ["room:read"], s.expires.isoformat()
        made = await s.do(ben, "create_token", name="A bot", scopes=scopes, expires_at=until)
        s.token, s.key = made["id"], await way.bear(made["token"])
    return s


@asynccontextmanager
async def talking(s: Scene) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(s.talk())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def broken(way: Way, ann: Somebody, root: Somebody, cause: Cause) -> list[str]:
    """What of the promise is not kept for a cause, by every way of watching; empty when all is."""
    s = await scene_of(way, ann, root, cause)
    async with asyncio.timeout(3 * PATIENCE), way.watching(s.key, f"room:{s.room}") as watches, talking(s) as task:
        await asyncio.gather(*(w.until(1) for w in watches))
        await cause.act(s)
        if cause.reason is None:
            return await _silenced(s, watches, task)
        acknowledged = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * SOON + 2 * s.slowest):
                await asyncio.gather(*(w.until_ended() for w in watches))
        await s.goes_on(3)
        await asyncio.gather(*(w.flush() for w in watches))
        return [how for w in watches for how in _wrong(w, cause, acknowledged, SOON + s.slowest)]


def _wrong(watch: Watch, cause: Cause, acknowledged: float, bound: float) -> list[str]:
    """`bound` is a second and the longest that anything took meanwhile: the machine may be busy."""
    which = f"{cause.name}, by {watch.way}"
    if watch.ended_at is None:
        return [f"{which}: it does not end"]
    took, found = watch.ended_at - acknowledged, []
    if took > bound:
        found.append(f"{which}: it ended after {took:.2f} s")
    if cause.reason not in watch.whys:
        found.append(f"{which}: it said why by {watch.whys}, not {cause.reason}")
    if watch.late:
        found.append(f"{which}: {watch.late} were shown after the end")
    return found


async def _silenced(s: Scene, watches: list[Watch], task: "asyncio.Task[None]") -> list[str]:
    """Nothing is written any more, and nobody is told. What is written once it may be again comes right after what was
    written before: so nothing came between, and the following went on."""
    await asyncio.wait({task}, timeout=SOON + s.slowest)
    if s.refused != "blocked":
        return [f"{s.said} was written after a block" if s.refused is None else f"refused with {s.refused}"]
    last = s.said
    await s.do(s.ben, "unblock_user", user_id=s.ann.id)
    await s.say()
    await asyncio.gather(*(w.until(s.said) for w in watches))
    found = [f"{w.way}: {w.whys} though it goes on" for w in watches if w.whys]
    found += [f"{w.way}: {w.seen[-3:]}" for w in watches if w.seen[-2:] != [last, s.said]]
    return found
