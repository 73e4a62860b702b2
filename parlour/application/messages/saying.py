"""What goes with a message that is said: whom it answers, whom it calls, what it quotes."""

from collections.abc import Sequence

from attrs import frozen

from ...domain.identity.ports import Blocks
from ...domain.kernel.errors import Fault, Invalid, invalid
from ...domain.kernel.ids import MessageId, UserId
from ...domain.kernel.streams import Stream
from ...domain.messages.besides import PLAIN, Besides, Quoted
from ...domain.messages.events import Mentioned, ThreadFollowed
from ...domain.messages.mentions import MENTIONS_AT_MOST, called_in
from ...domain.messages.message import Message
from ...domain.messages.ports import Messages, ThreadFollowers
from ...domain.rooms.ports import Bans
from ...domain.rooms.room import Room, RoomKind
from ..kernel.actor import Actor, Call
from ..kernel.ports import Clock, Names
from ..kernel.uow import Place, UnitOfWork
from ..rooms.views import RoomReader
from .views import Draft, MessageLog, Sent


@frozen
class Wanted:
    """What somebody wants to say beside the words; `named` are those whose names are in them."""

    reply_to: MessageId | None
    mentions: list[UserId]
    quote: MessageId | None
    named: list[UserId]
    room: bool


def beyond_words(content: str, reply_to: MessageId | None, mentions: list[UserId], quote: MessageId | None) -> bool:
    """Whether there may be more to a message than its words. There is not to most."""
    return bool(reply_to or mentions or quote or "@" in content)


@frozen
class Saying:
    """Says a message with what goes with it."""

    messages: Messages
    log: MessageLog
    names: Names
    reader: RoomReader
    followers: ThreadFollowers
    bans: Bans
    blocks: Blocks
    clock: Clock

    async def wanted(
        self, content: str, reply_to: MessageId | None, mentions: list[UserId], quote: MessageId | None
    ) -> Wanted | None:
        """What is wanted beside the words; None for a plain message, which is most of them. Asked before the unit: names
        may be the host's."""
        called = called_in(content)
        known = await self.names.called(called.names) if called.names else {}
        named = [known[name] for name in called.names if name in known]
        if not (reply_to or mentions or quote or named or called.room):
            return None
        return Wanted(reply_to, mentions, quote, named, called.room)

    async def say(self, uow: UnitOfWork, draft: Draft) -> Sent:
        """Append a message, and tell those whom it mentions. Everybody in the room is told by the room's own event."""
        sent = await self.log.append(draft)
        if sent.new and draft.besides is not PLAIN:
            await self._tell(uow, sent, draft)
        return sent

    async def _tell(self, uow: UnitOfWork, sent: Sent, draft: Draft) -> None:
        room, besides = draft.room, draft.besides
        for user_id in besides.mentions if not besides.mentions_room else ():
            await _mention(uow, sent, draft, user_id)
        if besides.reply_to is not None:
            followed = ThreadFollowed(besides.reply_to, room.id, room.workspace_id, True)
            for user_id in await self.followers.answered(besides.reply_to, draft.author_id):
                await uow.record(Stream.of_user(user_id), followed)

    async def said(self, actor: Actor, call: Call) -> Sent | None:
        """What this call's key was first used for: looked for before what goes with a message, which may be gone since."""
        return await self.log.first(actor.known, call.key, call.body_hash) if call.key is not None else None

    async def besides(self, room: Room, author_id: UserId, wanted: Wanted) -> Besides:
        """What was wanted, looked up in a room; `Invalid` with the places that are wrong."""
        first = await self._first_of_thread(room, wanted.reply_to) if wanted.reply_to is not None else None
        quoted = await self._there(room, wanted.quote, "quote") if wanted.quote is not None else None
        besides = Besides(
            reply_to=first,
            mentions=await self._mentioned(room, author_id, wanted),
            mentions_room=wanted.room,
            quote=_quoted(quoted) if quoted else None,
        )
        return PLAIN if besides == PLAIN else besides

    async def _first_of_thread(self, room: Room, message_id: MessageId) -> MessageId:
        """Whoever answers an answer answers the message that it began with."""
        answered = await self._there(room, message_id, "reply_to")
        if answered.reply_to is None:
            return answered.id
        if await self.messages.get(answered.reply_to) is None:  # by retention, which has left its younger replies
            raise invalid("reply_to", "message_deleted", "The message that the thread began with is gone.")
        return (await self._there(room, answered.reply_to, "reply_to")).id

    async def _there(self, room: Room, message_id: MessageId, field: str) -> Message:
        message = await self.messages.get(message_id)
        if message is None or message.room_id != room.id:
            raise invalid(field, "unknown_message", "There is no such message in this room.")
        if message.deleted_at is not None:
            raise invalid(field, "message_deleted", "The message, or the one its thread began with, was deleted.")
        return message

    async def _mentioned(self, room: Room, author_id: UserId, wanted: Wanted) -> list[UserId]:
        """Those who were named by their ids, and then those whose names are in the text: nobody twice, nobody outside,
        nobody who calls themselves, and nobody who blocks the author; that is told to nobody."""
        asked = list(dict.fromkeys([*wanted.mentions, *wanted.named]))
        inside = await self._inside(room, asked) if asked else set()
        outside = [n for n, user_id in enumerate(wanted.mentions) if user_id not in inside]
        if outside:
            raise Invalid(*(Fault(f"/mentions/{n}", "unknown_member", "They are not in this room.") for n in outside))
        called = [u for u in asked if u in inside and u != author_id]
        blocking = await self.blocks.blocked_by(called, author_id) if called else set()
        return [u for u in called if u not in blocking][:MENTIONS_AT_MOST]

    async def _inside(self, room: Room, user_ids: Sequence[UserId]) -> set[UserId]:
        """Those who may read the room: its members, for a public channel without a password those of the workspace whom
        no ban keeps out."""
        here = await self.reader.in_workspace(room.workspace_id, list(user_ids))
        if not here:
            return set()
        if room.kind is RoomKind.PUBLIC_CHANNEL and not room.locked:
            now = self.clock.now()
            return set(here) - {ban.user_id for ban in await self.bans.of(room, here) if ban.holds(now)}
        return set(await self.reader.in_room(room, here))


def _quoted(message: Message) -> Quoted:
    return Quoted(message.id, message.author_id, message.content, message.created_at, message.number)


async def _mention(uow: UnitOfWork, sent: Sent, draft: Draft, user_id: UserId) -> None:
    """An inbox gets its event after the room, whose streams are settled in their order, has given the message its place."""

    async def mentioned(_: Place) -> Mentioned:
        place = sent.place
        assert place is not None, "rooms come before users"
        return Mentioned(draft.id, draft.room.id, draft.room.workspace_id, draft.author_id, place.number)

    await uow.place(Stream.of_user(user_id), mentioned)
