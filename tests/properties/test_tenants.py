"""Nothing of one workspace ever shows in another, in no answer, event, error or count (G7); and planted faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, seed, settings

import parlour
from parlour.adapters.sql.messages import SqlMessages
from parlour.adapters.sql.own_rooms import SqlOwnRooms
from parlour.application.identity.commands import SignUp
from parlour.application.kernel import authorizer
from parlour.application.kernel.actor import STRANGER
from parlour.application.kernel.ports import Clock, Ids, Passwords
from parlour.application.rooms import access
from parlour.domain.kernel.decisions import Allowed
from parlour.domain.kernel.errors import Forbidden
from parlour.domain.kernel.permissions import Permission
from parlour.entrypoints.library.chat import Chat
from parlour.entrypoints.realtime import hub
from parlour.testing.flagship import Stage
from parlour.testing.world import CountingIds, QuickPasswords, TickingClock

from ..engines import empty, on_sqlite
from .tenants import LEFT, RIGHT, Did, Tenant, scripts

EXAMPLES = {"sqlite": 20, "postgres": 4}
SOME = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
Open = Callable[[], AbstractAsyncContextManager[Chat]]


@pytest.fixture
def opened(engine: str, request: pytest.FixtureRequest) -> Open:
    url = ":memory:" if engine == "sqlite" else request.getfixturevalue("emptied_url")

    @asynccontextmanager
    async def opened() -> AsyncIterator[Chat]:
        if engine == "postgres":
            empty(*request.getfixturevalue("reused"))
        given: dict[type, Any] = {Clock: TickingClock(), Ids: CountingIds(), Passwords: QuickPasswords()}
        async with parlour.open(url, given=given) as chat:
            yield chat

    return opened


async def play(opened: Open, script: list[Did], *names: str) -> list[Tenant]:
    """Let the tenants of these names do what the script says of them; what they were told."""
    async with opened() as chat:
        await chat.execute(SignUp("root", "root@example.org", "correct horse"), STRANGER)  # administers the instance
        tenants = [Tenant(name, Stage(chat, {})) for name in names]
        for tenant in tenants:
            await tenant.furnish()
        if len(tenants) == 2:
            tenants[0].other, tenants[1].other = tenants[1], tenants[0]
        for tenant in tenants:
            await tenant.follow()
        by_name = {tenant.name: tenant for tenant in tenants}
        for did in script:
            if did.tenant in by_name:
                await by_name[did.tenant].do(did)
        for tenant in tenants:
            await tenant.look()
        for tenant in tenants:
            await tenant.close()
    return tenants


def check_apart(left: Tenant, right: Tenant) -> None:
    """Nothing that one has made was told to the other."""
    both = left.told.ids() & right.told.ids()
    assert not both, f"told to both: {[tenant.name for tenant in (left, right)]} {sorted(both)}"
    for tenant, other in ((left, right), (right, left)):
        for asked, said in tenant.told.answers:
            assert f" ~{other.name}" not in json.dumps(said), f"{asked} told {tenant.name}: {said}"


def compare(opened: Open, script: list[Did]) -> None:
    left, right = asyncio.run(play(opened, script, LEFT, RIGHT))
    check_apart(left, right)
    (alone,) = asyncio.run(play(opened, script, RIGHT))
    for there, without in zip(right.told.masked(), alone.told.masked(), strict=True):
        assert there == without, "told with the other tenant there, and without"


@pytest.mark.row("WS4")
def test_nothing_of_a_workspace_shows_in_another(opened: Open, engine: str) -> None:
    @settings(SOME, max_examples=EXAMPLES[engine], phases=[Phase.generate])
    @given(scripts())
    def apart(script: list[Did]) -> None:
        compare(opened, script)

    apart()


# --- planted faults ---------------------------------------------------------------------------------------------------


def every_room_is_shown(patch: pytest.MonkeyPatch) -> None:
    right = authorizer._in_room

    def in_room(permission: Permission, facts: Any) -> Any:
        return Allowed("planted") if permission is Permission.ROOM_READ else right(permission, facts)

    patch.setattr(authorizer, "_in_room", in_room)


def who_may_not_know_of_it_is_told(patch: pytest.MonkeyPatch) -> None:
    def require(policy: Any, actor: Any, permission: Any, facts: Any, missing: str) -> None:
        if not isinstance(policy.decide(actor, permission, facts), Allowed):
            raise Forbidden("You may not.")

    patch.setattr(access, "require", require)


def events_of_any_room_come_by_one_channel(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hub, "channel_of", lambda topic: topic.partition(":")[0])


def messages_of_all_are_counted(patch: pytest.MonkeyPatch) -> None:
    append, unread = SqlMessages.append, SqlOwnRooms.unread_in
    sent: list[Any] = []

    async def counted(self: SqlMessages, draft: Any) -> Any:
        sent.append(draft.id)
        return await append(self, draft)

    async def counting(self: SqlOwnRooms, *of: Any) -> Any:
        found = await unread(self, *of)
        return evolve(found, unread=found.unread + len(sent))

    patch.setattr(SqlMessages, "append", counted)
    patch.setattr(SqlOwnRooms, "unread_in", counting)


PLANTS: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (every_room_is_shown, "told to both|told right|told left"),
    (who_may_not_know_of_it_is_told, "and without"),
    (events_of_any_room_come_by_one_channel, "told to both|told right|told left"),
    (messages_of_all_are_counted, "and without"),
]


@on_sqlite
@pytest.mark.parametrize("plant, how", PLANTS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], how: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    @seed(1)
    @settings(SOME, max_examples=40, phases=[Phase.generate])
    @given(scripts())
    def apart(script: list[Did]) -> None:
        compare(opened, script)

    with pytest.raises(AssertionError, match=how):
        apart()
