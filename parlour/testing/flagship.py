"""The flagship property: whatever people do, a client that folds events into its snapshot equals a fresh query.

`play` runs a script against an instance and raises `Broken`, or an assertion, where parlour breaks its word.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

from attrs import define, field

from ..application.identity.commands import SignUp
from ..application.identity.views import TokensView
from ..application.kernel.actor import Actor
from ..application.kernel.ports import Clock, Ids, Leadership, Passwords, People
from ..application.kernel.retention import Retention
from ..application.messages.commands import SendMessage
from ..application.messages.views import MessageView, ScheduledView
from ..application.rooms.commands import CreateRoom
from ..application.rooms.members import JoinRoom
from ..application.rooms.views import RoomView
from ..application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from ..application.workspaces.invitations import CreateInvitation
from ..application.workspaces.views import NewInvitationView, WorkspaceView
from ..domain.kernel.errors import DomainError
from ..domain.kernel.ids import UserId, host_id
from ..domain.rooms.room import RoomKind
from ..entrypoints.library.chat import Chat
from .checks import check, check_access, may_follow
from .client import Client
from .scripts import CAST, Act, Away, Compare, Cut, Due, Expire, Follow, Resume, Retain, Step, Together, resolved
from .strategies import WORKSPACES
from .world import UPKEEP, Cast, CountingIds, ExpireNow, NoLeader, QuickPasswords, RetainNow, RunDue, TickingClock

Open = Callable[..., AbstractAsyncContextManager[Chat]]
KINDS = {1: "user", 2: "workspace", 3: "room"}
KEPT = 2


@define
class Stage:
    """An instance with its cast, the things they have made, and their clients."""

    chat: Chat
    actors: dict[str, Actor]
    patience: float = 5.0
    things: dict[int, list[Any]] = field(factory=dict)
    clients: dict[tuple[str, str], Client] = field(factory=dict)
    refusals: int = 0

    async def act(self, act: Act) -> None:
        command = resolved(act.command, self.things)
        try:
            self.keep(await self.chat.execute(command, self.actors[act.who]))
        except DomainError:
            self.refusals += 1

    def keep(self, answer: Any) -> None:
        """Remember what was made, so that stand-ins can name it."""
        match answer:
            case WorkspaceView():
                self._add(2, answer.id)
            case RoomView():
                self._add(3, answer.id)
            case MessageView():
                self._add(3, answer.room_id)
                self._add(4, answer.id)
            case ScheduledView():
                self._add(8, answer.id)
            case NewInvitationView():
                self._add(5, answer.id)
                self._add(7, answer.token)
            case TokensView():
                self._add(6, answer.session_id)
            case _:
                pass

    def _add(self, kind: int, thing: Any) -> None:
        pool = self.things.setdefault(kind, [])
        if thing not in pool:
            pool.append(thing)

    async def step(self, step: Step) -> None:
        match step:
            case Act():
                await self.act(step)
                await self.end_what_may_not_be_seen()
            case Together(acts):
                await asyncio.gather(*(self.act(a) for a in acts))
                await self.end_what_may_not_be_seen()
            case Follow(who, topic):
                await self._follow(who, topic)
            case Cut(number):
                await self._cut(number)
            case Resume(number, cut_after):
                await self._resume(number, cut_after)
            case Away():
                await self._away(step)
            case Retain() | Due() | Expire():
                await self._time_goes_by(step)
            case Compare():
                await self.compare()

    async def _time_goes_by(self, step: Retain | Due | Expire) -> None:
        match step:
            case Retain():
                await self.chat.execute(RetainNow(), self.chat.system)
            case Due():
                await self.chat.execute(RunDue(), self.chat.system)
                await self.end_what_may_not_be_seen()
            case Expire(room_id, days):
                await self.chat.execute(ExpireNow(resolved(room_id, self.things), days), self.chat.system)

    async def _follow(self, who: str, thing: UUID) -> None:
        topic = f"{KINDS[thing.int >> 64 & 0xFF]}:{resolved(thing, self.things)}"
        if (who, topic) in self.clients:
            await self.clients.pop((who, topic)).cut()
        client = Client(self.chat, self.actors[who], topic, patience=self.patience)
        try:
            await client.start()
        except DomainError:
            self.refusals += 1
        else:
            self.clients[who, topic] = client

    def _client(self, number: int) -> Client | None:
        clients = list(self.clients.values())
        return clients[number % len(clients)] if clients else None

    async def _cut(self, number: int) -> None:
        if (client := self._client(number)) is not None:
            await client.cut()

    async def _resume(self, number: int, cut_after: int | None) -> None:
        if (client := self._client(number)) is None:
            return
        client.resume()
        if cut_after is not None:
            for _ in range(cut_after):
                await asyncio.sleep(0)
            await client.cut()

    async def _away(self, away: Away) -> None:
        for number in away.clients:
            await self._cut(number)
        for act in away.acts:
            await self.step(act)
        if away.retain:
            await self.step(Retain())
        for number in away.clients:
            await self._resume(number, None)

    async def end_what_may_not_be_seen(self) -> None:
        """Whoever lost the right to a topic is let go at once, and sees nothing of what comes after."""
        for client in self.clients.values():
            if client.live and not await may_follow(self.chat, client.actor, client.topic):
                await client.ends()

    async def compare(self) -> None:
        for client in self.clients.values():
            await check(self.chat, client)


async def play(open_chat: Open, script: list[Step], *, patience: float = 5.0) -> Stage:
    """Play a script to its end, and compare everything then."""
    async with staged(open_chat, patience=patience) as stage:
        for step in script:
            await stage.step(step)
        await stage.compare()
        await check_access(stage.chat, stage.actors, stage.things)
        return stage


@asynccontextmanager
async def staged(open_chat: Open, *, patience: float = 5.0) -> AsyncIterator[Stage]:
    """A fresh instance on which alice, bob and carol share a workspace with a room of each kind; mallory has her own."""
    cast = Cast({name: host_id(name) for name in CAST})
    given = {
        Clock: TickingClock(),
        Ids: CountingIds(),
        Passwords: QuickPasswords(),
        Leadership: NoLeader(),  # nothing goes while snapshots are compared
        People: cast,
        Retention: Retention(events=KEPT),
    }
    async with open_chat(":memory:", given=given, modules=[UPKEEP]) as chat:
        stage = Stage(chat, {name: chat.actor(user_id) for name, user_id in cast.people.items()}, patience)
        for name in ("alice", "bob"):
            await _sign_up(stage, cast, name)
        stage.things[1] = [cast.people[name] for name in CAST]
        await _furnish(stage, cast.people)
        try:
            yield stage
        finally:
            for client in stage.clients.values():
                await client.cut()


async def _sign_up(stage: Stage, cast: Cast, name: str) -> None:
    tokens = await stage.chat.execute(SignUp(name, f"{name}@example.org", "correct horse"), Actor())
    cast.people[name] = tokens.user.id
    stage.actors[name] = Actor(tokens.user.id, tokens.session_id, is_admin=name == "alice")
    stage.keep(tokens)


async def _furnish(stage: Stage, people: dict[str, UserId]) -> None:
    async def made(who: str, command: Any) -> Any:
        answer = await stage.chat.execute(resolved(command, stage.things), stage.actors[who])
        stage.keep(answer)
        return answer

    everybody = [people[n] for n in ("bob", "carol")]
    here = (await made("alice", CreateWorkspace("here"))).id
    await made("mallory", CreateWorkspace("elsewhere"))
    for user_id in everybody:
        await made("alice", AddWorkspaceMember(here, user_id))
    channel = await made("alice", CreateRoom(RoomKind.PUBLIC_CHANNEL, "public", workspace_id=here))
    await made("bob", JoinRoom(channel.id))
    await made("alice", CreateRoom(RoomKind.GROUP, None, None, everybody, here))
    await made("bob", CreateRoom(RoomKind.PRIVATE_CHANNEL, "private", None, [people["alice"]], here))
    await made("alice", CreateRoom(RoomKind.DIRECT, None, None, [people["carol"]], here))
    for number, room_id in enumerate(stage.things[3]):
        await made("bob" if number == 2 else "alice", SendMessage(room_id, f"first of {number}"))
    await made("alice", CreateInvitation(WORKSPACES[0]))
