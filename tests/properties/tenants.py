"""Two workspaces with the same names, whose members know nothing of each other: what each of them is told (G7).

A script is played twice, with both tenants and with the right one alone. Whatever the right one's members are told must be
the same in both, but for ids and times; and nothing that was made by one may ever stand in it.
"""

import asyncio
from contextlib import aclosing
from typing import Any
from uuid import UUID

from attrs import define, evolve, field, frozen
from hypothesis import strategies as st

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.application.identity.commands import SignUp
from parlour.application.kernel.actor import STRANGER, Actor
from parlour.application.kernel.batch import Batch, BatchItem
from parlour.application.kernel.catalogue import Command
from parlour.application.kernel.page import PositionView
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendMessage
from parlour.application.messages.reacting import AddReaction
from parlour.application.rooms.commands import CreateRoom
from parlour.application.rooms.queries import GetRoom
from parlour.application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from parlour.application.workspaces.invitations import CreateInvitation
from parlour.application.workspaces.queries import ListWorkspaceMembers, ListWorkspaces
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import MessageId, RoomId, ScheduledId, SessionId, UserId, WorkspaceId
from parlour.domain.rooms.room import RoomKind
from parlour.entrypoints.library.chat import Chat
from parlour.testing.flagship import Stage
from parlour.testing.scripts import KNOWN, SIGNING, resolved
from parlour.testing.strategies import COMMANDS, Known, pick, stand_in
from parlour.testing.text import contents

from .tenants_asked import OTHERS, questions
from .tenants_told import FOLLOWED, UUIDS, Told

CODEC = MsgspecCodec()
LEFT, RIGHT = "left", "right"
CAST = {LEFT: ("alice", "bob"), RIGHT: ("carol", "mallory")}


def _of_the_other(kind: int, many: int, made: Any) -> tuple[Any, ...]:
    return tuple(made(stand_in(OTHERS + kind, n)) for n in range(many))


BOTH = Known(
    users=tuple(UserId(stand_in(1, n)) for n in range(2)),
    workspaces=(*KNOWN.workspaces[:2], *KNOWN.workspaces[:2], *_of_the_other(2, 2, WorkspaceId)),
    rooms=(*KNOWN.rooms, *KNOWN.rooms, *_of_the_other(3, 4, RoomId)),
    messages=(*KNOWN.messages, *KNOWN.messages, *_of_the_other(4, 4, MessageId)),
    sessions=(*KNOWN.sessions, *_of_the_other(6, 2, SessionId)),
    scheduled=(*KNOWN.scheduled, *_of_the_other(8, 2, ScheduledId)),
)
"""What the members of a tenant name: things of their own, and such as they should not know of."""
WITH_STRANGERS = evolve(BOTH, users=(*BOTH.users, *_of_the_other(1, 2, UserId)))
BRINGS_IN = (AddWorkspaceMember,)
"""Whoever is brought into a workspace is a stranger to it no more."""


@frozen
class Did:
    """Somebody of a tenant asks for something."""

    tenant: str
    who: str
    command: Command[Any]


def deeds() -> st.SearchStrategy[Did]:
    """Any command that has a generator, by anybody of either; talking most of all."""
    drawn = [
        make(BOTH if kind in BRINGS_IN else WITH_STRANGERS) for kind, make in COMMANDS.items() if kind not in SIGNING
    ]
    talk = st.builds(SendMessage, pick(BOTH.rooms), contents()) | st.builds(
        EditMessage, pick(BOTH.messages), contents()
    )
    reply = st.builds(SendMessage, pick(BOTH.rooms), contents(), reply_to=pick(BOTH.messages))
    about = st.builds(DeleteMessage, pick(BOTH.messages)) | st.builds(AddReaction, pick(BOTH.messages), st.just("👍"))
    said: st.SearchStrategy[Any] = talk | talk | reply | about | st.one_of(drawn) | st.one_of(drawn)

    def by(tenant: str) -> st.SearchStrategy[Did]:
        first, second = CAST[tenant]
        return st.builds(Did, st.just(tenant), pick((first, first, second)), said)

    return by(LEFT) | by(RIGHT)


def scripts() -> st.SearchStrategy[list[Did]]:
    return st.lists(deeds(), min_size=4, max_size=30)


