"""Personal access tokens."""

import asyncio
from uuid import uuid4

import pytest
from attrs import evolve

from ...application.kernel.uow import Work
from ...domain.identity.access_token import AccessToken
from ...domain.kernel.ids import TokenId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission as P
from .support import NOW, House, a_user, later


def token_of(user_id: UserId) -> AccessToken:
    scopes = (P.ROOM_MESSAGE_SEND, P.ROOM_READ)
    return AccessToken(TokenId(uuid4()), user_id, "A bot 🤖", scopes, uuid4().bytes * 2, later(-60))


async def _added(house: House, *tokens: AccessToken) -> None:
    async def work(unit: Work) -> None:
        for token in tokens:
            await house.access_tokens(unit).add(token)

    await house.done(work)


async def _read(house: House, token: AccessToken) -> AccessToken | None:
    async with house.store.snapshot() as snapshot:
        return await house.access_tokens(snapshot).get(token.id)


@pytest.mark.row("ID6")
class AccessTokensContract:
    """`AccessTokens`, at the time `NOW`. Asks for `house`."""

    async def test_a_token_is_read_as_kept(self, house: House) -> None:
        token = evolve(token_of(a_user()), expires_at=later(60), workspace_id=WorkspaceId(uuid4()))
        token = evolve(token, made_by=TokenId(uuid4()))
        await _added(house, token)
        async with house.store.snapshot() as snapshot:
            tokens = house.access_tokens(snapshot)
            assert await tokens.get(token.id) == token
            assert await tokens.by_digest(token.digest) == token
            assert await tokens.by_digest(b"nobody's") is None
            assert await tokens.get(TokenId(uuid4())) is None

    async def test_the_open_tokens_of_a_user_newest_first(self, house: House) -> None:
        user_id = a_user()
        old, new = token_of(user_id), evolve(token_of(user_id), created_at=later(-30), expires_at=later(1))
        over, ended = evolve(token_of(user_id), expires_at=NOW), evolve(token_of(user_id), ended_at=NOW)
        await _added(house, old, new, over, ended, token_of(a_user()))
        async with house.store.snapshot() as snapshot:
            assert await house.access_tokens(snapshot).open_of(user_id) == [new, old]

    async def test_of_several_who_end_a_token_one_is_told_so(self, house: House) -> None:
        token = token_of(a_user())
        await _added(house, token)

        async def end() -> bool:
            return await house.done(lambda unit: house.access_tokens(unit).end(token.id, NOW))

        answers = await asyncio.gather(*(end() for _ in range(5)))
        assert answers.count(True) == 1
        assert await _read(house, token) == evolve(token, ended_at=NOW)
        assert not await house.done(lambda unit: house.access_tokens(unit).end(TokenId(uuid4()), NOW))

    async def test_the_last_use_never_goes_back(self, house: House) -> None:
        token = token_of(a_user())
        await _added(house, token)
        for seconds in (5, 3, 9):
            await house.done(lambda unit, s=seconds: house.access_tokens(unit).used(token.id, later(s)))  # type: ignore[misc]
        assert await _read(house, token) == evolve(token, last_used_at=later(9))

    async def test_a_workspace_that_is_lost_is_meant_no_more(self, house: House) -> None:
        workspace_id, user_id = WorkspaceId(uuid4()), a_user()
        there = evolve(token_of(user_id), workspace_id=workspace_id)
        elsewhere = evolve(token_of(user_id), workspace_id=WorkspaceId(uuid4()))
        others = evolve(token_of(a_user()), workspace_id=workspace_id)
        await _added(house, there, elsewhere, others)
        await house.done(lambda unit: house.access_tokens(unit).leave_workspace(workspace_id, user_id))
        assert await _read(house, there) == evolve(there, workspace_id=None)
        assert await _read(house, elsewhere) == elsewhere
        assert await _read(house, others) == others

    async def test_what_ended_long_ago_is_forgotten(self, house: House) -> None:
        open_, ended = token_of(a_user()), evolve(token_of(a_user()), ended_at=later(-10))
        expired = evolve(token_of(a_user()), expires_at=later(-10))
        lately = evolve(token_of(a_user()), ended_at=later(-1))
        await _added(house, open_, ended, expired, lately)
        assert await house.done(lambda unit: house.access_tokens(unit).forget_ended(later(-5))) == 2
        assert [await _read(house, t) for t in (open_, ended, expired, lately)] == [open_, None, None, lately]
