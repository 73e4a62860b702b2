"""Personal access tokens: made, listed, ended."""

from datetime import datetime
from typing import Annotated

from attrs import asdict, frozen

from ...domain.identity.access_token import (
    PREFIX,
    AccessToken,
    check_room_for_one_more,
    checked_scopes,
    end_within,
    made_through,
)
from ...domain.identity.events import TokenCreated, TokenEnded
from ...domain.identity.ports import AccessTokens, Users
from ...domain.kernel.errors import NotFound, Unauthenticated
from ...domain.kernel.ids import TokenId, UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ...domain.kernel.times import checked_end
from ..kernel.actor import Actor
from ..kernel.catalogue import Command, Query
from ..kernel.constraints import Aware, Length, Name
from ..kernel.digest import digest_of
from ..kernel.limits import Limits
from ..kernel.ports import Clock, Ids
from ..kernel.uow import UnitOfWork
from .signing import own_user
from .views import Done

Scopes = Annotated[list[Permission], Length(1, 100)]


@frozen
class TokenView:
    """A personal access token, without its secret. `last_used_at` is right to a minute or so."""

    id: TokenId
    user_id: UserId
    name: str
    scopes: list[Permission]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: AccessToken) -> "TokenView":
        return cls(
            id=token.id,
            user_id=token.user_id,
            name=token.name,
            scopes=list(token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )


@frozen
class NewTokenView(TokenView):
    """A token that was just made: `token` is the secret, shown this once."""

    token: str


@frozen
class CreateToken(Command[NewTokenView]):
    """Make a personal access token, for a bot or a script. One that a token makes ends with that at the latest.

    It may do what oneself may and its `scopes` cover, both at every single use; without `expires_at` it does not end by
    itself. Where no workspace is named, it means the one that this session works in.
    """

    name: Name
    scopes: Scopes
    expires_at: Annotated[datetime, Aware()] | None = None


async def create_token(
    command: CreateToken, actor: Actor, uow: UnitOfWork, users: Users, tokens: AccessTokens, clock: Clock, ids: Ids,
    limits: Limits,
) -> NewTokenView:  # fmt: skip
    now, secret = clock.now(), PREFIX + ids.secret().hex()
    scopes = checked_scopes(command.scopes, actor.scopes)
    expires_at = checked_end(command.expires_at, now, "expires_at")
    async with uow:
        user = await own_user(users, actor)
        if actor.token_id is not None:
            expires_at = end_within(expires_at, await _end_of(tokens, actor.token_id, now))
        await users.save(user)  # whoever makes another one at once, or suspends the user, comes before or after
        check_room_for_one_more(len(await tokens.open_of(user.id)), limits.tokens_per_user)
        token = AccessToken(
            TokenId(ids.new()), user.id, command.name, scopes, digest_of(secret), now, expires_at, actor.workspace_id,
            made_by=actor.token_id,
        )  # fmt: skip
        await tokens.add(token)
        made = TokenCreated(token.id, token.name, tuple(map(str, scopes)), expires_at)
        await uow.record(Stream.of_user(user.id), made)
    return NewTokenView(**asdict(TokenView.of(token), recurse=False), token=secret)


@frozen
class RevokeToken(Command[Done]):
    """End one of one's own tokens, and all that it made: they are refused, and their sockets are closed."""

    token_id: TokenId


async def revoke_token(
    command: RevokeToken, actor: Actor, uow: UnitOfWork, users: Users, tokens: AccessTokens, clock: Clock
) -> Done:
    async with uow:
        token = await tokens.get(command.token_id)
        if token is None or token.user_id != actor.known or token.ended_at is not None:
            raise NotFound("You have no such token.")
        await users.save(await own_user(users, actor))  # whoever makes one by it at once comes before or after
        for one in (token, *made_through(token, await tokens.open_of(token.user_id))):
            await close_token(uow, tokens, one, "revoked", clock.now())
    return Done()


async def _end_of(tokens: AccessTokens, token_id: TokenId, now: datetime) -> datetime | None:
    """When the token ends by which one acts, read where it is kept."""
    maker = await tokens.get(token_id)
    if maker is None or not maker.usable(now):
        raise Unauthenticated("The token was ended.", code="token_ended")
    return maker.expires_at


async def close_token(uow: UnitOfWork, tokens: AccessTokens, token: AccessToken, reason: str, now: datetime) -> None:
    """End a token and say so; nothing happens when it is over already."""
    if await tokens.end(token.id, now):
        await uow.record(Stream.of_user(token.user_id), TokenEnded(token.id, reason))


@frozen
class ListTokens(Query[list[TokenView]]):
    """One's tokens that can be used, newest first."""


async def list_tokens(query: ListTokens, actor: Actor, tokens: AccessTokens) -> list[TokenView]:
    return [TokenView.of(t) for t in await tokens.open_of(actor.known)]
