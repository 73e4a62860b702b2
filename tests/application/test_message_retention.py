"""Messages go when they are older than the rule of their room: whose rule, and what goes with them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import parlour
from parlour.application.kernel.page import PositionView
from parlour.application.messages.retention import AGAIN
from parlour.domain.kernel.errors import Conflict, DomainError, Invalid, NotFound
from parlour.domain.kernel.ids import host_id
from parlour.domain.kernel.keeping import KeepRule, RuleOf
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.events import HistoryCut

from .desk import ALICE, BOB, office
from .home import CAROL, DAY, DOCTOR, Home, moved_in

pytestmark = pytest.mark.row("MS8")


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[Home]:
    async with office(database_url, start=False, modules=[DOCTOR]) as opened:
        yield await moved_in(opened)


# --- whose rule -------------------------------------------------------------------------------------------------------


async def test_a_rooms_own_rule_stands_before_the_workspaces_where_that_lets_rooms_decide(home: Home) -> None:
    async def rule() -> Any:
        shown = await home.shown()
        listed = (await home.ask(parlour.ListRooms(home.workspace))).items[0]
        channel = (await home.ask(parlour.ListChannels(home.workspace))).items[0]
        assert shown.retention == listed.retention == channel.retention
        return shown.retention

    assert await rule() == KeepRule(None, RuleOf.INSTANCE)
    await home.ask(parlour.SetRoomRetention(home.room, 7))
    assert await rule() == KeepRule(7, RuleOf.ROOM)
    held = await home.ask(parlour.SetWorkspaceRetention(home.workspace, 30))
    assert (held.retention.days, held.rooms_decide) == (30, False)
    assert await rule() == KeepRule(30, RuleOf.WORKSPACE)
    assert (await home.shown()).own_retention.days == 7, "it is kept, and holds again when rooms may decide"
    with pytest.raises(Conflict) as refused:
        await home.ask(parlour.SetRoomRetention(home.room, 9))
    assert refused.value.code == "retention_by_workspace"
    await home.ask(parlour.SetWorkspaceRetention(home.workspace, 30, rooms_decide=True))
    assert await rule() == KeepRule(7, RuleOf.ROOM)
    await home.ask(parlour.SetRoomRetention(home.room, None))
    assert await rule() == KeepRule(None, RuleOf.ROOM), "for ever, whatever the workspace says"
    await home.ask(parlour.ClearRoomRetention(home.room))
    assert await rule() == KeepRule(30, RuleOf.WORKSPACE)
    assert (await home.ask(parlour.ClearWorkspaceRetention(home.workspace))).retention is None
    assert await rule() == KeepRule(None, RuleOf.INSTANCE)


@pytest.mark.parametrize("days", [0, -1, 36_501, 2**70])
async def test_a_number_of_days_that_is_none_is_an_error_of_its_own(home: Home, days: int) -> None:
    for command in (parlour.SetRoomRetention(home.room, days), parlour.SetWorkspaceRetention(home.workspace, days)):
        with pytest.raises(Invalid) as refused:
            await home.ask(command)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [("/days", "range")]
    assert (await home.shown()).own_retention is None


async def test_who_may_set_it(home: Home) -> None:
    async def refused(command: Any, actor: parlour.Actor) -> str:
        with pytest.raises(DomainError) as error:
            await home.ask(command, actor)
        return error.value.code

    room, team = parlour.SetRoomRetention(home.room, 7), parlour.SetWorkspaceRetention(home.workspace, 7)
    assert await refused(room, BOB) == "role_lacks_permission"
    assert await refused(room, CAROL) == "not_in_room"
    assert await refused(room, parlour.Actor(host_id("nobody"))) == "not_found"
    assert await refused(team, BOB) == "role_lacks_permission"
    assert await refused(parlour.ClearRoomRetention(home.room), BOB) == "role_lacks_permission"
    await home.ask(parlour.UpdateMember.of(room_id=home.room, user_id=BOB.known, role=parlour.RoomRole.MODERATOR))
    assert (await home.ask(room, BOB)).retention == KeepRule(7, RuleOf.ROOM)
    direct = parlour.CreateRoom(parlour.RoomKind.DIRECT, member_ids=[BOB.known], workspace_id=home.workspace)
    pair = await home.ask(direct)
    assert await refused(parlour.SetRoomRetention(pair.id, 7), ALICE) == "role_lacks_permission"
    await home.ask(parlour.ArchiveRoom(home.room))
    assert await refused(room, ALICE) == "room_archived"


# --- what goes --------------------------------------------------------------------------------------------------------


async def test_what_is_older_goes_and_what_is_younger_stays(home: Home) -> None:
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    await home.said("one", "two")
    home.goes_by(DAY)
    await home.said("three")
    await home.upkeep()
    assert await home.history() == ["one", "two", "three"], "the control: none is two days old"
    home.goes_by(DAY + AGAIN)
    await home.upkeep()
    assert await home.history() == ["three"]
    assert (await home.shown()).gone_to == 2
    (fourth,) = await home.said("four")
    assert fourth.number == 4, "no number is used again"
    home.goes_by(3 * DAY)
    await home.upkeep()
    assert await home.history() == []
    shown = await home.shown()
    assert (shown.gone_to, shown.last_message, shown.unread) == (4, None, 0)
    assert [m.number for m in await home.said("five")] == [5]


async def test_everything_that_hangs_on_a_message_goes_with_it(home: Home) -> None:
    first, second = await home.said("one", "two @bob")
    await home.ask(parlour.SendMessage(home.room, "an answer", reply_to=first.id), BOB)
    await home.ask(parlour.AddReaction(first.id, "👍"), BOB)
    await home.ask(parlour.PinMessage(second.id))
    await home.ask(parlour.EditMessage(first.id, "one, in other words"))
    home.goes_by(3 * DAY)
    await home.ask(parlour.EditMessage(second.id, "two, much later"))
    quoting = await home.ask(parlour.SendMessage(home.room, "look", quote=second.id, reply_to=first.id))
    assert quoting.quote.content == "two, much later"
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    await home.upkeep()
    assert await home.history() == ["look"]
    assert (await home.ask(parlour.ListPinned(home.room))).items == []
    assert [m.id for m in (await home.ask(parlour.ListThreads(home.room))).items] == []
    assert [m.id for m in (await home.ask(parlour.ListReplies(quoting.id))).items] == [quoting.id]
    for command in (
        parlour.GetMessage(first.id), parlour.ListEdits(first.id), parlour.AddReaction(first.id, "👍"),
        parlour.EditMessage(second.id, "no"), parlour.FollowThread(quoting.id), parlour.MarkRead(home.room, message_id=first.id),
    ):  # fmt: skip
        with pytest.raises((NotFound, Invalid)):
            await home.ask(command)
    for more in ({"reply_to": first.id}, {"reply_to": quoting.id}, {"quote": second.id}):
        with pytest.raises(Invalid):
            await home.said("about what is gone", **more)
    words = " ".join(e.data for e in await home.office.log(Stream.of_room(home.workspace, home.room)))
    assert "look" in words
    for gone in ("in other words", "an answer", "much later"):
        assert gone not in words, "no event tells it either, however late it was"
    kept = (await home.ask(parlour.GetMessage(quoting.id))).quote
    assert (kept.message_id, kept.content, kept.gone) == (second.id, "", True)


async def test_unread_counts_what_is_still_there_to_be_read(home: Home) -> None:
    await home.said("one", "two", "three")
    await home.ask(parlour.MarkRead(home.room, 1), BOB)
    home.goes_by(3 * DAY)
    await home.said("four")
    assert (await home.shown(BOB)).unread == 3
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    await home.upkeep()
    shown, counted = await home.shown(BOB), await home.ask(parlour.GetUnread(home.workspace), BOB)
    (listed,) = (await home.ask(parlour.ListUnread(home.workspace), BOB)).items
    assert (shown.unread, counted.unread, listed.unread, shown.read_number) == (1, 1, 1, 1)
    assert (await home.ask(parlour.MarkUnread(home.room, 1), BOB)).unread == 1
    assert (await home.ask(parlour.MarkRead(home.room), BOB)).unread == 0
    await home.ask(parlour.LeaveRoom(home.room), BOB)
    await home.ask(parlour.JoinRoom(home.room), BOB)
    assert (await home.shown(BOB)).unread == 0


async def test_a_resume_from_before_the_cut_is_told_to_load_anew(home: Home) -> None:
    before = await home.shown()
    await home.said("one")
    home.goes_by(3 * DAY)
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    at = await home.shown()
    await home.upkeep()
    assert before.epoch is not None
    late = await home.ask(parlour.ListEvents(home.room, before.epoch, before.offset))
    assert (late.recovered, late.items) == (False, [])
    async for live in home.office.instance.chat.events(
        f"room:{home.room}", after=PositionView(at.epoch, at.offset), actor=ALICE
    ):
        assert live.recovered, "the control: from behind what went, one goes on"
        assert live.event == HistoryCut(home.room, 1)
        break


async def test_words_are_kept_under_no_key_either(home: Home) -> None:
    (one,) = await home.said("one")
    await home.ask(parlour.EditMessage(one.id, "kept under a key"), key="k")
    again = parlour.EditMessage(one.id, "kept under a key")
    assert (await home.ask(again, key="k")).content == "kept under a key", "the control"
    home.goes_by(3 * DAY)
    await home.ask(parlour.SetRoomRetention(home.room, 2))
    await home.upkeep()
    with pytest.raises(NotFound):
        await home.ask(again, key="k")


async def test_a_deleted_room_keeps_nothing_longer(home: Home) -> None:
    await home.said("perishable")
    await home.ask(parlour.SetWorkspaceRetention(home.workspace, 2))
    await home.ask(parlour.DeleteRoom(home.room))
    home.goes_by(3 * DAY)
    await home.upkeep()
    words = " ".join(e.data for e in await home.office.log(Stream.of_room(home.workspace, home.room)))
    assert "perishable" not in words
