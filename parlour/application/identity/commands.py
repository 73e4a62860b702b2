"""Signing up, in and out; passwords and profiles."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from attrs import evolve, field, frozen

from ...domain.identity.events import ProfileUpdated, SignedUp
from ...domain.identity.ports import Sessions, Tickets, Users
from ...domain.identity.session import Refresh as Worth
from ...domain.identity.user import Status, checked_password, email_of, new_user, username_of
from ...domain.kernel.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated, invalid
from ...domain.kernel.ids import SessionId, UserId, WorkspaceId
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ..kernel.actor import Actor, Call
from ..kernel.catalogue import Change, Command, Failed
from ..kernel.constraints import Aware, Length, Name, Pattern, Printable
from ..kernel.digest import digest_of
from ..kernel.ports import Clock, Ids, Passwords, Tokens
from ..kernel.uow import UnitOfWork
from ..workspaces.views import WorkspaceReader
from .signing import Lifetimes, SignInRules, check_active, close_session, new_session, own_user, tokens_for
from .views import Done, TicketView, TokensView, UserView

Login = Annotated[str, Length(1, 254), Printable()]
Password = Annotated[str, Length(1, 1024)]
AvatarUrl = Annotated[str, Length(1, 2000), Pattern(r"https?://[^\s<>\"']+", "a web address, http or https")]


@frozen
class StatusInput:
    """A status: what is shown beside the name, until when."""

    text: Name
    emoji: Annotated[str, Length(1, 32), Printable()] | None = None
    until: Annotated[datetime, Aware()] | None = None


@frozen
class SignUp(Command[TokensView]):
    """Make an account, with a personal workspace, and sign in.

    A username has 2 to 64 characters and looks like no other; a password 8 to 128 bytes.
    """

    username: Annotated[str, Length(2, 64)]
    email: Annotated[str, Length(3, 254)]
    password: Password
    name: Name | None = None


async def sign_up(
    command: SignUp, call: Call, uow: UnitOfWork, users: Users, sessions: Sessions, workspaces: WorkspaceReader,
    passwords: Passwords, tokens: Tokens, clock: Clock, ids: Ids, rules: SignInRules, life: Lifetimes,
) -> TokensView:  # fmt: skip
    if not (rules.open_sign_up or call.actor.system or call.actor.is_admin):
        raise Forbidden("Accounts are made by the administrators here.", code="sign_up_closed")
    username_of(command.username), email_of(command.email)
    hashed = await passwords.hash(checked_password(command.password))
    now, workspace_id = clock.now(), WorkspaceId(ids.new())
    async with uow:
        admin = rules.first_is_admin and not await users.any()
        fresh = new_user(UserId(ids.new()), command.username, command.email, command.name, hashed, now, admin=admin)
        user = evolve(fresh, workspace_id=workspace_id)
        await users.add(user)
        signed_up = SignedUp(user.id, user.username, user.name, workspace_id)
        await uow.record(Stream.of_user(user.id), signed_up)
        session = new_session(ids, user.id, workspace_id, call, now, life)
        await sessions.add(session, user.version)
        workspace = await workspaces.workspace(workspace_id, user.id)
    return tokens_for(user, session, workspace, tokens, now, life)


@frozen
class SignIn(Command[TokensView]):
    """Sign in with a username or an e-mail address, and a password: exactly one of `login` (either name), `username` and
    `email`.
    """

    login: Login | None = None
    username: Login | None = None
    email: Login | None = None
    password: Password = field(kw_only=True)

    @property
    def name(self) -> str:
        """Who signs in; refused when nobody, or more than one, is named."""
        given = {n: v for n in ("login", "username", "email") if (v := getattr(self, n)) is not None}
        if not given:
            raise invalid("login", "required", "Name who signs in: by login, username or email.")
        first, *others = given
        if others:
            raise Invalid(*(Fault(f"/{n}", "named_twice", f"The {first} names who signs in already.") for n in others))
        return str(given[first])


async def sign_in(
    command: SignIn, call: Call, uow: UnitOfWork, users: Users, sessions: Sessions, workspaces: WorkspaceReader,
    passwords: Passwords, tokens: Tokens, clock: Clock, ids: Ids, life: Lifetimes,
) -> TokensView:  # fmt: skip
    user = await users.by_login(folded(command.name))
    right = await passwords.verify(command.password, user.password_hash if user is not None else None)
    if user is None or not right:
        raise Unauthenticated("The name or the password is wrong.", code="wrong_credentials")
    check_active(user)
    fresh = await passwords.hash(command.password) if passwords.stale(user.password_hash) else None
    now = clock.now()
    session = new_session(ids, user.id, user.workspace_id, call, now, life)
    async with uow:
        if fresh is not None:
            user = await users.save(evolve(user, password_hash=fresh))
        await sessions.add(session, user.version)
        workspace = await workspaces.workspace(user.workspace_id, user.id) if user.workspace_id else None
    return tokens_for(user, session, workspace, tokens, now, life)


@frozen
class Refresh(Command[TokensView]):
    """Trade a refresh token for a fresh pair. Each is good once; one that comes a second time ends its whole session."""

    refresh_token: Annotated[str, Length(1, 1024)]


async def refresh(
    command: Refresh, uow: UnitOfWork, users: Users, sessions: Sessions, workspaces: WorkspaceReader,
    tokens: Tokens, clock: Clock, life: Lifetimes,
) -> TokensView | Failed:  # fmt: skip
    session_id, generation = tokens.read_refresh(command.refresh_token)
    now, refused = clock.now(), None
    async with uow:
        session = await sessions.get(SessionId(session_id))
        user = await users.get(session.user_id) if session is not None else None
        if session is None or user is None:
            raise Unauthenticated("The session is over; sign in again.", code="session_ended")
        check_active(user)
        match session.presented(generation, now):
            case Worth.EXPIRED:
                refused = "session_ended"
            case Worth.REUSED:
                refused = "refresh_reused"
                await close_session(uow, sessions, session, "refresh_reused", now)
            case Worth.ROTATE:
                session = session.rotated(now)
                await sessions.save(session)
        workspace = await workspaces.workspace(session.workspace_id, user.id) if session.workspace_id else None
    if refused is not None:
        return Failed(Unauthenticated("The session is over; sign in again.", code=refused))
    return tokens_for(user, session, workspace, tokens, now, life)


@frozen
class SignOut(Command[Done]):
    """End this session: its tokens are refused and its sockets closed."""


async def sign_out(command: SignOut, actor: Actor, uow: UnitOfWork, sessions: Sessions, clock: Clock) -> Done:
    async with uow:
        session = await sessions.get(actor.session_id) if actor.session_id is not None else None
        if session is not None:
            await close_session(uow, sessions, session, "signed_out", clock.now())
    return Done()


@frozen
class EndSession(Command[Done]):
    """End one of one's own sessions, on a lost device for example."""

    session_id: SessionId


