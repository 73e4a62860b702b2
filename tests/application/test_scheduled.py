"""Scheduled messages: sent once, at their time, with the rights that their author has then."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from parlour.application.kernel.actor import SYSTEM, Actor, Way
from parlour.application.kernel.ports import Due, People
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import RoomId, UserId, WorkspaceId
from parlour.domain.kernel.streams import Stream

from .desk import ALICE, BOB, Office, office

pytestmark = pytest.mark.row("MS4")

HOUR = timedelta(hours=1)


@frozen
class Place:
    """A room of alice's and bob's; the scheduler is stepped by the test."""

    office: Office
    workspace: str
    room: str

    async def ask(self, name: str, actor: Actor = BOB, **data: Any) -> Any:
        answer = await self.office.ask(name, data, actor)
        return self.office.instance.codec.parse(self.office.instance.codec.encode(answer.value))

    async def schedule(self, content: str = "later", by: timedelta = HOUR, actor: Actor = BOB) -> str:
        at = (self.office.clock.now() + by).isoformat()
        made = await self.ask("schedule_message", actor, room_id=self.room, content=content, send_at=at)
        return str(made["id"])

    async def after(self, by: timedelta) -> None:
        self.office.clock.advance(by)
        await self.office.instance.scheduler.once()

    async def said(self) -> list[tuple[str, str]]:
        page = await self.ask("list_messages", ALICE, room_id=self.room)
        return [(m["author_id"], m["content"]) for m in page["items"]]

    async def waiting(self, actor: Actor = BOB) -> list[tuple[str, str | None]]:
        page = await self.ask("list_scheduled", actor, workspace_id=self.workspace)
        return [(s["content"], s["reason"]) for s in page["items"]]


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Place]:
    async with office(database_url, start=False) as opened:
        team = (await opened.ask("create_workspace", {"name": "Team"})).value
        member = {"workspace_id": str(team.id), "user_id": str(BOB.user_id)}
        await opened.ask("add_workspace_member", member)
        room = {
            "kind": "private_channel",
            "name": "Room",
            "member_ids": [str(BOB.user_id)],
            "workspace_id": str(team.id),
        }
        made = (await opened.ask("create_room", room)).value
        yield Place(opened, str(team.id), str(made.id))


async def test_it_is_sent_at_its_time_and_once(place: Place) -> None:
    scheduled = await place.schedule()
    assert await place.waiting() == [("later", None)]
    assert await place.waiting(ALICE) == [], "it is nobody else's"
    await place.after(HOUR / 2)
    assert await place.said() == []
    await place.after(HOUR)
    assert await place.said() == [(str(BOB.user_id), "later")]
    assert await place.waiting() == []
    again = Due(f"scheduled:{scheduled}", place.office.clock.now(), "send_scheduled", {"scheduled_id": scheduled})
    await place.office.instance.scheduler._table.propose(again)  # as after a crash
    await place.after(HOUR)
    assert len(await place.said()) == 1


async def test_what_is_sent_was_said_by_its_author_and_done_by_the_scheduler(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "parlour.access")
    scheduled = await place.schedule("later")
    await place.ask("send_message", ALICE, room_id=place.room, content="now")
    await place.after(2 * HOUR)
    room = Stream.of_room(WorkspaceId(UUID(place.workspace)), RoomId(UUID(place.room)))
    said = [e for e in await place.office.log(room) if e.tag == "text"]
    assert [e.actor_id for e in said] == [ALICE.user_id, BOB.user_id]
    assert [t["actor"] for t in await told(place)] == [BOB.user_id, BOB.user_id]
    lines = [r for r in caplog.records if r.name == "parlour.access" and r.getMessage() == "scheduler send_scheduled"]
    assert [(vars(r)["key"], vars(r)["outcome"], vars(r)["actor"]) for r in lines] == [
        (f"scheduled:{scheduled}", "ok", str(BOB.user_id))
    ]


async def test_the_control_what_the_scheduler_does_for_nobody_is_the_systems(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "parlour.access")
    until = place.office.clock.now() + HOUR
    await place.ask("set_presence", state="away", until=until.isoformat())
    await place.after(2 * HOUR)
    ended = [e for e in await place.office.log(Stream.of_user(BOB.known)) if e.tag == "presence_chosen"]
    assert [e.actor_id for e in ended] == [BOB.user_id, None]
    lines = [vars(r)["actor"] for r in caplog.records if r.getMessage() == "scheduler end_presence"]
    assert lines == ["system"]


async def test_it_calls_people_as_any_message_does(place: Place) -> None:
    async def called() -> list[str]:
        codec = place.office.instance.codec
        events = await place.office.log(Stream.of_user(ALICE.known))
        return [codec.parse(e.data)["message_id"] for e in events if e.tag == "mentioned"]

    await place.schedule("nobody in particular")
    await place.after(2 * HOUR)
    assert await called() == [], "the control"
    scheduled = await place.schedule("what is this, @bob?")
    await place.ask("change_scheduled", scheduled_id=scheduled, content="look, @alice")
    await place.after(2 * HOUR)
    assert await called() == [scheduled]
    (_, said) = (await place.ask("list_messages", ALICE, room_id=place.room))["items"]
    assert said["mentions"] == [str(ALICE.user_id)]


async def test_it_may_be_changed_and_called_off_until_then(place: Place) -> None:
    one, other = await place.schedule("one"), await place.schedule("other")
    at = (place.office.clock.now() + 3 * HOUR).isoformat()
    await place.ask("change_scheduled", scheduled_id=one, content="in other words", send_at=at)
    await place.ask("cancel_scheduled", scheduled_id=other)
    await place.after(2 * HOUR)
    assert await place.said() == []
    await place.after(2 * HOUR)
    assert [content for _, content in await place.said()] == ["in other words"]
    for name in ("change_scheduled", "cancel_scheduled"):
        with pytest.raises(DomainError) as error:
            await place.ask(name, scheduled_id=one)
        assert error.value.code == "not_found"


@pytest.mark.parametrize("lost", ["remove_members", "remove_workspace_member", "archive_room", "delete_room"])
async def test_a_right_that_was_lost_meanwhile_leaves_it_undone_and_says_why(place: Place, lost: str) -> None:
    await place.schedule()
    user, where = str(BOB.user_id), {"room_id": place.room}
    data: dict[str, dict[str, Any]] = {
        "remove_members": {**where, "user_ids": [user]},
        "remove_workspace_member": {"workspace_id": place.workspace, "user_id": user},
        "archive_room": where,
        "delete_room": where,
    }
    await place.ask(lost, ALICE, **data[lost])
    await place.after(2 * HOUR)
    if lost != "delete_room":
        assert await place.said() == []
    if lost != "remove_workspace_member":
        reason = {"archive_room": "room_archived"}.get(lost, "not_found")
        assert await place.waiting() == [("later", reason)]


async def test_one_that_was_refused_is_sent_when_it_is_scheduled_anew(place: Place) -> None:
    scheduled = await place.schedule()
    await place.ask("archive_room", ALICE, room_id=place.room)
    await place.after(2 * HOUR)
    await place.ask("archive_room", ALICE, room_id=place.room, archived=False)
    await place.after(2 * HOUR)
    assert await place.said() == [], "not by itself"
    with pytest.raises(DomainError) as error:
        await place.ask("change_scheduled", scheduled_id=scheduled)
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/send_at", "past")]  # type: ignore[attr-defined]
    at = (place.office.clock.now() + HOUR).isoformat()
    await place.ask("change_scheduled", scheduled_id=scheduled, send_at=at)
    assert await place.waiting() == [("later", None)]
    await place.after(2 * HOUR)
    assert [content for _, content in await place.said()] == ["later"]


async def test_who_is_suspended_says_nothing_and_who_is_not_does(place: Place) -> None:
    account = {"username": "dan", "email": "dan@example.org", "password": "correct horse"}
    tokens = (await place.office.ask("sign_up", account, Actor())).value
    dan = Actor(UserId(tokens.user.id))
    cast: Any = place.office.instance.ports.find(People)
    cast.value.people["dan"] = dan.known
    await place.ask("add_workspace_member", ALICE, workspace_id=place.workspace, user_id=str(dan.user_id))
    await place.ask("add_members", ALICE, room_id=place.room, user_ids=[str(dan.user_id)])
    await place.schedule("while active", actor=dan)
    await place.after(2 * HOUR)
    await place.schedule("while suspended", actor=dan)
    await place.office.ask("suspend_user", {"user_id": str(dan.user_id)}, SYSTEM, Way.SYSTEM)
    await place.after(2 * HOUR)
    assert [content for _, content in await place.said()] == ["while active"]
    assert await place.waiting(dan) == [("while suspended", "suspended")]


async def told(place: Place, actor: Actor = BOB) -> list[dict[str, Any]]:
    """What somebody's inbox tells of it, with the words that stand there now."""
    codec = place.office.instance.codec
    events = await place.office.log(Stream.of_user(actor.known))
    return [{"event": e.tag, "actor": e.actor_id, **codec.parse(e.data)} for e in events if "scheduled" in e.tag]


