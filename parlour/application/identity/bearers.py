"""Who a personal access token stands for."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from attrs import define

from ...domain.identity.access_token import PREFIX, AccessToken
from ...domain.identity.ports import AccessTokens, Users
from ...domain.identity.user import User, UserState
from ...domain.kernel.errors import DomainError, Unauthenticated
from ...domain.kernel.ids import TokenId, UserId
from ..kernel.actor import Actor
from ..kernel.digest import digest_of
from ..kernel.ports import Clock
from ..kernel.uow import Store
from ..kernel.wiring import Scoped

log = logging.getLogger("parlour.tokens")

REMEMBERED = 100_000
FOREVER = datetime.max.replace(tzinfo=UTC)
NOTED_EVERY = timedelta(seconds=60)


@define
class _Known:
    """What is cached of a token; `noted_at` is when its use was last noted."""

    actor: Actor
    digest: bytes
    expires_at: datetime
    noted_at: datetime | None


class Bearers:
    """The tokens that were shown here: read once, then cached until something about them changes.

    When a token was last used is noted in memory, once a minute at most, and written by `run`, behind the requests.
    """

    def __init__(self, store: Store, users: Scoped, tokens: Scoped, clock: Clock) -> None:
        self._store, self._users, self._tokens, self._clock = store, users, tokens, clock
        self._generation = 0
        self._known: dict[TokenId, _Known] = {}
        self._by_digest: dict[bytes, TokenId] = {}
        self._of_user: dict[UserId, set[TokenId]] = {}
        self._used: dict[TokenId, datetime] = {}

    @staticmethod
    def meant(token: str) -> bool:
        """Whether this is a personal access token, by its looks."""
        return token.startswith(PREFIX)

    async def actor(self, token: str) -> tuple[Actor, datetime]:
        """The actor of a token, and when it ends; `Unauthenticated` when it is worth nothing."""
        digest = digest_of(token)
        token_id = self._by_digest.get(digest)
        known = self._known.get(token_id) if token_id is not None else None
        known = self._good(known or await self._read(None, digest))
        self._note(known)
        return known.actor, known.expires_at

    async def seconds_left(self, token_id: TokenId) -> float:
        """How long a token is good for."""
        known = self._good(self._known.get(token_id) or await self._read(token_id, b""))
        return (known.expires_at - self._clock.now()).total_seconds()

    async def again(self, token_id: TokenId) -> Actor:
        """The actor of a token that was shown before, as they are now."""
        return self._good(self._known.get(token_id) or await self._read(token_id, b"")).actor

    def _good(self, known: _Known) -> _Known:
        if self._clock.now() >= known.expires_at:
            raise Unauthenticated("The token has expired.", code="token_expired")
        return known

    async def _read(self, token_id: TokenId | None, digest: bytes) -> _Known:
        generation = self._generation
        async with self._store.snapshot() as snapshot:
            tokens: AccessTokens = self._tokens.make(snapshot)
            users: Users = self._users.make(snapshot)
            token = await (tokens.get(token_id) if token_id is not None else tokens.by_digest(digest))
            user = await users.get(token.user_id) if token is not None else None
        if token is None or user is None:
            raise Unauthenticated("The token is not valid.", code="invalid_token")
        known = _known(token, user)
        if generation == self._generation:  # otherwise something changed while it was read
            self._keep(token, known)
        return known

    def _keep(self, token: AccessToken, known: _Known) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
            self._by_digest.clear()
            self._of_user.clear()
        self._known[token.id] = known
        self._by_digest[token.digest] = token.id
        self._of_user.setdefault(token.user_id, set()).add(token.id)

    def forget(self, token_id: TokenId) -> None:
        """A token has changed: it is read again when next needed."""
        self._generation += 1
        known = self._known.pop(token_id, None)
        if known is not None:
            self._by_digest.pop(known.digest, None)

    def forget_user(self, user_id: UserId) -> None:
        """Something about a user has changed: all their tokens are read again."""
        self._generation += 1
        for token_id in self._of_user.pop(user_id, ()):
            self.forget(token_id)

    def _note(self, known: _Known) -> None:
        now = self._clock.now()
        if known.noted_at is None or now - known.noted_at >= NOTED_EVERY:
            known.noted_at = now
            assert known.actor.token_id is not None, "tokens only"
            self._used[known.actor.token_id] = now

    async def run(self, every: float = 5.0) -> None:
        """Write when tokens were used, again and again."""
        while True:
            await asyncio.sleep(every)
            await self.write()

    async def write(self) -> None:
        """Write what was noted. It is lost with the process, or when the store is away: the next use says it again."""
        used, self._used = self._used, {}
        if not used:
            return
        work = self._store.unit()
        try:
            async with work:
                tokens: AccessTokens = self._tokens.make(work)
                for token_id, at in sorted(used.items()):
                    await tokens.used(token_id, at)
            await work.commit()
        except DomainError as error:
            await work.rollback()
            log.debug("could not write when tokens were used: %s", error.code)
        except BaseException:
            await work.rollback()
            raise


def _known(token: AccessToken, user: User) -> _Known:
    if user.state is not UserState.ACTIVE:
        raise Unauthenticated("This account is suspended.", code="user_suspended")
    if token.ended_at is not None:
        raise Unauthenticated("The token was ended.", code="token_ended")
    actor = Actor(
        user.id, workspace_id=token.workspace_id, is_admin=user.is_admin, token_id=token.id,
        scopes=frozenset(token.scopes),
    )  # fmt: skip
    return _Known(actor, token.digest, token.expires_at or FOREVER, token.last_used_at)
