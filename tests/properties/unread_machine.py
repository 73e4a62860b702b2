"""People who talk, read and look, against a model that keeps for everybody the set of messages they have not read."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import pytest
from attrs import frozen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import parlour
from parlour.adapters.inprocess.presence import LocalPresence
from parlour.application.kernel.actor import Actor
from parlour.application.kernel.catalogue import Feature, Query, use_case
from parlour.application.kernel.doctor import Derived, Drift
from parlour.application.messages.views import MessageView
from parlour.config.features import Module
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.entrypoints.library.chat import Chat
from parlour.testing.asking import Ask, whole

from .unread_model import Room, Said

CAST = [f"person {n}" for n in range(4)]
NUMBER = count(1)
PRESENT = LocalPresence()
people, where, which = st.sampled_from(CAST), st.integers(0, 1), st.integers(0, 30)


@frozen
class Look(Query[list[Drift]]):
    """What the doctor finds."""


async def look(query: Look, derived: Derived) -> list[Drift]:
    return await derived.drift()


DOCTOR = Module(Feature("doctor_for_tests", use_cases=(use_case(look),)))


class Reading(RuleBasedStateMachine):
    """Everybody in two public channels of a workspace of this example's own. The first owns them, and stays."""

    def __init__(self, chat: Chat, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__()
        self.chat, self.run = chat, run
        self.actors: dict[str, Actor] = {}
        self.workspace: WorkspaceId
        self.rooms: list[RoomId] = []
        self.ids: list[dict[int, MessageView]] = [{}, {}]
        self.model = [Room(), Room()]
        self.there: list[dict[int, set[str]]] = [{}, {}]
        self.blocked: dict[str, set[str]] = {name: set() for name in CAST}
        self.online: set[str] = set()

    def do(self, who: str, message: Any) -> Any:
        return self.run(self.chat.execute(message, self.actors[who]))

    @initialize()
    def a_workspace(self) -> None:
        number = next(NUMBER)
        self.actors = {name: self.chat.actor(parlour.host_id(f"{name} of {number}")) for name in CAST}
        self.workspace = self.do(CAST[0], parlour.CreateWorkspace("Team")).id
        for name in CAST[1:]:
            self.do(CAST[0], parlour.AddWorkspaceMember(self.workspace, self.actors[name].known))
        for n in range(2):
            asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, f"room {n}", workspace_id=self.workspace)
            self.rooms.append(self.do(CAST[0], asked).id)
            self.model[n].join(CAST[0])
            for name in CAST[1:-1]:
                self.join(name, n)

    @rule(who=people, n=where)
    def join(self, who: str, n: int) -> None:
        self.do(who, parlour.JoinRoom(self.rooms[n]))
        self.model[n].join(who)

    @rule(who=st.sampled_from(CAST[1:]), n=where)
    def leave(self, who: str, n: int) -> None:
        if who in self.model[n].unread:
            self.do(who, parlour.LeaveRoom(self.rooms[n]))
            self.model[n].leave(who)
            for there in self.there[n].values():
                there.discard(who)

    @rule(who=people, n=where, times=st.integers(1, 4))
    def send(self, who: str, n: int, times: int) -> None:
        for _ in range(times if who in self.model[n].unread else 0):
            self._sent(n, self.do(who, parlour.SendMessage(self.rooms[n], "hi")), Said(who, set()))

    @rule(who=people, n=where, whom=st.sets(people), word=st.sampled_from(["hi", "hi", "@here", "@all", "@all @here"]))
    def call(self, who: str, n: int, whom: set[str], word: str) -> None:
        if who in self.model[n].unread:
            named = [self.actors[name].known for name in sorted(whom)]
            called = {*whom, *(self.online & set(self.model[n].unread) if "@here" in word else ())}
            called = {name for name in called if who not in self.blocked[name]}
            message = self.do(who, parlour.SendMessage(self.rooms[n], word, mentions=named))
            assert set(message.mentions) == {self.actors[name].known for name in called - {who}}
            self._sent(n, message, Said(who, set(CAST) if "@all" in word else called))

    @rule(n=where, at=which, answers=st.lists(people, min_size=1, max_size=4))
    def reply(self, n: int, at: int, answers: list[str]) -> None:
        """Those who are there answer the same message; the first says one when there is none."""
        room, number = self.model[n], self._some(n, at)
        if not number:
            self.send(CAST[0], n, 1)
            number = 1
        if room.said[number].deleted or room.said[room.root_of(number)].deleted:
            return
        root = room.root_of(number)
        for who in [who for who in answers if who in room.unread]:
            asked = parlour.SendMessage(self.rooms[n], "so", reply_to=self.ids[n][number].id)
            self._sent(n, self.do(who, asked), Said(who, set(), root))

    def _sent(self, n: int, message: MessageView, said: Said) -> None:
        number = self.model[n].say(said)
        assert message.number == number
        self.ids[n][number] = message
        self.there[n][number] = set(self.model[n].unread)

    def _some(self, n: int, at: int) -> int:
        """The number of some message; 0 when there is none."""
        return at % self.model[n].head + 1 if self.model[n].head else 0

    @rule(n=where, at=which)
    def delete(self, n: int, at: int) -> None:
        if (number := self._some(n, at)) and not self.model[n].said[number].deleted:
            self.do(CAST[0], parlour.DeleteMessage(self.ids[n][number].id))
            self.model[n].delete(number)

    @rule(who=people, whom=people, now=st.booleans())
    def block(self, who: str, whom: str, now: bool) -> None:
        if who != whom and now != (whom in self.blocked[who]):
            kind = parlour.BlockUser if now else parlour.UnblockUser
            self.do(who, kind(self.actors[whom].known))
            (self.blocked[who].add if now else self.blocked[who].remove)(whom)

    @rule(who=people)
    def come_or_go(self, who: str) -> None:
        if who in self.online:
            self.go(who)
        else:
            self.run(PRESENT.came(self.actors[who].known, who))
            self.online.add(who)

    def go(self, who: str) -> None:
        self.run(PRESENT.went(self.actors[who].known, who))
        self.online.remove(who)

    @rule(who=people, n=where, at=which, following=st.booleans())
    def follow(self, who: str, n: int, at: int, following: bool) -> None:
        if who in self.model[n].unread and (number := self._some(n, at)):
            kind = parlour.FollowThread if following else parlour.UnfollowThread
            self.do(who, kind(self.ids[n][number].id))
            change = self.model[n].follow if following else self.model[n].unfollow
            change(who, self.model[n].root_of(number))
            if not following:
                with pytest.raises(parlour.DomainError, match="do not follow"):
                    self.do(who, parlour.MarkThreadRead(self.ids[n][number].id))

    @property
    def followed(self) -> list[tuple[int, str, int]]:
        """Which threads are followed, by whom; those with something unread come first."""
        followed = [(n, who, root) for n in range(2) for who in CAST for root in self.model[n].replies(who)]
        return sorted(followed, key=lambda f: (not self.model[f[0]].replies(f[1])[f[2]], f))

    @precondition(lambda self: self.followed)
    @rule(at=st.integers(0, 3), by_reply=st.booleans())
    def read_thread(self, at: int, by_reply: bool) -> None:
        n, who, root = self.followed[at % len(self.followed)]
        room = self.model[n]
        replies = [number for number, m in room.said.items() if m.root == root] if by_reply else []
        number = replies[at % len(replies)] if replies else root
        answer = self.do(who, parlour.MarkThreadRead(self.ids[n][number].id))
        room.read_thread(who, root, number if number != root else room.head)
        assert answer.unread == room.replies(who)[root]

    @rule(who=people, n=where, at=which, by=st.sampled_from(["number", "message_id", None]))
    def read(self, who: str, n: int, at: int, by: str | None) -> None:
        number = self._some(n, at)
        if who not in self.model[n].unread or not number:
            return
        named: dict[str, Any] = {"number": number, "message_id": self.ids[n][number].id}
        answer = self.do(who, parlour.MarkRead(self.rooms[n], **{by: named[by]} if by else {}))
        self.model[n].read(who, number if by else self.model[n].head)
        assert (answer.unread, answer.mentions) == self._waits(n, who)[:2]

    def _waits(self, n: int, who: str) -> tuple[int, int, int]:
        return self.model[n].waits(who, self.blocked[who])

    @rule(who=people, n=where, at=which)
    def unread_from(self, who: str, n: int, at: int) -> None:
        if who in self.model[n].unread and (number := self._some(n, at)):
            answer = self.do(who, parlour.MarkUnread(self.rooms[n], number))
            self.model[n].unread_from(who, number)
            assert (answer.unread, answer.mentions) == self._waits(n, who)[:2]

    @rule(who=people, n=where)
    def past_the_head(self, who: str, n: int) -> None:
        if who in self.model[n].unread:
            for kind in (parlour.MarkRead, parlour.MarkUnread):
                with pytest.raises(parlour.DomainError):
                    self.do(who, kind(self.rooms[n], self.model[n].head + 1))

    @precondition(lambda self: any(room.head for room in self.model))
    @rule(n=where, marks=st.lists(st.tuples(people, which), max_size=6))
    def together(self, n: int, marks: list[tuple[str, int]]) -> None:
        """Several devices mark while somebody sends: the furthest mark of each counts."""
        reading = [(who, number) for who, at in marks if who in self.model[n].unread and (number := self._some(n, at))]

        async def at_once() -> list[Any]:
            asked = [(self.actors[who], parlour.MarkRead(self.rooms[n], number)) for who, number in reading]
            sent = self.chat.execute(parlour.SendMessage(self.rooms[n], "hi"), self.actors[CAST[0]])
            return await asyncio.gather(sent, *(self.chat.execute(command, actor) for actor, command in asked))

        self._sent(n, self.run(at_once())[0], Said(CAST[0], set()))
        for who, number in reading:
            self.model[n].read(who, number)

    @invariant()
    def everybody_is_shown_what_they_have_not_read(self) -> None:
        for who in self.actors:
            self.run(self._check(who))

    async def _check(self, who: str) -> None:
        expected = {self.rooms[n]: self._waits(n, who) for n in range(2) if who in self.model[n].unread}
        ask = Ask(self.chat.execute, self.actors[who])
        listed, _ = await whole(ask, parlour.ListRooms(self.workspace))
        assert {r.id: (r.unread, r.mentions, r.threads) for r in listed} == expected
        total = await ask(parlour.GetUnread(self.workspace))
        behind = {room: waits for room, waits in expected.items() if waits[0]}
        summed = [sum(waits[n] for waits in expected.values()) for n in range(3)]
        assert [total.rooms, total.unread, total.mentions, total.threads] == [len(behind), *summed]
        pages, _ = await whole(ask, parlour.ListUnread(self.workspace, limit=1))
        assert {r.room_id: (r.unread, r.mentions, r.threads) for r in pages} == behind
        for n, room_id in enumerate(self.rooms):
            shown = await ask(parlour.GetRoom(room_id))
            assert (shown.unread, shown.mentions, shown.threads) == expected.get(room_id, (None, None, None))
            marked = self.ids[n].get(shown.read_number)
            assert shown.read_offset in (None, marked.offset if marked else 0)
            followed = await ask(parlour.ListThreads(room_id))
            assert {m.number: m.followed.unread for m in followed.items} == self.model[n].replies(who)

    @invariant()
    def it_is_known_who_has_read_what(self) -> None:
        for n, there in enumerate(self.there):
            for number, those in list(there.items())[-3:]:
                page = self.do(CAST[0], parlour.ListReaders(self.ids[n][number].id))
                read = {self.actors[w].known for w in those if number not in self.model[n].unread[w]}
                assert {r.user_id for r in page.items} == read - {self.ids[n][number].author_id}

    def teardown(self) -> None:
        for who in list(self.online):
            self.go(who)
        assert self.run(self.chat.execute(Look(), self.chat.system)) == []