async def test_ones_devices_are_told_and_only_the_newest_event_carries_the_words(place: Place) -> None:
    scheduled = await place.schedule("first words")
    assert [(t["event"], t["content"]) for t in await told(place)] == [("message_scheduled", "first words")]
    await place.ask("change_scheduled", scheduled_id=scheduled, content="other words")
    assert [(t["event"], t["content"]) for t in await told(place)] == [
        ("message_scheduled", None), ("scheduled_changed", "other words"),
    ]  # fmt: skip
    await place.after(2 * HOUR)
    kept = await told(place)
    assert [(t["event"], t.get("content")) for t in kept] == [
        ("message_scheduled", None), ("scheduled_changed", None), ("scheduled_sent", None),
    ]  # fmt: skip
    assert (kept[-1]["scheduled_id"], kept[-1]["message_id"], kept[-1]["room_id"]) == (scheduled, scheduled, place.room)
    assert await told(place, ALICE) == [], "it is nobody else's"


async def test_what_is_called_off_leaves_no_words_and_what_failed_keeps_them(place: Place) -> None:
    called_off, failed = await place.schedule("called off"), await place.schedule("failed")
    await place.ask("cancel_scheduled", scheduled_id=called_off)
    await place.ask("archive_room", ALICE, room_id=place.room)
    await place.after(2 * HOUR)
    kept = await told(place)
    assert [(t["event"], t.get("content")) for t in kept] == [
        ("message_scheduled", None), ("message_scheduled", "failed"), ("scheduled_cancelled", None),
        ("scheduled_failed", None),
    ]  # fmt: skip
    assert (kept[-1]["scheduled_id"], kept[-1]["reason"]) == (failed, "room_archived")


