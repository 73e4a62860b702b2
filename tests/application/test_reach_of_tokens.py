"""What a token is shown and does: no words without reading, nothing without its scope, nothing after its maker's end."""

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from parlour.application.identity.blocks import BlockUser
from parlour.application.identity.commands import SignUp
from parlour.application.identity.extensions import GetUserExtensions, PatchUserExtensions
from parlour.application.identity.instance import SetAdmin
from parlour.application.identity.queries import GetMe
from parlour.application.identity.tokens import CreateToken, NewTokenView, RevokeToken
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor
from parlour.application.kernel.catalogue import Message
from parlour.application.messages.commands import EditMessage, SendDirectMessage, SendMessage
from parlour.application.messages.pins import PinMessage
from parlour.application.messages.reacting import AddReaction, RemoveReaction
from parlour.application.messages.scheduling import CancelScheduled, ChangeScheduled, ListScheduled, ScheduleMessage
from parlour.application.rooms.commands import CreateRoom, UpdateRoom
from parlour.application.rooms.members import LeaveRoom
from parlour.application.rooms.queries import ListChannels, ListRooms
from parlour.application.workspaces.commands import CreateWorkspace
from parlour.application.workspaces.invitations import AcceptInvitation, CreateInvitation
from parlour.domain.kernel.errors import DomainError
from parlour.domain.kernel.ids import RoomId, WorkspaceId
from parlour.domain.kernel.permissions import Permission as P
from parlour.domain.rooms.room import RoomKind

from .desk import Office, office

pytestmark = pytest.mark.row("ID6")

HOUR = timedelta(hours=1)


async def signed_up(opened: Office, name: str) -> Actor:
    said = await opened.instance.chat.execute(SignUp(name, f"{name}@example.org", "correct horse"), STRANGER)
    return Actor(said.user.id)


@frozen
class Desk:
    """Ann and Ben in a workspace; Ann has a private channel in which she said something."""

    opened: Office
    ann: Actor
    ben: Actor
    workspace: WorkspaceId
    room: RoomId
    said: Any

    async def ask(self, message: Message[Any], actor: Actor | None = None) -> Any:
        return await self.opened.instance.chat.execute(message, actor or self.ann)

    async def token(self, *scopes: P, by: Actor | None = None, **more: Any) -> NewTokenView:
        made: NewTokenView = await self.ask(CreateToken("A bot", list(scopes), **more), by)
        return made

    async def bot(self, *scopes: P) -> Actor:
        return await self.bearer(await self.token(*scopes))

    async def bearer(self, token: NewTokenView) -> Actor:
        return await self.opened.instance.chat.bearer(token.token)

    async def refused(self, message: Message[Any], actor: Actor) -> str:
        with pytest.raises(DomainError) as error:
            await self.ask(message, actor)
        return error.value.code


@pytest_asyncio.fixture
async def desk(database_url: str) -> Any:
    async with office(database_url, start=False) as opened:
        chat, ann, ben = opened.instance.chat, await signed_up(opened, "ann"), await signed_up(opened, "ben")
        home = (await chat.execute(CreateWorkspace("home"), ann)).id
        link = await chat.execute(CreateInvitation(home), ann)
        await chat.execute(AcceptInvitation(link.token), ben)
        asked = CreateRoom(RoomKind.PRIVATE_CHANNEL, "cellar", workspace_id=home, member_ids=[ben.known])
        room = (await chat.execute(asked, ann)).id
        said = await chat.execute(SendMessage(room, "between us"), ann)
        yield Desk(opened, ann, ben, home, room, said)


def last_of(room: Any) -> str | None:
    return room.last_message.content if room.last_message is not None else None


async def test_rooms_are_shown_without_words_to_a_token_that_may_not_read(desk: Desk) -> None:
    square = (await desk.ask(CreateRoom(RoomKind.PUBLIC_CHANNEL, "square", workspace_id=desk.workspace))).id
    await desk.ask(SendMessage(square, "to all"))
    await desk.ask(SendDirectMessage(desk.ben.known, "to you", desk.workspace))
    pair = CreateRoom(RoomKind.DIRECT, member_ids=[desk.ben.known], workspace_id=desk.workspace)
    changed = UpdateRoom.of(room_id=desk.room, description="deep down")
    for scopes, wanted in (((), None), ((P.ROOM_READ,), "words")):
        bot = await desk.bot(P.WORKSPACE_READ, P.WORKSPACE_ROOM_CREATE, P.ROOM_UPDATE, *scopes)
        found = [last_of(room) for room in (await desk.ask(ListRooms(desk.workspace), bot)).items]
        assert found == ([None] * 3 if wanted is None else ["to you", "between us", "to all"])
        channels = [last_of(room) for room in (await desk.ask(ListChannels(desk.workspace), bot)).items]
        assert channels == ([None] if wanted is None else ["to all"])
        assert last_of(await desk.ask(changed, bot)) == (None if wanted is None else "between us")
        assert last_of(await desk.ask(pair, bot)) == (None if wanted is None else "to you")
    left = await desk.ask(LeaveRoom(desk.room), await desk.bearer(await desk.token(P.ROOM_LEAVE, by=desk.ben)))
    assert last_of(left) is None


