"""Messages: sent once per key, numbered without a gap, and read in pages both ways."""

import asyncio
import random
from datetime import datetime
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.page import Page
from ...application.kernel.uow import Work
from ...application.messages.views import Draft, MessageView, Sent
from ...domain.kernel.errors import Raced, Unprocessable
from ...domain.kernel.ids import MessageId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.message import Message
from ...domain.rooms.room import Room
from .people import a_room, a_workspace, draft_in
from .store import Broken
from .support import NOW, House, Noted, later


async def send(house: House, draft: Draft, *, recent: bool = True) -> tuple[MessageView, bool]:
    """Send as a use case does, which decides by a `recent` standing, or as a part of a unit that does more."""

    async def work(unit: Work) -> Sent:
        if recent:
            await house.room_standings(unit).recent(draft.room.id, draft.author_id)
        return await house.message_log(unit).append(draft)

    sent = await house.done(work)
    return sent.view, sent.new


async def say_at(house: House, draft: Draft, at: datetime) -> None:
    await send(house, evolve(draft, created_at=at))


async def say(house: House, room: Room, *contents: str) -> list[MessageView]:
    return [(await send(house, draft_in(room, c)))[0] for c in contents]


async def _history(
    house: House, room: Room, cursor: str | None = None, around: int | None = None, limit: int = 10
) -> Page[MessageView]:
    async with house.store.snapshot() as snapshot:
        return await house.message_reader(snapshot).history(room, cursor, around, limit)


async def _change(house: House, message_id: MessageId, content: str | None) -> Message:
    async def work(unit: Work) -> Message:
        message = await house.messages(unit).get(message_id)
        assert message is not None
        changed = message.edited(content, NOW, 100) if content is not None else message.deleted(NOW)
        return await house.messages(unit).save(changed)

    return await house.done(work)


class MessagesContract:
    """`Messages` and `MessageLog`. Asks for `house`."""

    @pytest.mark.row("MS1", "MS3")
    async def test_what_is_sent_at_once_is_numbered_without_a_gap(self, house: House) -> None:
        room, other = await a_room(house), await a_room(house)

        async def failing(n: int) -> None:
            async def work(unit: Work) -> None:
                await house.message_log(unit).append(draft_in(room, "lost"))
                await asyncio.sleep(0)
                raise Broken

            with pytest.raises(Broken):
                await house.done(work)

        drafts = [draft_in(room if n % 4 else other, str(n)) for n in range(80)]
        sending = asyncio.gather(*(send(house, d) for d in drafts))
        await asyncio.gather(*(failing(n) for n in range(10)))
        sent = await sending
        for which, count in ((room, 60), (other, 20)):
            views = sorted((v for v, _ in sent if v.room_id == which.id), key=lambda v: v.number or 0)
            assert [(v.number, v.offset) for v in views] == [(n, n + 1) for n in range(1, count + 1)]
            assert (await _history(house, which, limit=100)).items == views

    @pytest.mark.row("MS3")
    async def test_number_and_offset_part_where_other_events_come_between(self, house: House) -> None:
        room = await a_room(house)
        await say(house, room, "one")

        async def work(unit: Work) -> None:
            await unit.record(Stream.of_room(room.workspace_id, room.id), Noted("between"))

        await house.done(work)
        (view,) = await say(house, room, "two")
        assert (view.number, view.offset) == (2, 4)

    @pytest.mark.row("MS2")
    async def test_however_many_race_a_key_gives_one_message(self, house: House) -> None:
        room = await a_room(house)
        for n in range(5):
            answers = await asyncio.gather(
                *(send(house, draft_in(room, "hello", key=f"{n}"), recent=m % 3 > 0) for m in range(20))
            )
            assert sum(new for _, new in answers) == 1
            assert len({(v.id, v.offset, v.number) for v, _ in answers}) == 1
        assert [m.number for m in (await _history(house, room)).items] == [1, 2, 3, 4, 5]

    @pytest.mark.row("MS2")
    async def test_a_key_with_other_words_is_refused(self, house: House) -> None:
        room = await a_room(house)
        await send(house, draft_in(room, "hello", key="a"))
        with pytest.raises(Unprocessable) as caught:
            await send(house, draft_in(room, "other words", key="a"))
        assert caught.value.code == "key_reused"
        assert len((await _history(house, room)).items) == 1

    @pytest.mark.row("MS2")
    async def test_a_key_lives_as_long_as_its_message_and_gives_it_as_it_is_now(self, house: House) -> None:
        room = await a_room(house)
        first, _ = await send(house, draft_in(room, "hello", key="a"))
        await _change(house, first.id, "edited")
        again, new = await send(house, draft_in(room, "hello", key="a"))
        assert (again.id, again.offset, again.content, new) == (first.id, first.offset, "edited", False)
        await _change(house, first.id, None)
        again, new = await send(house, draft_in(room, "hello", key="a"))
        assert (again.id, again.content, again.deleted_at, new) == (first.id, "", NOW, False)

    @pytest.mark.row("MS2")
    async def test_keys_of_others_are_others(self, house: House) -> None:
        workspace = await a_workspace(house)
        room = await a_room(house, workspace)
        await send(house, draft_in(room, "hello", key="a"))
        assert (await send(house, draft_in(room, "hello", author=(await a_workspace(house)).owner_id, key="a")))[1]

    @pytest.mark.row("MS2")
    async def test_a_key_is_its_authors_in_every_workspace(self, house: House) -> None:
        room, elsewhere = await a_room(house), await a_room(house)
        first, _ = await send(house, draft_in(room, "hello", key="a"))
        again, new = await send(house, draft_in(elsewhere, "hello", author=first.author_id, key="a"))
        assert (again, new) == (first, False)
        assert (await _history(house, elsewhere)).items == []

        async def look(author_id: UserId, key: str) -> MessageView | None:
            found = await house.done(lambda unit: house.message_log(unit).first(author_id, key, b"hello"))
            return found.view if found is not None else None

        assert await look(first.author_id, "a") == first
        assert await look(first.author_id, "b") is None
        assert await look(UserId(uuid4()), "a") is None
        assert (await send(house, draft_in(room, "hello")))[1]

    @pytest.mark.row("MS4")
    async def test_of_racing_changes_one_wins(self, house: House) -> None:
        (view,) = await say(house, await a_room(house), "hello")

        async def read(unit: Work) -> Message | None:
            return await house.messages(unit).get(view.id)

        message = await house.done(read)
        assert message is not None

        async def edit(n: int) -> Message:
            return await house.done(lambda unit: house.messages(unit).save(message.edited(f"edit {n}", NOW, 100)))

        answers = await asyncio.gather(*(edit(n) for n in range(5)), return_exceptions=True)
        assert sum(isinstance(a, Raced) for a in answers) == 4
        assert await house.done(read) in answers
        async with house.store.snapshot() as snapshot:
            assert await house.messages(snapshot).get(MessageId(uuid4())) is None