async def end_session(command: EndSession, actor: Actor, uow: UnitOfWork, sessions: Sessions, clock: Clock) -> Done:
    async with uow:
        session = await sessions.get(command.session_id)
        if session is None or session.user_id != actor.known or session.ended_at is not None:
            raise NotFound("You have no such session.")
        await close_session(uow, sessions, session, "ended_elsewhere", clock.now())
    return Done()


@frozen
class ChangePassword(Command[Done]):
    """Take a new password. All other sessions end."""

    current_password: Password
    new_password: Password


async def change_password(
    command: ChangePassword, actor: Actor, uow: UnitOfWork, users: Users, sessions: Sessions, passwords: Passwords,
    clock: Clock,
) -> Done:  # fmt: skip
    checked_password(command.new_password, "new_password")
    user = await own_user(users, actor)
    if not await passwords.verify(command.current_password, user.password_hash):
        raise Forbidden("The current password is wrong.", code="wrong_password")
    hashed, now = await passwords.hash(command.new_password), clock.now()
    async with uow:
        await users.save(evolve(user, password_hash=hashed, updated_at=now))
        for session in await sessions.open_of(user.id):
            if session.id != actor.session_id:
                await close_session(uow, sessions, session, "password_changed", now)
    return Done()


@frozen
class UpdateProfile(Change[UserView]):
    """Change what others see of oneself: the name, the picture, the status. What is not sent stays."""

    name: Name | None = None
    avatar_url: AvatarUrl | None = None
    status: StatusInput | None = None
    fields: frozenset[str] = frozenset()


async def update_profile(command: UpdateProfile, actor: Actor, uow: UnitOfWork, users: Users, clock: Clock) -> UserView:
    if "name" in command.fields and command.name is None:
        raise invalid("name", "required", "A name can be changed, not removed.")
    async with uow:
        user = await own_user(users, actor)
        changed = evolve(user, updated_at=clock.now(), **_changes(command))
        await users.save(changed)
        shown = ProfileUpdated(changed.id, changed.name, changed.avatar_url, changed.status)
        await uow.record(Stream.of_user(changed.id), shown)
    return UserView.of(changed, email=True)


def _changes(command: UpdateProfile) -> dict[str, Any]:
    changes: dict[str, Any] = {n: getattr(command, n) for n in command.fields & {"name", "avatar_url"}}
    if "status" in command.fields:
        s = command.status
        changes["status"] = Status(s.text, s.emoji, s.until) if s is not None else None
    return changes


@frozen
class CreateTicket(Command[TicketView]):
    """A ticket to open one socket with, instead of putting a token into its address."""


async def create_ticket(
    command: CreateTicket, actor: Actor, uow: UnitOfWork, tickets: Tickets, clock: Clock, ids: Ids, life: Lifetimes
) -> TicketView:
    if actor.session_id is None:
        raise Forbidden("Only a signed-in session can open sockets.", code="no_session")
    secret = ids.secret().hex()
    async with uow:
        expires_at = clock.now() + timedelta(seconds=life.ticket)
        await tickets.add(digest_of(secret), actor.session_id, expires_at)
    return TicketView(secret, life.ticket)
