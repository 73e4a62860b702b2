"""A workspace with a channel in an office whose upkeep is stepped, for what is told of retention."""

from datetime import timedelta
from typing import Any

from attrs import frozen

import parlour
from parlour.application.kernel.actor import SYSTEM, Way
from parlour.application.kernel.catalogue import Feature, Query, use_case
from parlour.application.kernel.doctor import Derived
from parlour.config.features import Module
from parlour.domain.kernel.ids import RoomId, WorkspaceId, host_id

from .desk import ALICE, BOB, Office

DAY = timedelta(days=1)
CAROL = parlour.Actor(host_id("carol"))


@frozen
class Look(Query[list[str]]):
    """What the doctor finds."""


async def look(query: Look, derived: Derived) -> list[str]:
    return [f"{d.check}: {d.of} {d.kept} {d.right}" for d in await derived.drift()]


DOCTOR = Module(Feature("doctor_for_tests", use_cases=(use_case(look),)))


@frozen
class Home:
    """An office with a workspace of alice's, in which bob and carol are members, and a channel that alice and bob are in."""

    office: Office
    workspace: WorkspaceId
    room: RoomId

    async def ask(self, message: Any, actor: parlour.Actor = ALICE, key: str | None = None) -> Any:
        return await self.office.instance.chat.execute(message, actor, key=key)

    async def said(self, *words: str, room: RoomId | None = None, **more: Any) -> list[Any]:
        return [await self.ask(parlour.SendMessage(room or self.room, word, **more)) for word in words]

    async def history(self, room: RoomId | None = None) -> list[str]:
        return [m.content for m in (await self.ask(parlour.ListMessages(room or self.room, limit=200))).items]

    async def shown(self, actor: parlour.Actor = ALICE) -> Any:
        return await self.ask(parlour.GetRoom(self.room), actor)

    def goes_by(self, time: timedelta) -> None:
        self.office.clock.advance(time)

    async def upkeep(self, most: int = 100) -> None:
        """Let the chore look, and the scheduler do what is due, until nothing is."""
        await self.office.ask("expire_messages", {}, SYSTEM, Way.SYSTEM)
        for _ in range(most):
            while await self.office.instance.relay.once():
                pass
            if not await self.office.instance.scheduler.once():
                break
            self.goes_by(timedelta(seconds=2))
        assert await self.ask(Look()) == []


async def moved_in(opened: Office) -> Home:
    ask = opened.instance.chat.execute
    team = await ask(parlour.CreateWorkspace("home"), ALICE)
    for actor in (BOB, CAROL):
        await ask(parlour.AddWorkspaceMember(team.id, actor.known), ALICE)
    room = await ask(parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "room", workspace_id=team.id), ALICE)
    await ask(parlour.JoinRoom(room.id), BOB)
    return Home(opened, team.id, room.id)
