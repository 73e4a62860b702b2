"""Messages go in bounded steps, between which all holds together, and only rooms are looked at that have something to let go."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

import parlour
from parlour.adapters.sql.loader import Query, for_psycopg
from parlour.adapters.sql.migrations import CORE
from parlour.application.kernel.actor import SYSTEM, Way
from parlour.application.kernel.ports import People
from parlour.application.kernel.retention import Retention
from parlour.application.messages.retention import AGAIN, FOLLOWERS, ROOMS, STEP
from parlour.domain.kernel.ids import UserId, host_id
from parlour.domain.kernel.keeping import KeepRule, RuleOf
from parlour.domain.kernel.streams import Stream
from parlour.testing.world import Cast

from .desk import ALICE, BOB, office
from .home import DAY, DOCTOR, Home, Look, moved_in

pytestmark = pytest.mark.row("MS8")


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    async with office(database_url, start=False, modules=[DOCTOR]) as opened:
        yield await moved_in(opened)


async def cut(home: Home) -> int:
    done: int = (await home.office.ask("cut_room", {"room_id": str(home.room)}, SYSTEM, Way.SYSTEM)).value
    return done


async def test_much_goes_in_steps_and_all_holds_together_between_them(home: Home) -> None:
    for n in range(STEP // 100 * 2 + 1):
        data = [{"room_id": str(home.room), "content": f"{n}-{m}"} for m in range(100)]
        await home.ask(parlour.Batch("all", [parlour.BatchItem("send_message", d) for d in data]))
    home.goes_by(3 * DAY)
    while await home.office.instance.relay.once():
        pass
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    steps = []
    while (await home.shown()).last_message is not None:
        steps.append(await cut(home))
        assert await home.ask(Look()) == []
        assert len(steps) < 20
    assert max(steps) <= STEP
    assert sum(steps) == STEP * 2 + 100
    assert await cut(home) == 0


async def test_a_message_with_much_on_it_goes_in_a_step_of_its_own(home: Home) -> None:
    one, _, _ = await home.said("one", "two", "three")
    for n in range(STEP // 10):
        for emoji in ("👍", "🎉"):
            await home.ask(parlour.AddReaction(one.id, emoji), BOB)
            await home.ask(parlour.RemoveReaction(one.id, emoji), BOB)
        await home.ask(parlour.EditMessage(one.id, f"{n}"))
        await home.ask(parlour.AddReaction(one.id, "👍"), (ALICE, BOB)[n % 2]) if n < 2 else None
    home.goes_by(3 * DAY)
    while await home.office.instance.relay.once():
        pass
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    steps = [await cut(home) for _ in range(4)]
    assert [s for s in steps if s] in ([3], [1, 2]), "its former words and reactions count"
    assert await home.history() == []
    assert await home.ask(Look()) == []


async def test_what_the_relay_has_not_handed_on_is_waited_for(home: Home) -> None:
    await home.said("one")
    home.goes_by(3 * DAY)
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    assert await cut(home) == 0
    assert await home.history() == ["one"]
    assert await home.ask(Look()) == []
    while await home.office.instance.relay.once():
        pass
    assert await cut(home) == 1, "the control"


@pytest.fixture
async def crowd(database_url: str) -> AsyncIterator[Home]:
    """With more people than may be let go of in one step."""
    cast = Cast({name: host_id(name) for name in ("alice", "bob", "carol", *map(str, range(FOLLOWERS + 5)))})
    async with office(database_url, start=False, modules=[DOCTOR], given={People: cast}) as opened:
        yield await moved_in(opened)


async def test_those_who_follow_are_let_go_of_in_steps(crowd: Home) -> None:
    home, people = crowd, [UserId(host_id(str(n))) for n in range(FOLLOWERS + 5)]
    (one,) = await home.said("one")
    for user_id in people:
        await home.ask(parlour.AddWorkspaceMember(home.workspace, user_id))
        await home.ask(parlour.JoinRoom(home.room), parlour.Actor(user_id))
        await home.ask(parlour.FollowThread(one.id), parlour.Actor(user_id))
    home.goes_by(3 * DAY)
    while await home.office.instance.relay.once():
        pass
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    steps = [await cut(home) for _ in range(4)]
    assert steps[0] == 0, "first only those who follow, as many as a step may tell"
    assert sum(steps) == 1
    for user_id in people[::50]:
        told = [e.data for e in await home.office.log(Stream.of_user(user_id)) if e.tag == "thread_followed"]
        assert len(told) == 2
        assert '"following":false' in told[-1].replace(" ", "")


async def test_quotes_from_before_there_were_rules_are_found_too(home: Home, engine: str) -> None:
    (one,) = await home.said("perishable")
    home.goes_by(3 * DAY)
    (two,) = await home.said("look", quote=one.id)
    name = "015_retention.postgres.sql" if engine == "postgres" else "015_retention.sql"
    backfill = re.search(r"^update messages.*?;$", (CORE / "core" / name).read_text(), re.DOTALL | re.MULTILINE)
    assert backfill is not None
    unit: Any = home.office.instance.store.unit()
    async with unit:
        for text in ("update messages set quoted_number = null", backfill[0].removesuffix(";")):
            assert await unit.run(Query("before", text, for_psycopg(text)))
    await unit.commit()
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    await home.upkeep()
    assert (await home.ask(parlour.GetMessage(two.id))).quote.content == ""


async def test_only_rooms_are_looked_at_that_have_something_to_let_go(database_url: str) -> None:
    async with office(database_url, start=False, modules=[DOCTOR], retention=Retention(message_days=2)) as opened:
        home = await moved_in(opened)
        quiet = [
            (
                await home.ask(parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, f"{n}", workspace_id=home.workspace))
            ).id
            for n in range(ROOMS + 5)
        ]
        await home.upkeep()
        home.goes_by(DAY + AGAIN)
        await home.said("young")
        await home.said("young", room=quiet[3])
        for _ in range(2):  # what was made a day ago is looked at once
            await home.upkeep()
            home.goes_by(AGAIN)
        looked = (await opened.ask("expire_messages", {}, SYSTEM, Way.SYSTEM)).value
        assert looked.rooms == 0, "nothing of any of them may go before another day"
        home.goes_by(2 * DAY)
        await home.upkeep()
        assert await home.history() == []
        assert await home.history(quiet[3]) == []


async def test_another_rule_of_the_instance_reaches_rooms_that_were_there_before(database_url: str) -> None:
    async with office(database_url, start=False, modules=[DOCTOR]) as before:
        home = await moved_in(before)
        await home.said("one")
        await home.upkeep()
    async with office(database_url, start=False, modules=[DOCTOR], retention=Retention(message_days=2)) as after:
        after.clock.advance(3 * DAY)
        home = Home(after, home.workspace, home.room)
        assert (await home.shown()).retention == KeepRule(2, RuleOf.INSTANCE)
        await home.upkeep()
        assert await home.history() == []
