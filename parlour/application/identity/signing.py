"""How sessions begin, and who a token stands for."""

from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen

from ...domain.identity.events import SessionEnded
from ...domain.identity.ports import Sessions, Tickets, Users
from ...domain.identity.session import Session
from ...domain.identity.user import User, UserState
from ...domain.kernel.errors import Forbidden, NotFound, Unauthenticated
from ...domain.kernel.ids import SessionId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ..kernel.actor import Actor, Call
from ..kernel.digest import digest_of
from ..kernel.ports import Claims, Clock, Ids, Tokens
from ..kernel.uow import Store, UnitOfWork
from ..kernel.wiring import Scoped
from ..workspaces.views import WorkspaceView
from .bearers import Bearers
from .views import TokensView, UserView

REMEMBERED = 100_000


@frozen
class Lifetimes:
    """How long tokens are good for, in seconds."""

    access: int = 900
    session: int = 30 * 24 * 3600
    ticket: int = 30


@frozen
class SignInRules:
    """What this instance lets people do. `first_is_admin`: the first user to sign up administers the instance."""

    open_sign_up: bool = True
    first_is_admin: bool = False


def new_session(
    ids: Ids, user_id: UserId, workspace_id: WorkspaceId | None, call: Call, now: datetime, life: Lifetimes
) -> Session:
    """A session of the device that this call came from."""
    return Session(
        id=SessionId(ids.new()),
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=life.session),
        workspace_id=workspace_id,
        address=call.address,
        agent=_kept(call.agent[:255]) if call.agent else None,
    )


def _kept(said: str) -> str:
    """What a device says of itself, without what no store keeps: it is shown, and nothing depends on it."""
    return said.encode("utf-8", "replace").decode().replace("\0", "")


def tokens_for(
    user: User, session: Session, workspace: WorkspaceView | None, tokens: Tokens, now: datetime, life: Lifetimes
) -> TokensView:
    """The answer to whoever signed up, in, or renewed."""
    expires_at = min(now + timedelta(seconds=life.access), session.expires_at)
    return TokensView(
        user=UserView.of(user, email=True),
        workspace=workspace,
        access_token=tokens.access(user.id, session.id, now, expires_at),
        refresh_token=tokens.refresh(session.id, session.generation),
        expires_in=int((expires_at - now).total_seconds()),
        session_id=session.id,
    )


def check_active(user: User) -> None:
    """Only an active user comes in."""
    if user.state is not UserState.ACTIVE:
        raise Forbidden("This account is suspended.", code="user_suspended")


async def own_user(users: Users, actor: Actor) -> User:
    """The acting user; `NotFound` where the host keeps the users."""
    user = await users.get(actor.known)
    if user is None:
        raise NotFound("Your account is not kept here.")
    return user


async def close_session(uow: UnitOfWork, sessions: Sessions, session: Session, reason: str, now: datetime) -> None:
    """End a session and say so; nothing happens when it is over already."""
    if session.ended_at is None:
        await sessions.save(session.ended(now))
        await uow.record(Stream.of_user(session.user_id), SessionEnded(session.id, reason))


@frozen
class _Known:
    """What is cached of a session."""

    actor: Actor
    expires_at: datetime


class Authenticator:
    """Who a token or a session stands for. Sessions are read once, then cached until something about them changes."""

    def __init__(
        self, store: Store, users: Scoped, sessions: Scoped, tickets: Scoped, tokens: Tokens, clock: Clock,
        bearers: Bearers,
    ) -> None:  # fmt: skip
        self._store, self._users, self._sessions, self._tickets = store, users, sessions, tickets
        self.bearers = bearers
        self._tokens, self._clock = tokens, clock
        self._generation = 0
        self._verified: dict[str, Claims] = {}
        self._known: dict[UUID, _Known] = {}
        self._of_user: dict[UserId, set[UUID]] = {}

    async def actor(self, token: str) -> tuple[Actor, datetime]:
        """The actor of an access token, a session's or a personal one, and when the token expires; `Unauthenticated` when
        it is worth nothing."""
        if self.bearers.meant(token):
            return await self.bearers.actor(token)
        now = self._clock.now()
        claims = self._verified.get(token)
        if claims is None:
            claims = self._tokens.read_access(token, now)
            if len(self._verified) >= REMEMBERED:
                self._verified.clear()
            self._verified[token] = claims
        if now >= claims.expires_at:
            self._verified.pop(token, None)
            raise Unauthenticated("The access token has expired; refresh it.", code="token_expired")
        return await self.session_actor(claims.session_id), claims.expires_at

    async def again(self, actor: Actor) -> Actor:
        """The actor as they are now, see `Credentials`."""
        if actor.token_id is not None:
            return await self.bearers.again(actor.token_id)
        return await self.session_actor(actor.session_id) if actor.session_id is not None else actor

    async def session_actor(self, session_id: UUID) -> Actor:
        """The actor of a session as it is now; `Unauthenticated` when it is over or its user may not act."""
        known = self._known.get(session_id) or await self._read(SessionId(session_id))
        if self._clock.now() >= known.expires_at:
            raise Unauthenticated("The session is over; sign in again.", code="session_ended")
        return known.actor

    async def _read(self, session_id: SessionId) -> _Known:
        generation = self._generation
        async with self._store.snapshot() as snapshot:
            sessions: Sessions = self._sessions.make(snapshot)
            users: Users = self._users.make(snapshot)
            session = await sessions.get(session_id)
            user = await users.get(session.user_id) if session is not None else None
        if session is None or session.ended_at is not None or user is None:
            raise Unauthenticated("The session is over; sign in again.", code="session_ended")
        if user.state is not UserState.ACTIVE:
            raise Unauthenticated("This account is suspended.", code="user_suspended")
        known = _Known(Actor(user.id, session_id, session.workspace_id, user.is_admin), session.expires_at)
        if generation == self._generation:  # otherwise something changed while it was read
            if len(self._known) >= REMEMBERED:
                self._known.clear()
                self._of_user.clear()
            self._known[session_id] = known
            self._of_user.setdefault(user.id, set()).add(session_id)
        return known

    async def by_ticket(self, ticket: str, life: Lifetimes) -> tuple[Actor, datetime]:
        """The actor of a ticket, which is spent by this, and until when that is good."""
        now, work = self._clock.now(), self._store.unit()
        async with work:
            tickets: Tickets = self._tickets.make(work)
            session_id = await tickets.take(digest_of(ticket), now)
        await work.commit()
        if session_id is None:
            raise Unauthenticated("The ticket is not valid, or was used.", code="invalid_ticket")
        actor = await self.session_actor(session_id)
        ends = self._known[session_id].expires_at if session_id in self._known else now
        return actor, min(now + timedelta(seconds=life.access), ends)

    def forget_session(self, session_id: SessionId) -> None:
        """A session has changed: it is read again when next needed."""
        self._generation += 1
        known = self._known.pop(session_id, None)
        if known is not None and known.actor.user_id is not None:
            self._of_user.get(known.actor.user_id, set()).discard(session_id)

    def forget_user(self, user_id: UserId) -> None:
        """Something about a user has changed: all their sessions and tokens are read again."""
        self.bearers.forget_user(user_id)
        self._generation += 1
        for session_id in self._of_user.pop(user_id, ()):
            self._known.pop(session_id, None)
