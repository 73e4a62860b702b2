"""Personal access tokens in one process: who they stand for, until when, and what is written of their use."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve

from parlour.application.identity.commands import SignUp
from parlour.application.identity.instance import SetAdmin, SuspendUser
from parlour.application.identity.queries import GetMe
from parlour.application.identity.tokens import CreateToken, ListTokens, NewTokenView, RevokeToken
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor, Way
from parlour.application.kernel.batch import Batch, BatchItem
from parlour.application.kernel.limits import Limits
from parlour.application.messages.commands import SendMessage
from parlour.application.rooms.commands import CreateRoom
from parlour.application.workspaces.commands import CreateWorkspace, RemoveWorkspaceMember
from parlour.application.workspaces.invitations import AcceptInvitation, CreateInvitation
from parlour.domain.identity.ports import AccessTokens
from parlour.domain.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated
from parlour.domain.kernel.permissions import Permission as P
from parlour.domain.rooms.room import RoomKind

from .desk import Office, office

pytestmark = pytest.mark.row("ID6")

ALL = tuple(P)


async def signed_up(opened: Office, name: str = "ann") -> Actor:
    said = await opened.instance.chat.execute(SignUp(name, f"{name}@example.org", "correct horse"), STRANGER)
    return Actor(said.user.id, workspace_id=said.workspace.id if said.workspace else None)


async def made(opened: Office, actor: Actor, scopes: Sequence[P] = ALL, **more: Any) -> NewTokenView:
    return await opened.instance.chat.execute(CreateToken("A bot", list(scopes), **more), actor)


async def test_an_actor_of_a_token_acts_within_its_scopes_until_it_is_revoked(desk_office: Office) -> None:
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    token = await made(desk_office, ann, [P.USER_READ])
    bot = await chat.bearer(token.token)
    assert (await chat.execute(GetMe(), bot)).id == ann.user_id
    with pytest.raises(Forbidden, match="user:workspace:create") as refused:
        await chat.execute(CreateWorkspace("A team"), bot)
    assert refused.value.code == "scope_missing"
    await chat.execute(RevokeToken(token.id), ann)
    with pytest.raises(Unauthenticated) as over:
        await chat.execute(GetMe(), bot)
    assert over.value.code == "token_ended"
    with pytest.raises(Unauthenticated):
        await chat.bearer(token.token)
    assert await chat.execute(ListTokens(), ann) == []


async def test_a_token_ends_at_its_time(desk_office: Office) -> None:
    chat, clock, ann = desk_office.instance.chat, desk_office.clock, await signed_up(desk_office)
    token = await made(desk_office, ann, expires_at=clock.now() + timedelta(hours=1))
    bot = await chat.bearer(token.token)
    assert (await chat.execute(GetMe(), bot)).username == "ann"
    clock.advance(timedelta(hours=1))
    for refused in (chat.execute(GetMe(), bot), chat.bearer(token.token)):
        with pytest.raises(Unauthenticated) as over:
            await refused
        assert over.value.code == "token_expired"


async def test_what_is_no_token_is_refused(desk_office: Office) -> None:
    for wrong in ("parlour_" + "0" * 64, "parlour_", "not a token"):
        with pytest.raises(Unauthenticated):
            await desk_office.instance.chat.bearer(wrong)


async def test_an_iteration_by_a_token_says_why_it_ended(desk_office: Office) -> None:
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    token = await made(desk_office, ann, [P.USER_READ])
    events = chat.events(f"user:{ann.user_id}", actor=await chat.bearer(token.token))
    waiting = asyncio.ensure_future(anext(events))
    control = asyncio.ensure_future(anext(chat.events(f"user:{ann.user_id}", actor=ann)))
    while desk_office.instance.hub.heads([]) == {} and desk_office.instance.hub.topics == 0:
        await asyncio.sleep(0)
    await made(desk_office, ann)  # something happens, and both are told
    assert (await waiting).topic == (await control).topic
    await chat.execute(RevokeToken(token.id), ann)
    with pytest.raises(Forbidden) as ended:
        async with asyncio.timeout(5):
            while True:
                await anext(events)
    assert ended.value.code == "token_ended"


async def test_an_iteration_by_a_token_ends_with_it(database_url: str) -> None:
    async with office(database_url) as opened:
        chat, ann = opened.instance.chat, await signed_up(opened)
        token = await made(opened, ann, [P.USER_READ], expires_at=opened.clock.now() + timedelta(seconds=0.2))
        with pytest.raises(Forbidden) as ended:
            async with asyncio.timeout(5):
                async for _ in chat.events(f"user:{ann.user_id}", actor=await chat.bearer(token.token)):
                    pass
        assert ended.value.code == "token_expired"


async def test_a_token_makes_no_token_that_may_do_more(desk_office: Office) -> None:
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    bot = await chat.bearer((await made(desk_office, ann, [P.USER_TOKEN_MANAGE, P.ROOM_READ])).token)
    with pytest.raises(Invalid) as refused:
        await made(desk_office, bot, [P.ROOM_READ, P.ROOM_DELETE])
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/scopes/1", "scope_missing")]
    assert (await made(desk_office, bot, [P.ROOM_READ])).scopes == [P.ROOM_READ]


async def test_racing_ones_are_no_more_than_a_user_may_have(database_url: str) -> None:
    async with office(database_url, limits=Limits(tokens_per_user=3)) as opened:
        ann, ben = await signed_up(opened), await signed_up(opened, "ben")
        answers = await asyncio.gather(*(made(opened, ann) for _ in range(5)), return_exceptions=True)
        assert [a.code for a in answers if isinstance(a, Conflict)] == ["too_many_tokens"] * 2
        first = next(a for a in answers if isinstance(a, NewTokenView))
        await opened.instance.chat.execute(RevokeToken(first.id), ann)
        await made(opened, ann)  # one that ended counts no more
        await made(opened, ben)  # others have their own


async def test_suspension_ends_tokens_for_good(desk_office: Office) -> None:
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    bot = await chat.bearer((await made(desk_office, ann)).token)
    await chat.execute(SuspendUser(ann.known), SYSTEM)
    with pytest.raises(Unauthenticated):
        await chat.execute(GetMe(), bot)
    await desk_office.ask("reactivate_user", {"user_id": ann.user_id}, SYSTEM)
    with pytest.raises(Unauthenticated) as over:
        await chat.execute(GetMe(), bot)
    assert over.value.code == "token_ended"


async def test_what_its_user_becomes_the_token_becomes_at_once(desk_office: Office) -> None:
    chat, _, ann = desk_office.instance.chat, await signed_up(desk_office, "first"), await signed_up(desk_office)
    secret = (await made(desk_office, ann)).token
    assert not (await chat.bearer(secret)).is_admin
    await chat.execute(SetAdmin("ann"), SYSTEM)
    assert (await chat.bearer(secret)).is_admin


async def test_a_token_means_the_workspace_it_was_made_in_until_that_is_lost(desk_office: Office) -> None:
    chat = desk_office.instance.chat
    ann, ben = await signed_up(desk_office), await signed_up(desk_office, "ben")
    home = await chat.execute(CreateWorkspace("home"), ann)
    invited = await chat.execute(CreateInvitation(home.id), ann)
    await chat.execute(AcceptInvitation(invited.token), ben)
    secret = (await made(desk_office, evolve(ben, workspace_id=home.id))).token
    assert (await chat.bearer(secret)).workspace_id == home.id
    await chat.execute(RemoveWorkspaceMember(home.id, ben.known), ann)
    assert (await chat.bearer(secret)).workspace_id is None


async def test_what_was_answered_to_others_is_not_shown_to_a_token(desk_office: Office) -> None:
    """A key of the session's is not the token's, or it would be told what its scopes do not cover."""
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    team = await chat.execute(CreateWorkspace("A team"), ann, key="k")
    bot = await chat.bearer((await made(desk_office, ann, [P.USER_READ])).token)
    with pytest.raises(Forbidden):
        await chat.execute(CreateWorkspace("A team"), bot, key="k")
    assert await chat.execute(CreateWorkspace("A team"), ann, key="k") == team


async def test_in_a_batch_each_command_needs_its_scope(desk_office: Office) -> None:
    chat, ann = desk_office.instance.chat, await signed_up(desk_office)
    room = await chat.execute(CreateRoom(RoomKind.PRIVATE_CHANNEL, "room", workspace_id=ann.workspace_id), ann)
    bot = await chat.bearer((await made(desk_office, ann, [P.ROOM_MESSAGE_SEND])).token)
    say = BatchItem("send_message", {"room_id": str(room.id), "content": "beep"})
    answer = await chat.execute(Batch("each", [say, BatchItem("sign_out"), say]), bot)
    assert [r.error.code if r.error else None for r in answer.results] == [None, "scope_missing", None]
    with pytest.raises(Forbidden):
        await chat.execute(
            SendMessage(room.id, "beep"), await chat.bearer((await made(desk_office, ann, [P.ROOM_READ])).token)
        )


async def test_the_last_use_is_written_behind_the_requests_once_a_minute(database_url: str) -> None:
    async with office(database_url, start=False) as opened:
        chat, clock, bearers, ann = opened.instance.chat, opened.clock, opened.instance.bearers, await signed_up(opened)
        secret = (await made(opened, ann)).token

        async def last() -> Any:
            return (await chat.execute(ListTokens(), ann))[0].last_used_at

        written = []
        for seconds in (0, 30, 59, 60, 61):
            clock.advance(timedelta(seconds=seconds))
            await chat.bearer(secret)
            await bearers.write()
            written.append(await last())
        assert None not in written
        assert [a != b for a, b in pairwise(written)] == [False, True, True, True]


async def test_tokens_that_are_long_over_are_forgotten(database_url: str) -> None:
    async with office(database_url, start=False) as opened:
        ann = await signed_up(opened)
        token, kept = await made(opened, ann), await made(opened, ann)
        await opened.instance.chat.execute(RevokeToken(token.id), ann)
        opened.clock.advance(timedelta(days=8))
        assert (await opened.ask("forget_sessions", {}, SYSTEM, Way.SYSTEM)).value.tokens == 1
        scoped: Any = opened.instance.ports.find(AccessTokens)
        async with opened.instance.store.snapshot() as snapshot:
            assert await scoped.make(snapshot).get(token.id) is None
            assert await scoped.make(snapshot).get(kept.id) is not None