async def test_a_token_that_may_only_send_is_shown_no_words_of_others(desk: Desk) -> None:
    bot = await desk.bot(P.ROOM_MESSAGE_SEND, P.ROOM_MESSAGE_EDIT, P.ROOM_MESSAGE_PIN)
    for act in (
        AddReaction(desk.said.id, "👍"), RemoveReaction(desk.said.id, "👍"), PinMessage(desk.said.id),
        SendMessage(desk.room, "as was said", quote=desk.said.id),
    ):  # fmt: skip
        assert await desk.refused(act, bot) == "scope_missing"
    quoting = await desk.ask(SendMessage(desk.room, "as was said", quote=desk.said.id))
    edited = await desk.ask(EditMessage(quoting.id, "as you know"), bot)
    assert (edited.content, edited.quote.content) == ("as you know", "")
    reader = await desk.bot(P.ROOM_MESSAGE_SEND, P.ROOM_READ)
    assert (await desk.ask(AddReaction(desk.said.id, "👍"), reader)).content == "between us"
    assert (await desk.ask(SendMessage(desk.room, "so", quote=desk.said.id), reader)).quote.content == "between us"


async def test_what_is_scheduled_is_shown_and_called_off_by_who_may_send(desk: Desk) -> None:
    at = desk.opened.clock.now() + HOUR
    waits = await desk.ask(ScheduleMessage(desk.room, "later", at))
    for act in (ListScheduled(desk.workspace), CancelScheduled(waits.id)):
        assert await desk.refused(act, await desk.bot(P.WORKSPACE_READ, P.ROOM_READ)) == "scope_missing"
    bot = await desk.bot(P.WORKSPACE_READ, P.ROOM_MESSAGE_SEND)
    assert [s.content for s in (await desk.ask(ListScheduled(desk.workspace), bot)).items] == ["later"]
    await desk.ask(CancelScheduled(waits.id), bot)
    assert (await desk.ask(ListScheduled(desk.workspace))).items == []


async def test_a_direct_message_takes_the_right_to_send(desk: Desk) -> None:
    say = SendDirectMessage(desk.ben.known, "hello", desk.workspace)
    assert await desk.refused(say, await desk.bot(P.WORKSPACE_ROOM_CREATE)) == "scope_missing"
    assert [r.kind for r in (await desk.ask(ListRooms(desk.workspace))).items] == ["private_channel"], "nothing is left"
    await desk.ask(say, await desk.bot(P.WORKSPACE_ROOM_CREATE, P.ROOM_MESSAGE_SEND))


async def test_what_a_token_makes_ends_with_it(desk: Desk) -> None:
    ends = desk.opened.clock.now() + HOUR
    maker = await desk.token(P.USER_TOKEN_MANAGE, P.USER_READ, expires_at=ends)
    other = await desk.token(P.USER_READ)
    child = await desk.token(P.USER_TOKEN_MANAGE, P.USER_READ, by=await desk.bearer(maker))
    longer = await desk.token(P.USER_READ, by=await desk.bearer(child), expires_at=ends + HOUR)
    assert (child.expires_at, longer.expires_at) == (ends, ends)
    sooner = await desk.token(P.USER_READ, by=await desk.bearer(child), expires_at=ends - HOUR / 2)
    assert sooner.expires_at == ends - HOUR / 2
    bots = [await desk.bearer(token) for token in (child, longer, sooner)]
    await desk.ask(RevokeToken(maker.id))
    assert [await desk.refused(GetMe(), bot) for bot in bots] == ["token_ended"] * 3
    assert (await desk.ask(GetMe(), await desk.bearer(other))).username == "ann"


@pytest.mark.row("MS4")
@pytest.mark.parametrize("over", ["revoked", "expired", "good", "taken over"])
async def test_what_a_token_scheduled_is_said_only_while_that_is_good(desk: Desk, over: str) -> None:
    clock = desk.opened.clock
    expires_at = clock.now() + HOUR / 2 if over == "expired" else None
    token = await desk.token(P.ROOM_MESSAGE_SEND, expires_at=expires_at)
    waits = await desk.ask(ScheduleMessage(desk.room, "later", clock.now() + HOUR), await desk.bearer(token))
    if over == "taken over":
        await desk.ask(ChangeScheduled.of(scheduled_id=waits.id, content="later still"))
    if over in {"revoked", "taken over"}:
        await desk.ask(RevokeToken(token.id))
    clock.advance(2 * HOUR)
    await desk.opened.instance.scheduler.once()
    left = [s.reason for s in (await desk.ask(ListScheduled(desk.workspace))).items]
    assert left == ([] if over in {"good", "taken over"} else ["token_ended"])


async def test_a_token_of_an_administrator_changes_extensions_of_others_only_as_one(desk: Desk) -> None:
    await desk.ask(SetAdmin("ann"), SYSTEM)
    change = PatchUserExtensions(desk.ben.known, {"theme": "dark"})
    bot = await desk.bot(P.USER_EXTENSIONS_UPDATE, P.USER_EXTENSIONS_READ)
    assert await desk.refused(change, bot) == "scope_missing"
    await desk.ask(PatchUserExtensions(desk.ann.known, {"theme": "dark"}), bot)
    assert (await desk.ask(GetUserExtensions(desk.ben.known), bot)).extensions == {}, "a workspace is shared"
    stranger = await signed_up(desk.opened, "cat")
    assert await desk.refused(GetUserExtensions(stranger.known), bot) == "scope_missing"
    await desk.ask(change, await desk.bot(P.USER_EXTENSIONS_UPDATE, P.INSTANCE_ADMINISTER))


async def test_a_block_is_nothing_that_a_token_gets_past(desk: Desk) -> None:
    await desk.ask(BlockUser(desk.ann.known), desk.ben)
    bot = await desk.bot(P.WORKSPACE_ROOM_CREATE, P.ROOM_MESSAGE_SEND)
    assert await desk.refused(SendDirectMessage(desk.ben.known, "hello", desk.workspace), bot) == "blocked"
