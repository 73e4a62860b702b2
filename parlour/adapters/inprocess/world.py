"""Time, ids, and traces that go nowhere."""

import secrets
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from ...application.kernel.uow import LoggedEvent

UNWATCHED: AbstractContextManager[None] = nullcontext()


class SystemClock:
    """`Clock` of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Alone:
    """`Leadership` and `Notices` where there is one instance."""

    async def lead(self, what: str) -> bool:
        return True

    async def close(self) -> None:
        """There is nobody else."""

    async def new(self) -> list[LoggedEvent]:
        return []


class RandomIds:
    """`Ids` by version 7 and the system's randomness."""

    def new(self) -> UUID:
        return uuid7()

    def secret(self) -> bytes:
        return secrets.token_bytes(32)


class NoTelemetry:
    """`Telemetry` that watches nothing."""

    def use_case(self, name: str, request_id: str) -> AbstractContextManager[None]:
        return UNWATCHED
