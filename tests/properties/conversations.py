"""A machine over what is said in a channel, against a model that keeps it in plain lists."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from itertools import count
from typing import Any

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import parlour
from parlour.domain.kernel.ids import MessageId
from parlour.entrypoints.library.chat import Chat
from parlour.testing.asking import Ask, whole

from .unread_machine import Look

OWNER, COMES_AND_GOES = "ada", "dan"
CAST = (OWNER, "bob", "cyd", COMES_AND_GOES)
EMOJI = ("👍", "❤️", "🎉")
NUMBER = count(1)
people, which, emoji = st.sampled_from(CAST), st.integers(0, 30), st.sampled_from(EMOJI)


@define
class Said:
    """A message as anybody would write it down: `before` is what it said earlier, `reactions` who reacted, in order."""

    id: MessageId
    author: str
    content: str
    at: datetime
    first: "Said | None" = None
    deleted: bool = False
    before: list[str] = field(factory=list)
    reactions: dict[str, list[str]] = field(factory=dict)
    pinned_by: str | None = None
    edited: bool = False
    follows: dict[str, bool] = field(factory=dict)


class Talking(RuleBasedStateMachine):
    """A public channel of Ada's in a workspace of this example's own. Dan comes and goes, the others stay."""

    def __init__(self, chat: Chat, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        super().__init__()
        self.chat, self.run = chat, run
        self.said: list[Said] = []
        self.inside = set(CAST)

    @initialize()
    def found(self) -> None:
        number = next(NUMBER)
        self.actors = {name: self.chat.actor(parlour.host_id(f"{name} of {number}")) for name in CAST}
        self.names = {actor.known: name for name, actor in self.actors.items()}
        home = self.do(OWNER, parlour.CreateWorkspace("Team")).id
        for name in CAST[1:]:
            self.do(OWNER, parlour.AddWorkspaceMember(home, self.actors[name].known))
        asked = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "talk", workspace_id=home)
        self.room = self.do(OWNER, asked).id
        for name in CAST[1:]:
            self.do(name, parlour.JoinRoom(self.room))

    def do(self, who: str, message: Any) -> Any:
        return self.run(self.chat.execute(message, self.actors[who]))

    def tried(self, who: str, message: Any, expected: bool) -> Any:
        """The answer, which there is exactly when there should be one."""
        answer, code = None, ""
        try:
            answer = self.do(who, message)
        except parlour.DomainError as error:
            code = error.code
        assert (not code) == expected, f"{who} {'may' if expected else 'may not'} do {message}: {code or 'done'}"
        return answer

    def at(self, which: int) -> Said | None:
        return self.said[-1 - which % len(self.said)] if self.said else None

    @rule(who=people, words=st.sampled_from(["a", "b"]))
    def say(self, who: str, words: str) -> None:
        view = self.tried(who, parlour.SendMessage(self.room, words), who in self.inside)
        if view is not None:
            self.said.append(Said(view.id, who, words, view.created_at))

    @rule(who=people, which=which)
    def answer(self, who: str, which: int) -> None:
        """Whoever answers an answer answers what it began with. It is followed by both, unless one wants not to."""
        if (there := self.at(which)) is None:
            return
        first = there.first or there
        may = who in self.inside and not there.deleted and not first.deleted
        view = self.tried(who, parlour.SendMessage(self.room, "re", reply_to=there.id), may)
        if view is not None:
            self.said.append(Said(view.id, who, "re", view.created_at, first))
            first.follows[who] = True
            if first.author in self.inside:
                first.follows.setdefault(first.author, True)

    @rule(who=people, which=which, words=st.sampled_from(["other", "words"]))
    def edit(self, who: str, which: int, words: str) -> None:
        if (there := self.at(which)) is None:
            return
        may = who == there.author and who in self.inside and not there.deleted
        if self.tried(who, parlour.EditMessage(there.id, words), may) is not None and words != there.content:
            there.before.append(there.content)
            there.content, there.edited = words, True

    @rule(who=people, which=which)
    def delete(self, who: str, which: int) -> None:
        if (there := self.at(which)) is None:
            return
        may = (who == OWNER or (who == there.author and who in self.inside)) and not there.deleted
        if self.tried(who, parlour.DeleteMessage(there.id), may) is not None:
            there.deleted, there.content, there.before = True, "", []
            there.reactions, there.pinned_by = {}, None

    @rule(who=people, which=which, emoji=emoji, remove=st.booleans())
    def react(self, who: str, which: int, emoji: str, remove: bool) -> None:
        if (there := self.at(which)) is None:
            return
        by = there.reactions.get(emoji, [])
        kind = parlour.RemoveReaction if remove else parlour.AddReaction
        may = who in self.inside and not there.deleted
        if self.tried(who, kind(there.id, emoji), may) is not None:
            if remove and who in by:
                by.remove(who)
            elif not remove and who not in by:
                there.reactions.setdefault(emoji, by).append(who)
            if not by:
                there.reactions.pop(emoji, None)

    @rule(who=people, which=which, unpin=st.booleans())
    def pin(self, who: str, which: int, unpin: bool) -> None:
        if (there := self.at(which)) is None:
            return
        kind = parlour.UnpinMessage if unpin else parlour.PinMessage
        if self.tried(who, kind(there.id), who == OWNER and not there.deleted) is not None:
            there.pinned_by = None if unpin else there.pinned_by or who

    @rule(who=people, which=which, follow=st.booleans())
    def follow(self, who: str, which: int, follow: bool) -> None:
        if (there := self.at(which)) is None:
            return
        kind = parlour.FollowThread if follow else parlour.UnfollowThread
        if self.tried(who, kind(there.id), who in self.inside or not follow) is not None:
            (there.first or there).follows[who] = follow

    @rule()
    def come_or_go(self) -> None:
        """Whoever goes follows no thread there any more."""
        if COMES_AND_GOES in self.inside:
            self.do(COMES_AND_GOES, parlour.LeaveRoom(self.room))
            for said in self.said:
                said.follows.pop(COMES_AND_GOES, None)
        else:
            self.do(COMES_AND_GOES, parlour.JoinRoom(self.room))
        self.inside ^= {COMES_AND_GOES}

    @invariant()
    def everybody_is_shown_what_is_so(self) -> None:
        if hasattr(self, "room"):
            for who in CAST:
                self.run(self._check(who, Ask(self.chat.execute, self.actors[who])))

    async def _check(self, who: str, ask: Ask) -> None:
        page = await ask(parlour.ListMessages(self.room, limit=200))
        assert [self._shown(m) for m in page.items] == [self._expected(s, who) for s in self.said]
        pinned, _ = await whole(ask, parlour.ListPinned(self.room, limit=2))
        assert {m.id for m in pinned} == {s.id for s in self.said if s.pinned_by is not None}
        threads = await ask(parlour.ListThreads(self.room, limit=200))
        assert [m.id for m in threads.items] == [s.id for s in self.said if s.follows.get(who)]

    @invariant()
    def whoever_looks_closer_sees_the_same(self) -> None:
        for there in self.said[-3:]:
            self.run(self._look_at(there, Ask(self.chat.execute, self.actors[OWNER])))

    async def _look_at(self, there: Said, ask: Ask) -> None:
        assert self._shown(await ask(parlour.GetMessage(there.id))) == self._expected(there, OWNER)
        first = there.first or there
        replies = await ask(parlour.ListReplies(there.id, limit=200))
        assert [m.id for m in replies.items] == [s.id for s in self.said if s.first is first]
        edits = await ask(parlour.ListEdits(there.id, limit=200))
        assert sorted(e.content for e in edits.items) == sorted(there.before)
        for emoji, by in there.reactions.items():
            reactors = await ask(parlour.ListReactors(there.id, emoji, limit=200))
            assert [self.names[r.user_id] for r in reactors.items] == by

    def _shown(self, m: Any) -> tuple[Any, ...]:
        thread = (m.thread.replies, m.thread.last_at) if m.thread is not None else None
        pinned = self.names[m.pinned.by] if m.pinned is not None else None
        reactions = [(r.emoji, r.count, r.mine) for r in m.reactions]
        edited, gone = m.edited_at is not None, m.deleted_at is not None
        return (m.id, m.content, edited, gone, m.reply_to, thread, reactions, pinned)

    def _expected(self, s: Said, who: str) -> tuple[Any, ...]:
        replies = [r.at for r in self.said if r.first is s and not r.deleted]
        thread = (len(replies), replies[-1]) if replies else None
        reactions = [(emoji, len(by), who in by) for emoji, by in s.reactions.items()]
        first = s.first.id if s.first is not None else None
        return (s.id, s.content, s.edited, s.deleted, first, thread, reactions, s.pinned_by)

    def teardown(self) -> None:
        assert self.run(self.chat.execute(Look(), self.chat.system)) == []
