"""Proofs in SQL."""

from datetime import datetime

import attrs

from ...domain.identity.proof import Proof, Purpose
from .db import Db
from .loader import load

SQL = load("proofs")


class SqlProofs:
    """`Proofs` in SQL."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def add(self, proof: Proof) -> None:
        columns = attrs.asdict(proof, recurse=False)
        await self._db.run(SQL.add, **columns)
        left = {"user_id": proof.user_id, "purpose": proof.purpose, "id": proof.id}
        await self._db.run(SQL.end_others, **left, now=proof.created_at)

    async def good(self, digest: bytes, purpose: Purpose, now: datetime) -> bool:
        return await self._db.value(SQL.good, digest=digest, purpose=purpose, now=now) is not None

    async def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Proof | None:
        return await self._db.row(SQL.take, Proof, digest=digest, purpose=purpose, now=now)

    async def forget_expired(self, before: datetime) -> int:
        return await self._db.run(SQL.forget, before=before)
