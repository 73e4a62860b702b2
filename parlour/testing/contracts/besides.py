"""What messages are beside their words: threads that are counted, mentions that are, and who follows."""

import asyncio
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...application.messages.views import MessageView, Sent
from ...domain.kernel.errors import Raced
from ...domain.kernel.ids import MessageId, RoomId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.besides import Besides, Forwarded, Quoted, Thread
from ...domain.messages.events import MessageDeleted, MessageSent
from ...domain.messages.message import Message
from ...domain.rooms.room import Room
from .people import a_room, a_workspace, draft_in, keep_room, room_in, user_called
from .support import NOW, House, a_user, later


async def send(
    house: House, room: Room, besides: Besides, *, seconds: float = 0, author: UserId | None = None
) -> Message:
    draft = evolve(draft_in(room, "words", author=author), besides=besides, created_at=later(seconds))

    async def work(unit: Work) -> Sent:
        await house.room_standings(unit).recent(room.id, draft.author_id)
        return await house.message_log(unit).append(draft)

    sent = await house.done(work)
    message = await _read(house, draft.id)
    assert sent.view == MessageView.of(message), "what was answered is what is kept"
    assert sent.place is not None
    assert (sent.place.offset, sent.place.number) == (message.offset, message.number)
    return message


async def _read(house: House, message_id: MessageId) -> Message:
    async with house.store.snapshot() as snapshot:
        message = await house.messages(snapshot).get(message_id)
    assert message is not None
    return message


async def delete(house: House, message_id: MessageId) -> None:
    """Delete as the use case does."""

    async def work(unit: Work) -> None:
        messages = house.messages(unit)
        message = await messages.get(message_id)
        assert message is not None
        deleted = await messages.save(message.deleted(NOW))
        await messages.uncall(message)
        thread = await messages.uncount(deleted) if deleted.reply_to is not None else None
        stream = Stream.of_room(message.workspace_id, message.room_id)
        await unit.record(stream, MessageDeleted(deleted.id, NOW, deleted.reply_to, thread))

    await house.done(work)


async def _told(house: House, room: Room) -> list[tuple[str, Thread | None]]:
    """What the room's stream says of threads."""
    async with house.store.snapshot() as snapshot:
        events = await house.stream_log(snapshot).after(Stream.of_room(room.workspace_id, room.id), 0, 1000)
    kinds: dict[str, type[MessageSent | MessageDeleted]] = {"text": MessageSent, "message_deleted": MessageDeleted}
    known = [(e.tag, house.codec.decode(e.data, kinds[e.tag])) for e in events if e.tag in kinds]
    return [(tag, event.thread) for tag, event in known if event.reply_to is not None]


