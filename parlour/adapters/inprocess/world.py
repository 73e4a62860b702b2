"""Time, ids, and traces that go nowhere."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


class SystemClock:
    """`Clock` of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """`Ids` by version 7 and the system's randomness."""

    def new(self) -> UUID:
        return uuid7()

    def secret(self) -> bytes:
        return secrets.token_bytes(32)


class NoTelemetry:
    """`Telemetry` that watches nothing."""

    @contextmanager
    def use_case(self, name: str, request_id: str) -> Iterator[None]:
        yield
