"""Users, sessions and tickets in SQL."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from ...application.identity.views import UserView
from ...application.kernel.page import Page
from ...application.kernel.ports import Person
from ...domain.identity.session import Session
from ...domain.identity.user import User
from ...domain.kernel.errors import Conflict, Raced
from ...domain.kernel.ids import SessionId, UserId, WorkspaceId
from .db import Db, Fetched, inserted
from .loader import load
from .pages import NOBODY, listing
from .shapes import made

SQL = load("identity")


def _user(row: dict[str, Any]) -> User:
    status = json.loads(row["status"]) if row["status"] is not None else None
    return made(User, {**row, "status": status})


def _columns(user: User) -> dict[str, Any]:
    columns = attrs.asdict(user, recurse=False)
    if user.status is not None:
        until = user.status.until.isoformat() if user.status.until else None
        columns["status"] = json.dumps({"text": user.status.text, "emoji": user.status.emoji, "until": until})
    return columns


def _user_views(found: Fetched) -> list[UserView]:
    return [UserView.of(_user(row), email=True) for row in found.dicts()]


USERS = listing(SQL, "all_users", ("username_key", "id"), ("", NOBODY), _user_views)


class SqlUsers:
    """`Users`, `UserReader`, `People` and `Names` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, user: User) -> None:
        columns = _columns(user)
        del columns["version"]
        if await self._db.run(SQL.add_user, **columns):
            return
        keys = {n: getattr(user, n) for n in ("username_key", "username_skeleton", "email_key")}
        taken = await self._db.joined(SQL.taken, **keys) or {}
        if taken.get("email_key") == user.email_key:
            raise Conflict("There is an account with this e-mail address already.", code="email_taken")
        raise Conflict("This username is taken, or looks like one that is.", code="username_taken")

    async def get(self, user_id: UserId) -> User | None:
        row = await self._db.joined(SQL.user, id=user_id)
        return _user(row) if row is not None else None

    async def held(self, user_id: UserId) -> User | None:
        row = await self._db.joined(SQL.user_held, id=user_id)
        return _user(row) if row is not None else None

    async def by_login(self, login: str) -> User | None:
        row = await self._db.joined(SQL.by_login, login=login)
        return _user(row) if row is not None else None

    async def save(self, user: User) -> User:
        if not await self._db.run(SQL.save_user, **_columns(user)):
            raise Raced("The user has changed meanwhile.")
        return attrs.evolve(user, version=user.version + 1)

    async def any(self) -> bool:
        if await self._db.value(SQL.any_user) is None:
            await self._db.alone("the first user")
            return await self._db.value(SQL.any_user) is not None
        return True

    async def all_users(self, cursor: str | None, limit: int) -> Page[UserView]:
        return await USERS.page(self._db, cursor, limit)

    async def named(self, ids: Sequence[UserId]) -> dict[UserId, Person]:
        return {p.id: p for p in await self._db.rows(SQL.people, Person, ids=list(ids))}

    async def called(self, names: Sequence[str]) -> dict[str, UserId]:
        rows = await self._db.joins(SQL.called, names=list(names))
        return {row["username_key"]: UserId(made(UUID, row["id"])) for row in rows}


class SqlSessions:
    """`Sessions` in SQL."""

    def __init__(self, db: Db, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    async def add(self, session: Session, user_version: int) -> None:
        if not await self._db.run(SQL.add_session, **inserted(session), user_version=user_version):
            raise Raced("The user has changed meanwhile.")

    async def get(self, session_id: SessionId) -> Session | None:
        return await self._db.row(SQL.session, Session, id=session_id)

    async def save(self, session: Session) -> Session:
        if not await self._db.run(SQL.save_session, **attrs.asdict(session, recurse=False)):
            raise Raced("The session has changed meanwhile.")
        return attrs.evolve(session, version=session.version + 1)

    async def open_of(self, user_id: UserId) -> list[Session]:
        return await self._db.rows(SQL.open_sessions, Session, user_id=user_id, now=self._now())

    async def forget_expired(self, before: datetime) -> int:
        return await self._db.run(SQL.forget_sessions, before=before)

    async def leave_workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        await self._db.run(SQL.leave_workspace_sessions, workspace_id=workspace_id, user_id=user_id)
        await self._db.run(SQL.leave_workspace_user, workspace_id=workspace_id, user_id=user_id)


class SqlTickets:
    """`Tickets` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, digest: bytes, session_id: SessionId, expires_at: datetime) -> None:
        await self._db.run(SQL.add_ticket, digest=digest, session_id=session_id, expires_at=expires_at)

    async def take(self, digest: bytes, now: datetime) -> SessionId | None:
        row = await self._db.joined(SQL.take_ticket, digest=digest)
        if row is None or made(datetime, row["expires_at"]) <= now:
            return None
        return SessionId(made(UUID, row["session_id"]))

    async def forget_expired(self, before: datetime) -> int:
        return await self._db.run(SQL.forget_tickets, before=before)
