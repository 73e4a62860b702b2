"""The log as it is read: older revisions lifted, words overwritten, features that are gone."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
from attrs import frozen

from parlour.application.kernel.catalogue import Feature, durable
from parlour.application.kernel.page import PositionView
from parlour.application.kernel.upkeep import event_of
from parlour.application.messages.commands import DeleteMessage, EditMessage, SendMessage
from parlour.application.messages.queries import ListMessages
from parlour.application.rooms.commands import CreateRoom
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.config.features import Module
from parlour.domain.kernel.event import Event, event
from parlour.domain.kernel.streams import Stream
from parlour.domain.rooms.room import RoomKind

from ..aside import SQL
from .desk import ALICE, Desk, Office, office

MINE = Stream.of_user(ALICE.known)


@event("test_parcel_sent", revision=3)
@frozen
class ParcelSent(Event):
    """Revision 1 had a `weight` in pounds, revision 2 in grams; today it says where the parcel goes as well."""

    grams: int
    goes_to: str

    lift: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
        1: lambda old: {"grams": round(old["weight"] * 453.6)},
        2: lambda old: {**old, "goes_to": "unknown"},
    }


async def when_parcel_is_sent_note_it(event: ParcelSent, desk: Desk) -> None:
    desk.done.append(f"{event.grams} to {event.goes_to}")


PARCELS = Module(Feature("parcels", reactions=(durable(ParcelSent, when_parcel_is_sent_note_it),)))


async def sent(opened: Office, event: ParcelSent) -> None:
    unit: Any = opened.instance.store.unit()
    async with unit:
        await unit.record(MINE, event)
    await unit.commit()


async def aged(opened: Office, offset: int, revision: int, data: str, tag: str = "test_parcel_sent") -> None:
    """Let the event at an offset be one that an older version of the program has written."""
    given = {"revision": revision, "data": data, "tag": tag, "topic": str(MINE.topic), "stream_offset": offset}
    async with opened.instance.store.unit() as unit:
        await unit.run(SQL.age, **given)
    await unit.commit()


OLDER = [
    (1, '{"weight": 2}', ParcelSent(907, "unknown")),
    (2, '{"grams": 5}', ParcelSent(5, "unknown")),
    (3, '{"grams": 5, "goes_to": "Rome"}', ParcelSent(5, "Rome")),
]


@pytest.mark.parametrize("revision, data, today", OLDER, ids=["revision 1", "revision 2", "revision 3"])
async def test_an_older_event_is_read_in_todays_shape(
    revision: int, data: str, today: ParcelSent, database_url: str
) -> None:
    async with office(database_url, modules=[PARCELS], start=False) as opened:
        await sent(opened, ParcelSent(1, "here"))
        await aged(opened, 1, revision, data)
        (logged,) = await opened.log(MINE)
        assert logged.revision == 3
        assert event_of(logged, opened.instance.codec) == today
        await opened.instance.relay.once()
        assert opened.desk.done == [f"{today.grams} to {today.goes_to}"]


@pytest.mark.row("RT4")
async def test_a_follower_sees_older_events_in_todays_shape(database_url: str) -> None:
    async with office(database_url, modules=[PARCELS], start=False) as opened:
        for grams in (1, 2):
            await sent(opened, ParcelSent(grams, "here"))
        await aged(opened, 1, 1, '{"weight": 2}')
        start = PositionView(opened.instance.store.epoch, 0)
        seen = []
        async for live in opened.instance.chat.events(str(MINE.topic), after=start, actor=ALICE):
            seen.append(live.event)
            if len(seen) == 2:
                break
        assert seen == [ParcelSent(907, "unknown"), ParcelSent(2, "here")]


async def test_an_older_event_is_overwritten_in_todays_shape(database_url: str) -> None:
    async with office(database_url, modules=[PARCELS], start=False) as opened:
        await sent(opened, ParcelSent(1, "here"))
        await aged(opened, 1, 1, '{"weight": 2}')
        unit: Any = opened.instance.store.unit()
        async with unit:
            await unit.rewrite(MINE, 1, lambda old: ParcelSent(old.grams, "Rome"))
        await unit.commit()
        (logged,) = await opened.log(MINE)
        assert (logged.revision, event_of(logged, opened.instance.codec)) == (3, ParcelSent(907, "Rome"))


async def test_an_event_of_a_feature_that_is_gone_is_left_as_it_is(database_url: str) -> None:
    async with office(database_url, modules=[PARCELS], start=False) as opened:
        await sent(opened, ParcelSent(1, "here"))
        await aged(opened, 1, 7, '{"anything": true}', tag="test_gone")
        (logged,) = await opened.log(MINE)
        assert (logged.tag, logged.revision, logged.data) == ("test_gone", 7, '{"anything": true}')
        start = PositionView(opened.instance.store.epoch, 0)
        async for live in opened.instance.chat.events(str(MINE.topic), after=start, actor=ALICE):
            assert (live.event, live.position.offset) == (None, 1)
            break
        with pytest.raises(LookupError):
            event_of(logged, opened.instance.codec)


@pytest.mark.row("MS4")
async def test_edits_and_deletes_overwrite_the_words_in_the_log(desk_office: Office) -> None:
    chat = desk_office.instance.chat
    home = await chat.execute(CreateWorkspace("home"), ALICE)
    room = await chat.execute(CreateRoom(RoomKind.PUBLIC_CHANNEL, "room", workspace_id=home.id), ALICE)
    first = await chat.execute(SendMessage(room.id, "secret-1"), ALICE)
    second = await chat.execute(SendMessage(room.id, "secret-2"), ALICE)
    for words in ("secret-3", "secret-4", "plain"):
        await chat.execute(EditMessage(first.id, words), ALICE)
    await chat.execute(EditMessage(second.id, "secret-5"), ALICE)
    await chat.execute(DeleteMessage(second.id), ALICE)
    logged = await desk_office.log(Stream.of_room(home.id, room.id))
    assert [e.offset for e in logged] == list(range(1, len(logged) + 1))
    assert "secret" not in "".join(e.data for e in logged)
    said = (await chat.execute(ListMessages(room.id), ALICE)).items
    assert [(m.content, m.number, m.deleted_at is not None) for m in said] == [("plain", 1, False), ("", 2, True)]