@define
class Tenant:
    """A tenant's people, what they have made, what they were told, and what they follow."""

    name: str
    stage: Stage
    told: Told = field(factory=Told)
    other: "Tenant | None" = None
    taps: "list[Tap]" = field(factory=list)
    said: int = 0

    @property
    def things(self) -> dict[int, list[Any]]:
        theirs = self.other.stage.things if self.other is not None else {}
        return self.stage.things | {OTHERS + kind: pool for kind, pool in theirs.items()}

    async def ask(self, who: str, label: str, message: Any, actor: Actor | None = None) -> Any:
        """Ask for something, and note the answer or the refusal."""
        self._note(CODEC.encode(message).decode())
        try:
            answer = await self.stage.chat.execute(message, actor or self.stage.actors[who])
        except DomainError as error:
            self.told.answers.append((f"{who}: {label}", _refusal(error)))
            return None
        self.told.answers.append((f"{who}: {label}", CODEC.parse(b'{"a":%s}' % CODEC.encode(answer))))
        self.stage.keep(answer)
        return answer

    def _note(self, asked: str) -> None:
        if self.other is not None:
            theirs = {str(thing) for pool in self.other.stage.things.values() for thing in pool}
            self.told.named |= theirs & set(UUIDS.findall(asked))

    async def do(self, did: Did) -> None:
        self.said += 1
        await self.ask(did.who, type(did.command).__name__, marked(resolved(did.command, self.things), self._mark))

        await self.settle()

    async def settle(self) -> None:
        """Let what is followed come as far as it goes: how much is shown before a right is lost depends on chance."""
        for tap in self.taps:
            await tap.settle()

    @property
    def _mark(self) -> str:
        return f" ~{self.name}{self.said}~"

    async def furnish(self) -> None:
        """A team with a channel, a group of the two's and an invitation, named as the other's are."""
        for name in CAST[self.name]:
            tokens = await self.stage.chat.execute(SignUp(name, f"{name}@example.org", "correct horse"), STRANGER)
            self.stage.actors[name] = Actor(tokens.user.id, tokens.session_id)
            self.stage.things.setdefault(1, []).append(tokens.user.id)
            self.stage.keep(tokens)
        first, second = CAST[self.name]
        team = await self.ask(first, "", CreateWorkspace("team"))
        there = self.stage.actors[second].known
        await self.ask(first, "", AddWorkspaceMember(team.id, there))
        await self.ask(first, "", CreateRoom(RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team.id))
        await self.ask(first, "", CreateRoom(RoomKind.PRIVATE_CHANNEL, "secrets", None, [there], team.id))
        await self.ask(first, "", CreateRoom(RoomKind.DIRECT, None, None, [there], team.id))
        for room_id in self.stage.things[3]:
            await self.ask(first, "", marked(SendMessage(room_id, "first"), self._mark))
        await self.ask(first, "", CreateInvitation(team.id))

    async def follow(self) -> None:
        """Everything that is there, and as much of the other's, from its beginning."""
        first = await self.stage.chat.execute(ListWorkspaces(), self.stage.actors[CAST[self.name][0]])
        assert first.position is not None, "a list that a topic covers says where it was read"
        beginning = evolve(first.position, offset=0, id=None)
        for who in CAST[self.name]:
            topics = [f"user:{self.stage.actors[who].known}", f"workspace:{self.stage.things[2][0]}"]
            topics += [f"room:{room_id}" for room_id in self.stage.things[3]]
            topics += [f"room:{room_id}" for room_id in self.things.get(OTHERS + 3, [stand_in(3, 9)] * 3)]
            self.taps += [Tap(self.stage.chat, self.stage.actors[who], topic, beginning) for topic in topics]
        await self.settle()

    async def look(self) -> None:
        """Everybody asks everything there is to ask."""
        for who in CAST[self.name]:
            for label, query in questions(self.things):
                await self.ask(who, label, query)

    async def close(self) -> None:
        for tap in self.taps:
            await tap.settle()
            await tap.end()
            self.told.answers += [(FOLLOWED, event) for event in tap.seen]


class Tap:
    """Follows a topic as somebody, for as long as they may."""

    def __init__(self, chat: Chat, actor: Actor, topic: str, beginning: PositionView) -> None:
        self._chat, self._actor, self._topic, self._after = chat, actor, topic, beginning
        self.seen: list[Any] = []
        self._at, self._moved = -1, asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._moved.set())

    async def _run(self) -> None:
        try:
            following = self._chat.events(self._topic, after=self._after, actor=self._actor)
            async with aclosing(following) as events:  # type: ignore[type-var]
                async for live in events:
                    self.seen.append(CODEC.parse(CODEC.encode(live)))
                    self._at = live.position.offset
                    self._moved.set()
        except DomainError as error:
            self.seen.append(_refusal(error))

    async def settle(self) -> None:
        """Have seen all there is, or been let go."""
        if self._task.done():
            return
        head = await self._head()
        async with asyncio.timeout(10):
            while not self._task.done() and (head is None or self._at < head):
                self._moved.clear()
                await self._moved.wait()

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _head(self) -> int | None:
        """Where the topic stands; None for one that may not be followed."""
        kind, _, key = self._topic.partition(":")
        kinds: dict[str, Any] = {"room": GetRoom, "workspace": ListWorkspaceMembers}
        query: Any = kinds[kind](UUID(key)) if kind in kinds else ListWorkspaces()
        try:
            found = await self._chat.execute(query, self._actor)
        except DomainError:
            return None
        return int(found.offset if kind == "room" else found.position.offset)


def _refusal(error: DomainError) -> Any:
    return {"refused": type(error).__name__, "code": error.code, "said": str(error), "more": repr(vars(error))}


def marked(command: Any, mark: str) -> Any:
    """What is said bears a mark that can be looked for."""
    if isinstance(command, Batch):
        items = [BatchItem(i.name, {**i.data, **_marked(i.data, mark)}, i.key) for i in command.commands]
        return evolve(command, commands=items)
    if isinstance(getattr(command, "content", None), str):
        return evolve(command, content=command.content + mark)
    return command


def _marked(data: dict[str, Any], mark: str) -> dict[str, Any]:
    return {"content": data["content"] + mark} if "content" in data else {}