@pytest.mark.row("MS4")
class ThreadsContract:
    """`MessageLog`, `Messages`, `MessageReader` and `ThreadFollowers` with threads. Asks for `house`."""

    async def test_racing_replies_and_deletions_are_counted_in_the_order_of_their_events(self, house: House) -> None:
        room = await a_room(house)
        first = await send(house, room, Besides())
        answer = Besides(reply_to=first.id)
        replies = await asyncio.gather(*(send(house, room, answer, seconds=-n) for n in range(12)))
        assert (await _read(house, first.id)).thread == Thread(12, NOW), "the last by its time, not by its place"
        more = [send(house, room, answer, seconds=-60) for _ in range(6)]
        await asyncio.gather(*(delete(house, r.id) for r in replies[:6]), *more)
        assert (await _read(house, first.id)).thread == Thread(12, later(-6))
        told = await _told(house, room)
        counts = [thread.replies for _, thread in told if thread is not None]
        steps = [1 if tag == "text" else -1 for tag, _ in told]
        assert counts == [sum(steps[: n + 1]) for n in range(len(steps))]
        assert told[-1][1] == Thread(12, later(-6))

    async def test_a_thread_without_replies_is_none_again(self, house: House) -> None:
        room = await a_room(house)
        first = await send(house, room, Besides())
        reply = await send(house, room, Besides(reply_to=first.id))
        await delete(house, reply.id)
        assert (await _read(house, first.id)).thread is None
        assert (await _told(house, room))[-1] == ("message_deleted", None)

    async def test_what_is_gone_takes_no_reply(self, house: House) -> None:
        room = await a_room(house)
        first = await send(house, room, Besides())
        await delete(house, first.id)
        for gone in (first.id, MessageId(uuid4())):
            with pytest.raises(Raced):
                await send(house, room, Besides(reply_to=gone))
        async with house.store.snapshot() as snapshot:
            page = await house.message_reader(snapshot).history(room, None, None, 10)
        assert [m.id for m in page.items] == [first.id]

    async def test_replies_are_paged_oldest_first(self, house: House) -> None:
        room = await a_room(house)
        first, other = await send(house, room, Besides()), await send(house, room, Besides())
        replies = [await send(house, room, Besides(reply_to=(first, other)[n % 2].id)) for n in range(10)]
        cursor, numbers = None, list[int | None]()
        async with house.store.snapshot() as snapshot:
            while True:
                page = await house.message_reader(snapshot).replies(first, cursor, 2)
                numbers += [m.number for m in page.items]
                if (cursor := page.next) is None:
                    break
        assert numbers == [r.number for r in replies[::2]]

    async def test_who_follows(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben = workspace.owner_id, a_user()
        room, members = room_in(workspace, ann, ben)
        await keep_room(house, room, members)
        first = await send(house, room, Besides(), author=ann)

        async def answered(who: UserId) -> list[UserId]:
            new = await house.done(lambda unit: house.thread_followers(unit).answered(first.id, who))
            assert {f.read_number for f in new} <= {first.number}, "there is nothing else to be read"
            return [f.user_id for f in new]

        async def unfollow(who: UserId) -> bool:
            return await house.done(lambda unit: house.thread_followers(unit).unfollow(first, who))

        async def followed(who: UserId) -> list[UUID]:
            async with house.store.snapshot() as snapshot:
                page = await house.message_reader(snapshot).followed(room, who, None, 10)
            return [m.id for m in page.items]

        assert await answered(ben) == [ben, ann]
        assert await answered(ben) == []
        assert await followed(ann) == await followed(ben) == [first.id]
        assert await unfollow(ann)
        assert not await unfollow(ann)
        assert await answered(ben) == []
        assert await followed(ann) == []
        assert await answered(ann) == [ann]
        await house.done(lambda unit: house.thread_followers(unit).leave(workspace.id, ben, room.id))
        await house.done(lambda unit: house.thread_followers(unit).leave(workspace.id, ann))
        assert await followed(ann) == await followed(ben) == []

    async def test_who_began_and_left_does_not_follow(self, house: House) -> None:
        room = await a_room(house)
        gone = a_user()
        first = await send(house, room, Besides(), author=gone)
        assert room.owner_id is not None
        owner = room.owner_id
        new = await house.done(lambda unit: house.thread_followers(unit).answered(first.id, owner))
        assert [f.user_id for f in new] == [owner]


@pytest.mark.row("MS4")
class MentionsContract:
    """`MessageLog`, `Names` and `RoomReader` with mentions, quotes and forwarded words. Asks for `house`."""

    async def test_what_goes_with_a_message_is_kept_and_goes_with_its_words(self, house: House) -> None:
        room = await a_room(house)
        quote = Quoted(MessageId(uuid4()), a_user(), '"ünï"\n\u202e', NOW)
        besides = Besides(
            None, [a_user(), a_user()], True, quote, Forwarded(MessageId(uuid4()), a_user(), NOW, room.id)
        )
        message = await send(house, room, besides)
        kept = (message.mentions, message.mentions_room, message.quote, message.forwarded_from)
        assert kept == (besides.mentions, True, quote, besides.forwarded_from)
        await delete(house, message.id)
        gone = await _read(house, message.id)
        assert (gone.mentions, gone.mentions_room, gone.quote, gone.forwarded_from) == ([], False, None, None)

    async def test_names_lead_to_people(self, house: House) -> None:
        ada, bea = user_called("Ada"), user_called("bea")

        async def work(unit: Work) -> None:
            for user in (ada, bea):
                await house.users(unit).add(user)

        await house.done(work)
        async with house.store.snapshot() as snapshot:
            names = house.names(snapshot)
            assert await names.called(["ada", "bea", "nobody"]) == {"ada": ada.id, "bea": bea.id}
            assert await names.called(["Ada"]) == {}, "names are compared folded"
            assert await names.called([]) == {}

    async def test_who_of_some_is_in_a_room(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben = a_user(), a_user()
        (room, members), (other, others) = room_in(workspace, ann), room_in(workspace, ben)
        await keep_room(house, room, members)
        await keep_room(house, other, others)
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            assert await reader.in_room(room, [ann, ben, a_user()]) == [ann]
            assert await reader.in_room(room, []) == []

    async def test_who_is_in_a_room_with_somebody(self, house: House) -> None:
        workspace = await a_workspace(house)
        ann, ben, cyd = a_user(), a_user(), a_user()
        room, members = room_in(workspace, ann, ben, cyd)
        await keep_room(house, room, [evolve(m, joined_at=later(-n)) for n, m in enumerate(members)])
        async with house.store.snapshot() as snapshot:
            reader = house.room_reader(snapshot)
            assert await reader.fellows(room.id, ann, 10) == [cyd, ben, ann], "who came first at the front"
            assert await reader.fellows(room.id, ben, 2) == [cyd, ben]
            assert await reader.fellows(room.id, a_user(), 10) == [], "who is not in it looks at nobody"
            assert await reader.fellows(RoomId(uuid4()), ann, 10) == []
        await house.done(lambda unit: house.rooms(unit).save(room.deleted(later(1))))
        async with house.store.snapshot() as snapshot:
            assert await house.room_reader(snapshot).fellows(room.id, ann, 10) == []
