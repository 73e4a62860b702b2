"""What administrators of the instance do: look after accounts and sessions."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from attrs import evolve, frozen

from ...domain.identity.events import AdminChanged, UserStateChanged
from ...domain.identity.ports import AccessTokens, Sessions, Users
from ...domain.identity.user import User, UserState
from ...domain.kernel.errors import Conflict, NotFound
from ...domain.kernel.ids import SessionId, UserId
from ...domain.kernel.permissions import Permission
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ..kernel.actor import Actor
from ..kernel.authorizer import InstanceFacts, Policy, require
from ..kernel.catalogue import Command, Query
from ..kernel.constraints import Length, Printable
from ..kernel.page import Cursor, Limit, Page
from ..kernel.ports import Clock
from ..kernel.uow import UnitOfWork
from .signing import close_session
from .tokens import close_token
from .views import Done, SessionView, UserReader, UserView

Login = Annotated[str, Length(1, 254), Printable()]


async def check_administrator(policy: Policy, actor: Actor, users: Users) -> None:
    """The right to administer the instance, as it is in this moment."""
    await _check(policy, actor, users)


async def _check(policy: Policy, actor: Actor, users: Users) -> None:
    """The right to look, as it is in this moment."""
    _require(policy, actor, await users.get(actor.user_id) if actor.user_id is not None else None)


async def _check_to_act(policy: Policy, actor: Actor, users: Users) -> None:
    """The right as it stays until this unit has ended: of two administrators who dismiss each other, one is too late."""
    _require(policy, actor, await users.held(actor.user_id) if actor.user_id is not None else None)


def _require(policy: Policy, actor: Actor, user: User | None) -> None:
    if user is not None:
        actor = evolve(actor, is_admin=user.is_admin and user.state is UserState.ACTIVE)
    require(policy, actor, Permission.INSTANCE_ADMINISTER, InstanceFacts(), "")


async def _user(users: Users, user_id: UserId) -> User:
    user = await users.get(user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


async def _called(users: Users, login: str) -> User:
    """The user called so; an id is looked up when it is nobody's name."""
    user = await users.by_login(folded(login))
    if user is None:
        with suppress(ValueError):
            user = await users.get(UserId(UUID(login)))
    if user is None:
        raise NotFound("There is no such user.")
    return user


@frozen
class SuspendUser(Command[UserView]):
    """Suspend an account: it is refused everywhere, its sessions and tokens end and its sockets are closed."""

    user_id: UserId


async def suspend_user(
    command: SuspendUser, actor: Actor, uow: UnitOfWork, users: Users, sessions: Sessions, tokens: AccessTokens,
    policy: Policy, clock: Clock,
) -> UserView:  # fmt: skip
    now = clock.now()
    async with uow:
        await _check_to_act(policy, actor, users)
        user = await _user(users, command.user_id)
        if user.id == actor.user_id:
            raise Conflict("You cannot suspend yourself.", code="oneself")
        if user.state is UserState.ACTIVE:
            user = user.with_state(UserState.SUSPENDED, now)
            await users.save(user)
            await uow.record(Stream.of_user(user.id), UserStateChanged(user.id, user.state))
        for session in await sessions.open_of(user.id):
            await close_session(uow, sessions, session, "user_suspended", now)
        for token in await tokens.open_of(user.id):
            await close_token(uow, tokens, token, "user_suspended", now)
    return UserView.of(user, email=True)


@frozen
class ReactivateUser(Command[UserView]):
    """Let a suspended account in again."""

    user_id: UserId


async def reactivate_user(
    command: ReactivateUser, actor: Actor, uow: UnitOfWork, users: Users, policy: Policy, clock: Clock
) -> UserView:
    async with uow:
        await _check_to_act(policy, actor, users)
        user = await _user(users, command.user_id)
        if user.state is UserState.SUSPENDED:
            user = user.with_state(UserState.ACTIVE, clock.now())
            await users.save(user)
            await uow.record(Stream.of_user(user.id), UserStateChanged(user.id, user.state))
    return UserView.of(user, email=True)


@frozen
class SetAdmin(Command[UserView]):
    """Make a user, named by username, e-mail address or id, an administrator of the instance, or one no longer."""

    login: Login
    is_admin: bool = True


async def set_admin(
    command: SetAdmin, actor: Actor, uow: UnitOfWork, users: Users, policy: Policy, clock: Clock
) -> UserView:
    async with uow:
        await _check_to_act(policy, actor, users)
        user = await _called(users, command.login)
        if user.id == actor.user_id and not command.is_admin:
            raise Conflict("Let another administrator do that.", code="oneself")
        if user.is_admin != command.is_admin:
            user = evolve(user, is_admin=command.is_admin, updated_at=clock.now())
            await users.save(user)
            await uow.record(Stream.of_user(user.id), AdminChanged(user.id, user.is_admin))
    return UserView.of(user, email=True)


@frozen
class EndUserSession(Command[Done]):
    """End a session of any user."""

    session_id: SessionId


async def end_user_session(
    command: EndUserSession,
    actor: Actor,
    uow: UnitOfWork,
    users: Users,
    sessions: Sessions,
    policy: Policy,
    clock: Clock,
) -> Done:
    async with uow:
        await _check_to_act(policy, actor, users)
        session = await sessions.get(command.session_id)
        if session is None:
            raise NotFound("There is no such session.")
        await close_session(uow, sessions, session, "ended_by_admin", clock.now())
    return Done()


@frozen
class FindUser(Query[UserView]):
    """A user, named by username, e-mail address or id."""

    login: Login


async def find_user(query: FindUser, actor: Actor, users: Users, policy: Policy) -> UserView:
    await _check(policy, actor, users)
    return UserView.of(await _called(users, query.login), email=True)


@frozen
class ListAllUsers(Query[Page[UserView]]):
    """Every account of the instance, by username, with e-mail addresses."""

    cursor: Cursor | None = None
    limit: Limit = 50


async def list_all_users(
    query: ListAllUsers, actor: Actor, users: Users, policy: Policy, reader: UserReader
) -> Page[UserView]:
    await _check(policy, actor, users)
    return await reader.all_users(query.cursor, query.limit)


@frozen
class ListUserSessions(Query[list[SessionView]]):
    """The open sessions of any user."""

    user_id: UserId


async def list_user_sessions(
    query: ListUserSessions, actor: Actor, users: Users, policy: Policy, sessions: Sessions
) -> list[SessionView]:
    await _check(policy, actor, users)
    return [SessionView.of(s, actor) for s in await sessions.open_of(query.user_id)]
