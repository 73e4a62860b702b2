"""A machine over a channel with members, roles, mutes, bans and a password, against a model that any reader can follow.

The model is a handful of sets and one order of ranks; it shares no rule with the program.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ..application.kernel.actor import Actor
from ..application.kernel.explain import Explain
from ..application.kernel.ports import Clock, Passwords, People
from ..application.messages.commands import SendMessage
from ..application.rooms.commands import CreateRoom, UpdateRoom
from ..application.rooms.members import AddMembers, JoinRoom, LeaveRoom, RemoveMembers, UpdateMember
from ..application.rooms.moderation import BanMember, UnbanMember
from ..application.rooms.queries import GetRoom, ListBans, ListMembers
from ..application.workspaces.commands import AddWorkspaceMember, CreateWorkspace
from ..domain.kernel.errors import DomainError
from ..domain.kernel.ids import UserId, host_id
from ..domain.kernel.permissions import Permission
from ..domain.rooms.room import RoomKind, RoomRole
from ..domain.workspaces.workspace import WorkspaceRole
from ..entrypoints.library.chat import Chat
from .strategies import NOON
from .world import Cast, QuickPasswords, TickingClock

PEOPLE = ("ada", "bob", "cyd", "dan", "eve")
"""Ada owns the workspace, Bob administers it; Cyd founds the channel."""
STAFF = {"ada": 5, "bob": 4}
RANKS = {"member": 1, "moderator": 2, "owner": 3}
WORDS = ("sesame", "swordfish")

who, ends = st.sampled_from(PEOPLE), st.none() | st.integers(1, 3).map(lambda hours: timedelta(hours=hours))
word = st.none() | st.sampled_from(WORDS)


class Open(Protocol):
    """Opens an empty instance with some ports replaced."""

    def __call__(self, given: dict[type, Any]) -> AbstractAsyncContextManager[Chat]: ...


@define
class Model:
    """What is so in the channel. A mute or a ban has an end, or None; it is of a person, in the room or not."""

    public: bool
    roles: dict[str, str]
    mutes: dict[str, datetime | None] = field(factory=dict)
    bans: dict[str, datetime | None] = field(factory=dict)
    password: str | None = None
    now: datetime = NOON

    def _holds(self, among: dict[str, datetime | None], name: str) -> bool:
        until = among.get(name)
        return name in among and (until is None or until > self.now)

    def muted(self, name: str) -> bool:
        return self._holds(self.mutes, name)

    def banned(self, name: str) -> bool:
        return self._holds(self.bans, name)

    def rank(self, name: str) -> int:
        return STAFF.get(name) or RANKS.get(self.roles.get(name, ""), 0)

    def sees(self, name: str) -> bool:
        outside = self.public and (self.password is None or name in STAFF)
        return (name in self.roles or outside) and not self.banned(name)

    def speaks(self, name: str) -> bool:
        return name in self.roles and not self.muted(name)

    def keeps_order(self, name: str) -> bool:
        return self.sees(name) and self.rank(name) >= RANKS["moderator"]

    def owns(self, name: str) -> bool:
        return self.sees(name) and self.rank(name) >= RANKS["owner"]

    def moderates(self, by: str, name: str) -> bool:
        return self.keeps_order(by) and self.rank(by) > self.rank(name) and self.roles.get(name) != "owner"

    def may_join(self, name: str, password: str | None) -> bool:
        knows = self.password is not None and password == self.password
        open_ = self.public and (self.password is None or name in STAFF)
        return name in self.roles or ((knows or open_) and not self.banned(name))

    def may_leave(self, name: str) -> bool:
        return self.roles.get(name, "owner") != "owner"


class RoomMachine(RuleBasedStateMachine):
    """Derive from it with an `open_chat`. Every step is done exactly when the model says that it may be."""

    open_chat: Open

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.clock = asyncio.Runner(), TickingClock()
        self.ids: dict[str, UserId] = {name: host_id(name) for name in PEOPLE}
        given: dict[type, Any] = {Clock: self.clock, Passwords: QuickPasswords(), People: Cast(self.ids)}
        self.opened = type(self).open_chat(given)
        self.chat = self.runner.run(self.opened.__aenter__())

    def teardown(self) -> None:
        self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()

    def ask(self, name: str, message: Any) -> Any:
        return self.runner.run(self.chat.execute(message, Actor(self.ids[name])))

    def tried(self, name: str, message: Any, expected: bool) -> bool:
        """Ask for something; whether it was done, which it is exactly when it may be."""
        code = ""
        try:
            self.ask(name, message)
        except DomainError as refusal:
            code = refusal.code
        assert (not code) == expected, f"{name} {'may' if expected else 'may not'} do {message}: {code or 'done'}"
        return expected

    @initialize(public=st.booleans())
    def found(self, public: bool) -> None:
        home = self.ask("ada", CreateWorkspace("home"))
        for name in PEOPLE[1:]:
            role = WorkspaceRole.ADMIN if name in STAFF else WorkspaceRole.MEMBER
            self.ask("ada", AddWorkspaceMember(home.id, self.ids[name], role))
        kind = RoomKind.PUBLIC_CHANNEL if public else RoomKind.PRIVATE_CHANNEL
        self.room = self.ask("cyd", CreateRoom(kind, "square", workspace_id=home.id)).id
        self.model = Model(public, {"cyd": "owner"})

    @property
    def at(self) -> Model:
        """The model at this moment."""
        self.model.now = self.clock.now()
        return self.model

    def _end(self, after: timedelta | None) -> datetime | None:
        return self.clock.now() + after if after is not None else None

    @rule(name=who, password=word)
    def join(self, name: str, password: str | None) -> None:
        if self.tried(name, JoinRoom(self.room, password), self.at.may_join(name, password)):
            self.model.roles.setdefault(name, "member")

    @rule(name=who)
    def leave(self, name: str) -> None:
        if self.tried(name, LeaveRoom(self.room), self.at.may_leave(name)):
            del self.model.roles[name]

    @rule(by=who, name=who)
    def add(self, by: str, name: str) -> None:
        expected = self.at.keeps_order(by) and not self.model.banned(name)
        if self.tried(by, AddMembers(self.room, [self.ids[name]]), expected):
            self.model.roles.setdefault(name, "member")

    @rule(by=who, name=who)
    def remove(self, by: str, name: str) -> None:
        at = self.at
        expected = at.may_leave(name) if by == name else name in at.roles and at.moderates(by, name)
        if self.tried(by, RemoveMembers(self.room, [self.ids[name]]), expected):
            del self.model.roles[name]

    @rule(by=who, name=who, role=st.sampled_from(RoomRole))
    def give_role(self, by: str, name: str, role: RoomRole) -> None:
        there = self.at.roles.get(name)
        expected = self.model.owns(by) and there is not None and (there != "owner" or role == "owner")
        asked = UpdateMember.of(room_id=self.room, user_id=self.ids[name], role=role)
        if self.tried(by, asked, expected):
            if role == "owner":
                self.model.roles = {n: "moderator" if r == "owner" else r for n, r in self.model.roles.items()}
                self.model.mutes.pop(name, None)
            self.model.roles[name] = str(role)

    @rule(by=who, name=who, after=ends)
    def mute(self, by: str, name: str, after: timedelta | None) -> None:
        until = self._end(after)
        asked = UpdateMember.of(room_id=self.room, user_id=self.ids[name], muted=True, muted_until=until)
        if self.tried(by, asked, name in self.at.roles and self.model.moderates(by, name)):
            self.model.mutes[name] = until

    @rule(by=who, name=who)
    def unmute(self, by: str, name: str) -> None:
        asked = UpdateMember.of(room_id=self.room, user_id=self.ids[name], muted=False)
        if self.tried(by, asked, name in self.at.roles and self.model.moderates(by, name)):
            self.model.mutes.pop(name, None)

    @rule(by=who, name=who, after=ends)
    def ban(self, by: str, name: str, after: timedelta | None) -> None:
        until = self._end(after)
        if self.tried(by, BanMember(self.room, self.ids[name], until), self.at.moderates(by, name)):
            self.model.bans[name] = until
            self.model.roles.pop(name, None)

    @rule(by=who, name=who)
    def unban(self, by: str, name: str) -> None:
        expected = self.at.banned(name) and self.model.keeps_order(by) and self.model.rank(by) > self.model.rank(name)
        if self.tried(by, UnbanMember(self.room, self.ids[name]), expected):
            del self.model.bans[name]

    @rule(by=who, password=word)
    def lock(self, by: str, password: str | None) -> None:
        if self.tried(by, UpdateRoom.of(room_id=self.room, password=password), self.at.keeps_order(by)):
            self.model.password = password

    @rule(name=who)
    def speak(self, name: str) -> None:
        self.tried(name, SendMessage(self.room, "hi"), self.at.speaks(name))

    @rule(hours=st.integers(1, 2))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    @invariant()
    def everybody_is_shown_what_is_so(self) -> None:
        if not hasattr(self, "model"):
            return
        for name in PEOPLE:
            self.tried(name, GetRoom(self.room), self.at.sees(name))
        for name in filter(self.at.sees, PEOPLE):
            asked = Explain(Permission.ROOM_MESSAGE_SEND, f"room:{self.room}")
            assert self.ask(name, asked).allowed == self.at.speaks(name), f"whether {name} may speak"
        names = {user_id: name for name, user_id in self.ids.items()}
        seeing = next(filter(self.at.sees, PEOPLE))
        shown = {names[m.user_id]: m for m in self.ask(seeing, ListMembers(self.room)).items}
        assert {n: str(m.role) for n, m in shown.items()} == self.at.roles
        assert {
            n for n, m in shown.items() if m.muted and (m.muted_until is None or m.muted_until > self.model.now)
        } == {n for n in self.model.roles if self.model.muted(n)}
        by = next(filter(self.at.keeps_order, PEOPLE))
        bans = {names[b.user_id]: b.until for b in self.ask(by, ListBans(self.room)).items}
        assert bans == {n: until for n, until in self.at.bans.items() if self.model.banned(n)}