async def test_who_comes_back_into_the_workspace_is_told_again_of_what_waits(place: Place) -> None:
    scheduled = await place.schedule()
    user = {"workspace_id": place.workspace, "user_id": str(BOB.user_id)}
    await place.ask("remove_workspace_member", ALICE, **user)
    await place.ask("add_workspace_member", ALICE, **user)
    assert [(t["event"], t["id"], t["content"]) for t in await told(place)] == [
        ("message_scheduled", scheduled, None), ("message_scheduled", scheduled, "later"),
    ]  # fmt: skip


async def test_the_list_says_where_in_the_inbox_it_was_read(place: Place) -> None:
    await place.schedule()
    page = await place.ask("list_scheduled", workspace_id=place.workspace)
    newest = (await place.office.log(Stream.of_user(BOB.known)))[-1]
    assert (page["position"]["offset"], page["position"]["id"]) == (newest.offset, str(newest.id))


async def test_a_time_that_is_past_and_more_than_may_wait_are_refused(place: Place) -> None:
    with pytest.raises(DomainError) as error:
        await place.schedule(by=-HOUR)
    assert [(f.pointer, f.code) for f in error.value.faults] == [("/send_at", "past")]  # type: ignore[attr-defined]
    assert await place.waiting() == []
    for _ in range(100):
        await place.schedule()
    with pytest.raises(DomainError) as error:
        await place.schedule()
    assert error.value.code == "too_many_scheduled"
    await place.schedule(actor=ALICE)
