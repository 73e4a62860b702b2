"""Personal access tokens in SQL."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from ...domain.identity.access_token import AccessToken
from ...domain.kernel.ids import TokenId, UserId, WorkspaceId
from ...domain.kernel.permissions import Permission
from .db import Db
from .loader import load
from .shapes import made

SQL = load("access_tokens")
KNOWN = frozenset(Permission)


def _token(row: dict[str, Any]) -> AccessToken:
    """What a token says of scopes that this version does not know counts for nothing."""
    return made(AccessToken, {**row, "scopes": [s for s in row["scopes"].split() if s in KNOWN]})


class SqlAccessTokens:
    """`AccessTokens` in SQL."""

    def __init__(self, db: Db, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    async def add(self, token: AccessToken) -> None:
        columns = attrs.asdict(token, recurse=False)
        await self._db.run(SQL.add, **{**columns, "scopes": " ".join(token.scopes)})

    async def get(self, token_id: TokenId) -> AccessToken | None:
        row = await self._db.joined(SQL.one, id=token_id)
        return _token(row) if row is not None else None

    async def by_digest(self, digest: bytes) -> AccessToken | None:
        row = await self._db.joined(SQL.by_digest, digest=digest)
        return _token(row) if row is not None else None

    async def open_of(self, user_id: UserId) -> list[AccessToken]:
        return [_token(row) for row in await self._db.joins(SQL.open_of, user_id=user_id, now=self._now())]

    async def end(self, token_id: TokenId, now: datetime) -> bool:
        return await self._db.run(SQL.end, id=token_id, now=now) > 0

    async def used(self, token_id: TokenId, now: datetime) -> None:
        await self._db.run(SQL.used, id=token_id, now=now)

    async def leave_workspace(self, workspace_id: WorkspaceId, user_id: UserId) -> None:
        await self._db.run(SQL.leave_workspace, workspace_id=workspace_id, user_id=user_id)

    async def forget_ended(self, before: datetime) -> int:
        return await self._db.run(SQL.forget, before=before)