@pytest.mark.row("MS1")
class HistoryContract:
    """`MessageReader`. Asks for `house`."""

    async def test_an_empty_room(self, house: House) -> None:
        room = await a_room(house)
        assert await _history(house, room) == Page([])
        assert await _history(house, room, around=5) == Page([])

    async def test_the_newest_come_first_and_older_ones_behind_them(self, house: House) -> None:
        room = await a_room(house)
        said = await say(house, room, *map(str, range(10)))
        newest = await _history(house, room, limit=4)
        assert (newest.items, newest.next) == (said[6:], None)
        older = await _history(house, room, newest.prev, limit=4)
        assert older.items == said[2:6]
        oldest = await _history(house, room, older.prev, limit=4)
        assert (oldest.items, oldest.prev) == (said[:2], None)
        assert (await _history(house, room, oldest.next, limit=4)).items == said[2:6]

    async def test_pages_survive_what_happens_between_them(self, house: House) -> None:
        """Against a plain list: walks both ways, with messages sent, edited and deleted between the pages."""
        for seed in range(6):
            room, chance = await a_room(house), random.Random(seed)
            said = await say(house, room, *(str(n) for n in range(chance.randint(1, 15))))
            page, limit = await _history(house, room, limit=3), chance.randint(1, 6)
            while page.prev is not None:
                edge = page.items[0].number or 0
                await self._meanwhile(house, room, chance, said)
                page = await _history(house, room, page.prev, limit=limit)
                assert [m.number for m in page.items] == list(range(max(edge - limit, 1), edge))
            assert page.items[0].number == 1
            numbers = [m.number for m in page.items]
            while page.next is not None:
                await self._meanwhile(house, room, chance, said)
                page = await _history(house, room, page.next, limit=limit)
                numbers += [m.number for m in page.items]
            assert numbers == list(range(1, len(said) + 1)), "a page forgot a message, or showed one twice"

    async def _meanwhile(self, house: House, room: Room, chance: random.Random, said: list[MessageView]) -> None:
        act = chance.choice(["send", "delete", "edit", "rest"])
        if act == "send" and len(said) < 40:
            said += await say(house, room, "meanwhile")
        elif act in {"delete", "edit"}:
            message_id = chance.choice(said).id
            async with house.store.snapshot() as snapshot:
                message = await house.messages(snapshot).get(message_id)
            if message is not None and message.deleted_at is None:
                await _change(house, message_id, "edited" if act == "edit" else None)

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 20])
    async def test_around_a_message(self, house: House, limit: int) -> None:
        room = await a_room(house)
        await say(house, room, *map(str, range(9)))
        for middle in (1, 2, 5, 8, 9):
            page = await _history(house, room, around=middle, limit=limit)
            numbers = [m.number or 0 for m in page.items]
            assert middle in numbers
            assert numbers == list(range(numbers[0], numbers[-1] + 1))
            assert len(numbers) <= limit
            assert (page.prev is not None, page.next is not None) == (numbers[0] > 1, numbers[-1] < 9)
            if page.next is not None:
                assert (await _history(house, room, page.next, limit=1)).items[0].number == numbers[-1] + 1
            if page.prev is not None:
                assert (await _history(house, room, page.prev, limit=1)).items[-1].number == numbers[0] - 1

    @pytest.mark.row("WS4")
    async def test_a_cursor_leads_into_no_other_room(self, house: House) -> None:
        one, other = await a_room(house), await a_room(house)
        await say(house, one, *"abc")
        said = await say(house, other, *"xyz")
        page = await _history(house, one, limit=1)
        assert (await _history(house, other, page.prev, limit=5)).items == said[:2]

    async def test_the_first_message_at_a_time_or_after_it(self, house: House) -> None:
        """Against a plain list, also with messages of the same time."""
        for seed in range(4):
            room, chance = await a_room(house), random.Random(seed)
            minutes = sorted(chance.randint(0, 12) for _ in range(chance.randint(0, 20)))
            for minute in minutes:
                await say_at(house, draft_in(room, str(minute)), later(minute))
            async with house.store.snapshot() as snapshot:
                for asked in range(-1, 14):
                    number = await house.message_reader(snapshot).number_at(room, later(asked))
                    assert number == next((n for n, m in enumerate(minutes, 1) if m >= asked), None)
